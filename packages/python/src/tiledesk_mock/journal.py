"""The journal: the calls that a sandbox received and what it answered, with secrets masked."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from tiledesk_mock import clock, error


class CallFilter(TypedDict, total=False):
    """Selects calls; those that match all of it."""

    operation: str
    """Operation id, such as `create_lead`. A misspelled one raises `ControlError`."""
    method: str
    path: str
    """Glob for the path as it was sent: `*` stands for anything but a slash, `**` for anything."""
    status: int
    client: str
    """`User-Agent` of the client."""
    pointer: str
    """JSON pointer that the request body must have."""
    value: Any
    """Value that the request body must have at `pointer`."""
    after: int
    """Only calls with a greater id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: Any
    """The parsed JSON, or a text."""
    latency: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A recorded call."""

    id: int
    """Number, counted from 1."""
    at: datetime
    """When it arrived, by the clock of the sandbox."""
    operation: str | None
    """Operation id, if the path belongs to an operation."""
    method: str
    """HTTP method, or `WEBSOCKET` for a frame that the realtime API ignored."""
    path: str
    """Path and query as they were sent."""
    headers: Mapping[str, str]
    """By lower-case name."""
    body: Any
    """The parsed JSON, or a text."""
    truncated: bool
    """Whether the body was longer than what is recorded."""
    ignored: Sequence[str]
    """Query parameters that the operation does not know and that had no effect."""
    fault: str | None
    """Name of the fault that applied, or `preferred`."""
    answer: Answer | None
    """The answer, unless there was none yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Digest of a run; equal for runs with the same seed, clock and calls."""

    digest: str
    calls: int
    webhooks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a call was answered as it was."""

    id: int
    status: int
    rule: str
    """The rule that the call broke, or a remark."""
    cause: str | None
    """`caller`, `quirk` (of the API), `gap` (of the fake) or `fault`; `None` if the call was not refused."""
    errors: Sequence[error.ProblemDetail]
    """Where the rule was broken."""
    curl: str | None
    """A call that would not be refused for this reason, ready for a shell."""


class Journal:
    """The journal of a sandbox."""

    def __init__(self, call: clock.Call) -> None:
        """Use `Sandbox.journal` instead."""
        self._call = call

    def list(self, *, limit: int | None = None, **only: Unpack[CallFilter]) -> Sequence[Call]:
        """Return matching calls, oldest first; with `limit`, the latest ones."""
        page = self._call("GET", "journal", query={**_query(only), "limit": limit})
        return [parse_call(data) for data in page["calls"]]

    def count(self, **only: Unpack[CallFilter]) -> int:
        """Return how many matching calls arrived, answered or not."""
        return int(self._call("GET", "journal/count", query=_query(only))["count"])

    def wait(self, count: int = 1, *, timeout: float = 5.0, **only: Unpack[CallFilter]) -> Sequence[Call]:
        """Return matching calls as soon as `count` have arrived; after `timeout` seconds raise `WaitTimeout`."""
        query = {**_query(only), "count": count, "timeout": clock.milliseconds(timeout)}
        return [parse_call(data) for data in self._call("GET", "journal/wait", query=query, wait=timeout)["calls"]]

    def explain(self, call: Call | int) -> Explanation:
        """Explain the answer to a call: which rule it broke, where, and a call that would work."""
        number = call if isinstance(call, int) else call.id
        data = self._call("GET", f"explain/{number}")
        return Explanation(
            id=data["id"],
            status=data["status"],
            rule=data["rule"],
            cause=data.get("cause"),
            errors=[error.ProblemDetail(item["pointer"], item["detail"]) for item in data["errors"]],
            curl=data.get("curl"),
        )

    def digest(self) -> Digest:
        """Return the digest of everything since the server started, across resets."""
        data = self._call("GET", "journal/digest")
        return Digest(digest=data["digest"], calls=data["calls"], webhooks=data["webhooks"])

    def har(self, **only: Unpack[CallFilter]) -> dict[str, Any]:
        """Return the answered calls as an HTTP archive (HAR 1.2)."""
        return dict(self._call("GET", "journal/har", query=_query(only)))

    def clear(self) -> None:
        """Forget all calls."""
        self._call("DELETE", "journal")


def parse_call(data: Mapping[str, Any]) -> Call:
    """Read a call of the control API."""
    answer = data.get("answer")
    return Call(
        id=data["id"],
        at=datetime.fromisoformat(data["at"]),
        operation=data.get("operation"),
        method=data["method"],
        path=data["path"],
        headers=data["headers"],
        body=data.get("body"),
        truncated=data["truncated"],
        ignored=data.get("ignored", []),
        fault=data.get("fault"),
        answer=answer
        and Answer(
            status=answer["status"],
            headers=answer["headers"],
            body=answer.get("body"),
            latency=timedelta(microseconds=answer["latency"]),
        ),
    )


def _query(only: CallFilter) -> dict[str, Any]:
    query: dict[str, Any] = {**only}
    if "value" in only:
        # As JSON: a plain 5 would also match the number, "5" matches the text only.
        query["value"] = json.dumps(only["value"])
    return query
