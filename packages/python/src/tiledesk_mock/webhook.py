"""Webhook deliveries, and inboxes that receive them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

from tiledesk_mock.clock import Call, milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt of a delivery."""

    at: datetime
    """Time, according to the clock of the sandbox."""
    latency: timedelta
    status: int | None
    """Status of the receiver's response, or `None` if there was none."""
    error: str | None
    """Why there was no response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event that is delivered to one target."""

    id: int
    event: str
    target: str
    state: Literal["pending", "delivered", "failed", "refused"]
    attempts: Sequence[Attempt]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxCall:
    """A call that an inbox received."""

    at: datetime
    """Time of arrival, according to the clock of the sandbox."""
    method: str
    headers: Mapping[str, str]
    """Headers by lower-case name."""
    body: Any
    """Parsed JSON, or a string."""


class Webhooks:
    """The webhook deliveries of a sandbox."""

    def __init__(self, call: Call) -> None:
        """Use `Sandbox.webhooks` instead."""
        self._call = call

    def list(self) -> Sequence[Delivery]:
        """Return the last 1,000 deliveries with every attempt, oldest first."""
        return [_delivery(data) for data in self._call("GET", "webhooks")["deliveries"]]

    def pending(self) -> int:
        """Return the number of queued deliveries."""
        return int(self._call("GET", "webhooks")["pending"])

    def pause(self) -> None:
        """Pause deliveries. Events are still queued."""
        self._call("POST", "webhooks/pause")

    def resume(self) -> None:
        """Resume deliveries, and send queued ones in order."""
        self._call("POST", "webhooks/resume")

    def redeliver(self, delivery: Delivery | int) -> None:
        """Send the payload of a delivery again, as a new delivery."""
        number = delivery if isinstance(delivery, int) else delivery.id
        self._call("POST", "webhooks/redeliver", body={"id": number})


class Inbox:
    """A webhook receiver inside the server: subscribe `url` to an event, then wait for the calls."""

    def __init__(self, call: Call, sandbox_url: str, name: str) -> None:
        """Use `Sandbox.inbox` instead."""
        self._call = call
        self._path = f"webhooks/inbox/{quote(name, safe='')}"
        self.name = name
        self.url = f"{sandbox_url}/_control/{self._path}"
        """The target for a subscription."""

    def list(self) -> Sequence[InboxCall]:
        """Return the calls in the inbox, oldest first."""
        return [_inbox_call(data) for data in self._call("GET", self._path)["calls"]]

    def wait(self, count: int = 1, *, timeout: float = 5.0) -> Sequence[InboxCall]:
        """Wait until the inbox has `count` calls and return them; raise `WaitTimeout` after `timeout` seconds."""
        query = {"wait": count, "timeout": milliseconds(timeout)}
        return [_inbox_call(data) for data in self._call("GET", self._path, query=query, wait=timeout)["calls"]]

    def clear(self) -> None:
        """Empty the inbox."""
        self._call("DELETE", self._path)

    def __repr__(self) -> str:
        return f"<Inbox {self.url}>"


def _delivery(data: Mapping[str, Any]) -> Delivery:
    return Delivery(
        id=data["id"],
        event=data["event"],
        target=data["target"],
        state=data["state"],
        attempts=[
            Attempt(
                at=datetime.fromisoformat(attempt["at"]),
                latency=timedelta(milliseconds=attempt["latency"]),
                status=attempt.get("status"),
                error=attempt.get("error"),
            )
            for attempt in data["attempts"]
        ],
        body=data["body"],
    )


def _inbox_call(data: Mapping[str, Any]) -> InboxCall:
    return InboxCall(at=datetime.fromisoformat(data["at"]), method=data["method"], headers=data["headers"], body=data.get("body"))
