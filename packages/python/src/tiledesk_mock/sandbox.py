"""A sandbox: an isolated copy of the API with its own documents, clock, faults, journal, and webhooks."""

import os
import ssl
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from tiledesk_mock.clock import Clock
from tiledesk_mock.control import Control
from tiledesk_mock.error import Unreachable
from tiledesk_mock.fault import Faults
from tiledesk_mock.journal import Journal
from tiledesk_mock.snapshot import Snapshot
from tiledesk_mock.state import State
from tiledesk_mock.webhook import Inbox, Webhooks

DEFAULT = "default"


class Sandbox:
    """Controls one sandbox of a server. Instances hold no connection and can be shared by threads."""

    def __init__(self, control: Control, name: str = DEFAULT) -> None:
        """Use `start`, `connect`, `Sandbox.sandbox`, or the pytest fixture `tiledesk` instead."""
        self._control = control
        self.name = name
        self.url = control.origin if name == DEFAULT else f"{control.origin}/_sandbox/{quote(name, safe='')}"
        """Base URL of the API in this sandbox, to which clients append `/v3/…`."""
        self.clock = Clock(self._call)
        self.faults = Faults(self._call)
        self.journal = Journal(self._call)
        self.state = State(self._call)
        self.webhooks = Webhooks(self._call)

    def reset(self) -> None:
        """Restore the server's fixtures, clock, and seed. Faults, journal, and webhooks are cleared; snapshots are kept."""
        self._call("POST", "reset")

    def seed(self, seed: int) -> None:
        """Set the seed for IDs and random choices, until the next reset."""
        self._call("PUT", "seed", body={"seed": seed})

    def inbox(self, name: str) -> Inbox:
        """Return a webhook receiver inside the server, with any name."""
        return Inbox(self._call, self.url, name)

    def snapshot(self, name: str) -> Snapshot:
        """Take a snapshot of all documents. It replaces an earlier one of the same name."""
        return Snapshot(self._call, self._call("POST", f"snapshots/{quote(name, safe='')}"))

    def snapshots(self) -> Sequence[Snapshot]:
        """Return the snapshots of the sandbox."""
        return [Snapshot(self._call, data) for data in self._call("GET", "snapshots")["snapshots"]]

    def sandbox(self, name: str) -> "Sandbox":
        """Return another sandbox of the same server. It is created on first use."""
        return Sandbox(self._control, name)

    def restart(self, *, snapshot: Snapshot | str | None = None, source: "Sandbox | str | None" = None) -> None:
        """Restart the sandbox from the server's fixtures, a `snapshot`, or the state of a `source` sandbox.

        With both, the snapshot is one of the source. Unlike a reset, this also drops the snapshots and the digest.
        """
        body = {
            "snapshot": snapshot.name if isinstance(snapshot, Snapshot) else snapshot,
            "sandbox": source.name if isinstance(source, Sandbox) else source,
        }
        self._control.call("PUT", f"sandboxes/{quote(self.name, safe='')}", body=body)

    def delete(self) -> None:
        """Delete the sandbox and everything in it. The default one cannot be deleted."""
        self._control.call("DELETE", f"sandboxes/{quote(self.name, safe='')}")

    def coverage(self) -> dict[str, Any]:
        """Return the coverage of the documented operations since the server started, in all sandboxes."""
        return dict(self._call("GET", "coverage"))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r} at {self.url}>"

    def _call(self, method: str, path: str, **options: Any) -> Any:
        __tracebackhide__ = True
        return self._control.call(method, path, sandbox=None if self.name == DEFAULT else self.name, **options)


def connect(
    url: str,
    *,
    sandbox: str = DEFAULT,
    control_token: str | None = None,
    instance: str | None = None,
    timeout: float = 10.0,
    context: ssl.SSLContext | None = None,
) -> Sandbox:
    """Connect to a server that is already running, such as a container, and wait until it responds.

    `control_token` defaults to the environment variable `TILEDESK_MOCK_CONTROL_TOKEN`; `context` verifies the certificate of an
    HTTPS server. `instance` is the ID of the expected server, as printed when it starts, and defaults to the environment
    variable `TILEDESK_MOCK_INSTANCE`. Raises `WrongServer` if another one responds.
    """
    token = control_token or os.environ.get("TILEDESK_MOCK_CONTROL_TOKEN")
    expected = instance or os.environ.get("TILEDESK_MOCK_INSTANCE")
    control = Control(url, token=token, context=context)
    client = Sandbox(control, sandbox)
    deadline = time.monotonic() + timeout
    while True:
        try:
            if expected:
                control.recognize(expected)
            client.clock.now()
        except Unreachable as error:
            if time.monotonic() > deadline:
                raise Unreachable(f"no server responded within {timeout:g} s: {error}") from error
            time.sleep(0.1)
        else:
            return client
