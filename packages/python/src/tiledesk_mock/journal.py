"""The journal: the calls that a sandbox received, and their responses, with secrets masked."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from tiledesk_mock import clock, error


class CallFilter(TypedDict, total=False):
    """Selects the calls that match every field."""

    operation: str
    """Operation ID, such as `create_lead`. A misspelled one raises `ControlError`."""
    method: str
    path: str
    """Glob for the path as sent: `*` matches within a segment, `**` across segments."""
    status: int
    client: str
    """`User-Agent` of the client."""
    pointer: str
    """JSON pointer that the request body must have."""
    value: Any
    """Value that the request body must have at `pointer`."""
    after: int
    """Only calls with a greater ID."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response."""

    status: int
    headers: Mapping[str, str]
    """Headers by lower-case name."""
    body: Any
    """Parsed JSON, or a string."""
    latency: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A recorded call."""

    id: int
    """Number of the call in its sandbox (1-based)."""
    at: datetime
    """Time of arrival, according to the clock of the sandbox."""
    operation: str | None
    """Operation ID, if the path belongs to an operation."""
    method: str
    """HTTP method, or `WEBSOCKET` for a frame that the realtime API ignored."""
    path: str
    """Path and query as sent."""
    headers: Mapping[str, str]
    """Headers by lower-case name."""
    body: Any
    """Parsed JSON, or a string."""
    truncated: bool
    """Whether the recorded body is truncated."""
    ignored: Sequence[str]
    """Query parameters that the operation does not define. They had no effect."""
    fault: str | None
    """Name of the applied fault, or `preferred`."""
    answer: Answer | None
    """The response, or `None` while the call is in flight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Digest of a run; equal for runs with the same seed, clock, and calls."""

    digest: str
    calls: int
    webhooks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a call got its response."""

    id: int
    status: int
    rule: str
    """The violated rule, or a remark."""
    cause: str | None
    """`caller`, `quirk` (of the API), `gap` (of the fake), or `fault`; `None` if the call was not rejected."""
    errors: Sequence[error.ProblemDetail]
    """Locations of the violations."""
    curl: str | None
    """A corrected call, ready for a shell."""


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
        """Return the number of matching calls, including calls in flight."""
        return int(self._call("GET", "journal/count", query=_query(only))["count"])

    def wait(self, count: int = 1, *, timeout: float = 5.0, **only: Unpack[CallFilter]) -> Sequence[Call]:
        """Wait for `count` matching calls and return them; raise `WaitTimeout` after `timeout` seconds."""
        query = {**_query(only), "count": count, "timeout": clock.milliseconds(timeout)}
        return [parse_call(data) for data in self._call("GET", "journal/wait", query=query, wait=timeout)["calls"]]

    def explain(self, call: Call | int) -> Explanation:
        """Explain the response to a call: the violated rule, the location, and a corrected call."""
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
        """Return the digest of all calls since the server started, across resets."""
        data = self._call("GET", "journal/digest")
        return Digest(digest=data["digest"], calls=data["calls"], webhooks=data["webhooks"])

    def har(self, **only: Unpack[CallFilter]) -> dict[str, Any]:
        """Return the completed calls as an HTTP archive (HAR 1.2)."""
        return dict(self._call("GET", "journal/har", query=_query(only)))

    def clear(self) -> None:
        """Remove all calls."""
        self._call("DELETE", "journal")


def parse_call(data: Mapping[str, Any]) -> Call:
    """Convert a call of the control API's response."""
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
        # As JSON: 5 would also match the number, "5" matches only the string.
        query["value"] = json.dumps(only["value"])
    return query
