"""Faults: calls that fail on purpose."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any, Literal, Self

from tiledesk_mock.clock import Call, milliseconds

Preset = Literal["flaky", "slow", "down"]
"""`flaky` fails one call in five with 500, `slow` delays calls by 0.5 to 2 seconds, `down` fails all calls with 503."""


class Fault:
    """An active rule. As a context manager, it is removed at the end of the block."""

    def __init__(self, call: Call, data: Mapping[str, Any]) -> None:
        """Use `Faults.add` instead."""
        self._call = call
        self.id: int = data["id"]
        self.name: str = data["name"]
        self.operation: str | None = data.get("operation")
        self.matched: int = data["matched"]
        """Number of calls that matched when the rule was read."""
        self.applied: int = data["applied"]
        """Number of calls that the fault was applied to when the rule was read."""

    def remove(self) -> None:
        """Remove the rule. Other rules are kept."""
        self._call("DELETE", f"faults/{self.id}")

    def __enter__(self) -> Self:
        """Return the fault."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /) -> None:
        """Remove the rule."""
        self.remove()

    def __repr__(self) -> str:
        return f"<Fault {self.id} {self.name!r} matched={self.matched} applied={self.applied}>"


class Faults:
    """The faults of a sandbox. The first rule that matches a call wins."""

    def __init__(self, call: Call) -> None:
        """Use `Sandbox.faults` instead."""
        self._call = call

    def add(
        self,
        *,
        preset: Preset | None = None,
        name: str | None = None,
        operation: str | None = None,
        method: str | None = None,
        path: str | None = None,
        on_headers: Mapping[str, str] | None = None,
        on_body: Mapping[str, Any] | None = None,
        nth: int | None = None,
        times: int | None = None,
        probability: float | None = None,
        status: int | None = None,
        body: Any = None,
        retry_after: int | None = None,
        delay: timedelta | float | None = None,
        jitter: timedelta | float | None = None,
        reset: Literal["before", "after"] | None = None,
        cut: int | None = None,
        malformed: bool = False,
        content_type: str | None = None,
    ) -> Fault:
        """Make matching calls fail.

        `operation`, `method`, `path` (a glob), `on_headers` (globs), and `on_body` (values by JSON pointer) select the calls
        (default: all); `nth`, `times`, and `probability` narrow the selection.

        The effect is a `preset`, or any of these: `status` from 400 to 599 with an optional `body` and `retry_after` in seconds;
        `delay` and `jitter` in seconds; a connection `reset` before or after the call is carried out; a response body `cut` after
        some bytes or `malformed`; a wrong `content_type`.
        """
        match = {"operation": operation, "method": method, "path": path, "headers": on_headers, "body": on_body}
        effect = {
            "status": status,
            "body": body,
            "retryAfter": retry_after,
            "delay": None if delay is None else milliseconds(delay),
            "jitter": None if jitter is None else milliseconds(jitter),
            "reset": reset,
            "cut": cut,
            "malformed": malformed or None,
            "contentType": content_type,
        }
        rule = {
            "preset": preset,
            "name": name,
            "match": _given(match) or None,
            "nth": nth,
            "times": times,
            "probability": probability,
            "effect": _given(effect) or None,
        }
        return Fault(self._call, self._call("POST", "faults", body=_given(rule)))

    def list(self) -> Sequence[Fault]:
        """Return the rules in evaluation order."""
        return [Fault(self._call, data) for data in self._call("GET", "faults")["faults"]]

    def clear(self) -> None:
        """Remove all rules."""
        self._call("DELETE", "faults")


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
