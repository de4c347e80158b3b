"""The exceptions of this package."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class TiledeskMockError(Exception):
    """Base class of all exceptions of this package."""


class StartError(TiledeskMockError):
    """The server did not start. The message contains the server's own reason."""


class ServerExited(TiledeskMockError):
    """The server exited, or reported a failure when it was stopped. The message contains its last log lines."""


class Unreachable(TiledeskMockError):
    """No server responded, or the response is not from a tiledesk-mock server."""


class WrongServer(TiledeskMockError):
    """An unexpected server responded."""


@dataclass(frozen=True, slots=True)
class ProblemDetail:
    """A violation in a call to the control API."""

    pointer: str
    """JSON pointer into the body; `/query/NAME`, `/path/NAME`, or `/header/NAME` for other parts of the request."""
    detail: str
    """The expected and the actual value."""

    def __str__(self) -> str:
        return f"{self.pointer}: {self.detail}"


class ControlError(TiledeskMockError):
    """The control API rejected a call, for example because of a misspelled operation."""

    def __init__(self, status: int, title: str, errors: Sequence[ProblemDetail] = ()) -> None:
        """Build the message from the parts of a problem document (RFC 9457)."""
        self.status = status
        self.title = title
        self.errors = tuple(errors)
        super().__init__("\n  ".join([title, *map(str, self.errors)]))


class WaitTimeout(ControlError):
    """The expected calls did not arrive in time. The message lists the calls that arrived instead."""

    def __init__(self, title: str, arrived: Sequence[str]) -> None:
        """Build the message from the parts of a 408."""
        super().__init__(408, title)
        self.arrived = tuple(arrived)
        self.args = ("\n  ".join([f"{title} Arrived instead:", *(arrived or ["nothing"])]),)


def from_problem(status: int, problem: Mapping[str, Any]) -> ControlError:
    """Build the exception for a problem document."""
    if status == 408:
        return WaitTimeout(problem["title"], problem.get("arrived", []))
    details = [ProblemDetail(error["pointer"], error["detail"]) for error in problem.get("errors", [])]
    return ControlError(status, problem["title"], details)
