"""Starting servers."""

import contextlib
import difflib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypedDict, Unpack
from urllib.parse import urlsplit

from tiledesk_mock import program
from tiledesk_mock.clock import instant, milliseconds
from tiledesk_mock.control import Control
from tiledesk_mock.error import ServerExited, StartError, Unreachable, WrongServer
from tiledesk_mock.process import Process
from tiledesk_mock.sandbox import Sandbox

File = str | os.PathLike[str]


class Options(TypedDict, total=False):
    """Options of `start`. All but the last three are command-line options of the same name."""

    host: str
    port: int
    """Default 0: a free port."""
    fixtures: File | Mapping[str, Any]
    """World to serve: a file, a folder, or the documents themselves."""
    empty: bool
    seed: int
    clock: datetime | str
    """Time at which the clock is frozen, or `real`."""
    strict: bool
    faithful_holes: bool
    self_check: bool
    safe_csv: bool
    rate_limit: int
    journal: int
    memory: int | str
    sandbox_ttl: timedelta | str
    sandbox_required: bool
    state: File
    control_token: str
    webhooks: Literal["off", "local", "any"]
    webhooks_ca: File
    webhooks_insecure: bool
    coverage: File
    fail_under: float
    log: str
    args: Sequence[str]
    """Further command-line arguments."""
    binary: File
    """Executable to run instead of the one in the package."""
    timeout: float
    """Startup timeout in seconds (default 30)."""


class Server(Sandbox):
    """A server that this process started, and its default sandbox."""

    def __init__(self, process: Process, token: str | None) -> None:
        """Use `start` instead."""
        self._process = process
        super().__init__(Control(_reachable(process.url), token=token, exit_reason=process.exit_reason))

    @property
    def pid(self) -> int:
        """Process ID of the server."""
        return self._process.pid

    def log(self) -> str:
        """Return the last 1,000 lines that the server logged."""
        return self._process.log()

    def stop(self) -> None:
        """Shut the server down gracefully, so that it writes its `state` and `coverage` files.

        Raises `ServerExited` if it is no longer running or exits with an error, such as a coverage below `fail_under`.
        """
        self._process.stop()

    def __enter__(self) -> Self:
        """Return the server."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /) -> None:
        """Stop the server. An exception of the block takes precedence over one of the server."""
        with contextlib.suppress(ServerExited) if error is not None else contextlib.nullcontext():
            self.stop()


def start(**options: Unpack[Options]) -> Server:
    """Start a server, wait until it is ready, and return it. Use it as a context manager, or call `stop`.

    Raises `StartError` with the server's own reason if it does not start, or if another server responds at its address. The
    server stops when this process ends, even if it is killed. Options that are not given are read from the environment, as with
    the command (`TILEDESK_MOCK_STRICT=true`).
    """
    _check(options)
    given: dict[str, Any] = {"port": 0, **options}
    executable = str(given.pop("binary", None) or program.find())
    timeout: float = given.pop("timeout", 30.0)
    further = [str(argument) for argument in given.pop("args", ())]
    with _world(given):
        arguments = [argument for name, value in given.items() for argument in _argument(name, value)]
        process = Process([executable, *arguments, *further], timeout=timeout)
    if process.instance is not None:
        _recognize(process, process.instance)
    return Server(process, options.get("control_token") or os.environ.get("TILEDESK_MOCK_CONTROL_TOKEN"))


def _check(options: Options) -> None:
    for name in options:
        if name not in Options.__annotations__:
            close = difflib.get_close_matches(name, Options.__annotations__, n=1)
            raise TypeError(f"unknown option {name!r}" + (f"; did you mean {close[0]!r}?" if close else ""))


@contextlib.contextmanager
def _world(options: dict[str, Any]) -> Iterator[None]:
    """Write fixtures that were passed as a dictionary to a temporary file while the server starts."""
    if not isinstance(options.get("fixtures"), Mapping):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="tiledesk-mock-") as folder:
        file = Path(folder) / "world.json"
        file.write_text(json.dumps(options["fixtures"]), encoding="utf-8")
        options["fixtures"] = file
        yield


def _argument(name: str, value: object) -> list[str]:
    option = f"--{name.replace('_', '-')}"
    match value:
        case None | False:
            return []
        case True:
            return [option]
        case datetime():
            return [option, instant(value)]
        case timedelta():
            return [option, f"{milliseconds(value)}ms"]
        case _:
            return [option, os.fspath(value) if isinstance(value, os.PathLike) else str(value)]


def _recognize(process: Process, instance: str) -> None:
    # Health checks may always use plain HTTP, so the certificate does not matter.
    url = _reachable(process.url).replace("https://", "http://")
    try:
        Control(url, exit_reason=process.exit_reason).recognize(instance)
    except (ServerExited, Unreachable, WrongServer) as error:
        with contextlib.suppress(ServerExited):
            process.stop()
        raise StartError(str(error)) from None


def _reachable(url: str) -> str:
    """Replace the unspecified address, to which clients cannot connect on every platform, with the loopback address."""
    host = urlsplit(url).hostname
    return url.replace("//0.0.0.0", "//127.0.0.1") if host == "0.0.0.0" else url.replace("//[::]", "//[::1]")  # noqa: S104
