"""HTTP transport to the control API of one server.

Uses `http.client` rather than `urllib.request`, which would send calls through the proxies of the environment.
"""

import json
import ssl
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from tiledesk_mock.error import ServerExited, Unreachable, WrongServer, from_problem

TIMEOUT = 30.0
"""Maximum seconds of a call in addition to an intended wait."""


class Control:
    """Sends control calls to the server at `origin`."""

    def __init__(
        self,
        origin: str,
        *,
        token: str | None = None,
        context: ssl.SSLContext | None = None,
        exit_reason: Callable[[float], str | None] = lambda _: None,
    ) -> None:
        """Set the base URL of the server. `exit_reason` waits some seconds for the server to exit, and returns the reason."""
        address = urlsplit(origin)
        if address.scheme not in ("http", "https") or not address.hostname or address.query or address.fragment:
            raise ValueError(f'expected the base URL of a server, such as "http://127.0.0.1:4010", got {origin!r}')
        self.origin = origin.rstrip("/")
        self._secure = address.scheme == "https"
        self._address = (address.hostname, address.port)
        self._prefix = address.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._context = context
        self._exit_reason = exit_reason

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        sandbox: str | None = None,
        wait: float = 0,
    ) -> Any:
        """Send a call and return the JSON of the response; raise `ControlError` if the call is rejected."""
        __tracebackhide__ = True
        given = {name: value for name, value in (query or {}).items() if value is not None}
        prefix = f"/_sandbox/{quote(sandbox, safe='')}" if sandbox else ""
        target = f"{prefix}/_control/{path}" + (f"?{urlencode(given)}" if given else "")
        content = None if body is None else json.dumps(body, allow_nan=False).encode()
        return self._send(method, target, content, wait + TIMEOUT)

    def recognize(self, instance: str) -> None:
        """Raise `WrongServer` if a server with another ID responds."""
        answer = self._send("GET", "/healthz?instance", None, TIMEOUT)
        found = answer.get("instance") if isinstance(answer, Mapping) else None
        if found != instance:
            other = "a server without an ID" if found is None else f"instance {found}"
            raise WrongServer(f"another server responds at {self.origin}: expected instance {instance}, found {other}")

    def _send(self, method: str, target: str, content: bytes | None, timeout: float) -> Any:
        __tracebackhide__ = True
        path = target.partition("?")[0]
        headers = dict(self._headers)
        if content is not None:
            headers["Content-Type"] = "application/json"
        connection = self._connect(timeout)
        broken: Exception | None = None
        try:
            connection.request(method, self._prefix + target, content, headers)
            response = connection.getresponse()
            status, text = response.status, response.read()
        except (OSError, HTTPException) as error:
            broken = error
        finally:
            connection.close()
        # Not chained: the last log lines of the server are more helpful than the broken connection.
        if broken is not None:
            self.raise_if_exited(within=0 if isinstance(broken, TimeoutError) else 1)
            raise Unreachable(f"{method} {self.origin}{path}: {broken or type(broken).__name__}")
        return self._parse(f"{method} {path}", status, text)

    def raise_if_exited(self, within: float = 0) -> None:
        """Raise `ServerExited` if the server was started by this process and has exited."""
        __tracebackhide__ = True
        if reason := self._exit_reason(within):
            raise ServerExited(reason)

    def _parse(self, call: str, status: int, text: bytes) -> Any:
        __tracebackhide__ = True
        try:
            answer = json.loads(text)
            problem = from_problem(status, answer) if status >= 400 else None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise Unreachable(f"{self.origin} returned {status} for {call}, but is not a tiledesk-mock server") from None
        if problem is not None:
            raise problem
        return answer

    def _connect(self, timeout: float) -> HTTPConnection:
        host, port = self._address
        if self._secure:
            return HTTPSConnection(host, port, timeout=timeout, context=self._context)
        return HTTPConnection(host, port, timeout=timeout)
