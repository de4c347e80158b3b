"""The exceptions that this package raises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class TiledeskMockError(Exception):
    """Base class of all exceptions of this package."""


class StartError(TiledeskMockError):
    """The server did not start. The message holds the server's own reason."""


class ServerExited(TiledeskMockError):
    """The server stopped running, or it reported a failure when it was stopped. The message holds its last log lines."""


class Unreachable(TiledeskMockError):
    """No server answered, or what answered is not a tiledesk-mock server."""


class WrongServer(TiledeskMockError):
    """Another server than the expected one responded."""


@dataclass(frozen=True, slots=True)
class ProblemDetail:
    """One thing that is wrong with a call of the control API."""

    pointer: str
    """JSON pointer into the body; `/query/NAME`, `/path/NAME` or `/header/NAME` outside of it."""
    detail: str
    """What was expected and what was found."""

    def __str__(self) -> str:
        return f"{self.pointer}: {self.detail}"


class ControlError(TiledeskMockError):
    """The control API refused a call, for example because of a misspelled operation."""

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
