"""The documents of a sandbox as a whole."""

from collections.abc import Mapping
from typing import Any

from tiledesk_mock.clock import Call


class State:
    """Exports and replaces all documents of a sandbox, in the format of fixtures."""

    def __init__(self, call: Call) -> None:
        """Use `Sandbox.state` instead."""
        self._call = call

    def export(self) -> dict[str, Any]:
        """Return all documents, with secrets."""
        return dict(self._call("GET", "state"))

    def load(self, world: Mapping[str, Any]) -> None:
        """Replace all documents. An invalid world is rejected and changes nothing. A reset restores the server's fixtures."""
        self._call("PUT", "state", body=world)

    def save(self) -> int:
        """Write the documents of the default sandbox to the server's `--state` file; return the number of bytes."""
        return int(self._call("POST", "state/save")["bytes"])
