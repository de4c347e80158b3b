"""The clock of a sandbox."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

Call = Callable[..., Any]


def instant(value: datetime | str) -> str:
    """Format a time for the server."""
    if isinstance(value, str):
        return value
    if value.utcoffset() is None:
        raise ValueError(f"expected a datetime with a time zone, such as datetime.now(UTC), got {value!r}")
    return value.isoformat()


def milliseconds(value: timedelta | float) -> int:
    """Convert a duration to milliseconds; numbers are in seconds."""
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    return round(seconds * 1000)


class Clock:
    """The clock of a sandbox, which token expiry, webhook retries, and operating hours follow."""

    def __init__(self, call: Call) -> None:
        """Use `Sandbox.clock` instead."""
        self._call = call

    def now(self) -> datetime:
        """Return the current time of the clock."""
        return datetime.fromisoformat(self._call("GET", "clock")["now"])

    def frozen(self) -> bool:
        """Return whether the clock is frozen."""
        return bool(self._call("GET", "clock")["frozen"])

    def freeze(self, at: datetime | str = "now") -> datetime:
        """Freeze the clock at a time: a datetime with a time zone, an ISO 8601 date, or `now`."""
        return self._change("freeze", instant(at))

    def set(self, at: datetime | str) -> datetime:
        """Move the clock forward to a time. A frozen clock stays frozen, a running one keeps running."""
        return self._change("set", instant(at))

    def advance(self, by: timedelta | str) -> datetime:
        """Move the clock forward by a timedelta or a string such as `90s`, `2h 30m`, or `31d`."""
        return self._change("advance", by if isinstance(by, str) else f"{milliseconds(by)}ms")

    def real(self) -> datetime:
        """Return to real time, unless that would move the clock backwards."""
        return self._change("real", value=True)

    def _change(self, kind: str, value: object) -> datetime:
        return datetime.fromisoformat(self._call("PUT", "clock", body={kind: value})["now"])
