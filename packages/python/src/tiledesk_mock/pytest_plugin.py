"""The pytest plugin: the fixtures `tiledesk`, `tiledesk_server`, and `tiledesk_options`, and additions to reports."""

import json
import os
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

import pytest

from tiledesk_mock.control import Control
from tiledesk_mock.error import ControlError, ServerExited, TiledeskMockError
from tiledesk_mock.journal import Call
from tiledesk_mock.sandbox import DEFAULT, Sandbox, connect
from tiledesk_mock.server import Options, start

MAXIMUM_CALLS = 50
MAXIMUM_EXPLANATIONS = 10
MAXIMUM_BODY = 500
REFUSED = 400
SERVER_SECTION = "Tiledesk server"


class TestSandbox(Sandbox):
    """The sandbox of a test. Other sandboxes requested by the test are deleted after it."""

    __test__ = False

    def __init__(self, control: Control, name: str) -> None:
        """Keep the other sandboxes by name."""
        super().__init__(control, name)
        self.others: dict[str, Sandbox] = {}

    def sandbox(self, name: str) -> Sandbox:
        """Return another sandbox for this test. On a shared server its name starts with that of the test's sandbox."""
        unique = name if self.name == DEFAULT else f"{self.name}-{name}"
        return self.others.setdefault(name, Sandbox(self._control, unique))

    def finish(self) -> None:
        """Check that the server is still running, and delete the other sandboxes."""
        self._control.raise_if_exited()
        for other in self.others.values():
            _delete(other)


CURRENT = pytest.StashKey[TestSandbox]()
CRASH_REPORTED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--tiledesk-url`."""
    parser.getgroup("tiledesk-mock").addoption(
        "--tiledesk-url",
        metavar="URL",
        default=os.environ.get("TILEDESK_MOCK_URL"),
        help="Use the tiledesk-mock server at this URL instead of starting one (default: $TILEDESK_MOCK_URL).",
    )


@pytest.fixture(scope="session")
def tiledesk_options() -> Options:
    """Override this fixture to set the options of the server."""
    return {}


@pytest.fixture(scope="session")
def tiledesk_server(request: pytest.FixtureRequest, tiledesk_options: Options) -> Iterator[Sandbox]:
    """The sandbox that the tests of this process share, for fixtures that outlive a test."""
    url = request.config.getoption("--tiledesk-url")
    worker: dict[str, Any] | None = getattr(request.config, "workerinput", None)
    if url:
        yield from _shared(url, worker, tiledesk_options)
        return
    if worker is not None:
        _check_parallel(tiledesk_options)
    server = start(**tiledesk_options)
    yield server
    _unless_reported(request, server.stop)


@pytest.fixture
def tiledesk(request: pytest.FixtureRequest, tiledesk_server: Sandbox) -> Iterator[Sandbox]:
    """A tiledesk-mock sandbox that is reset before each test."""
    tiledesk_server.reset()
    # A reset does not resume webhooks.
    tiledesk_server.webhooks.resume()
    sandbox = TestSandbox(tiledesk_server._control, tiledesk_server.name)  # noqa: SLF001
    request.node.stash[CURRENT] = sandbox
    yield sandbox
    _unless_reported(request, sandbox.finish)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the journal of a failed test, with explanations of rejected calls, to its report."""
    report = yield
    sandbox = item.stash.get(CURRENT, None)
    if sandbox is not None and report.failed:
        # Report each run of a test once, even if both the test and its teardown fail.
        del item.stash[CURRENT]
        sections = list(_sections(sandbox))
        report.sections.extend(sections)
        if SERVER_SECTION in dict(sections):
            item.session.stash[CRASH_REPORTED] = True
    return report


def _shared(url: str, worker: dict[str, Any] | None, options: Options) -> Iterator[Sandbox]:
    """Use a sandbox of a running server that no other worker or run uses."""
    fixed = sorted(set(options) - {"control_token"})
    if fixed:
        raise pytest.UsageError(f"tiledesk_options: {', '.join(fixed)} cannot be changed for the server at {url}.")
    run, name = (worker["testrunuid"], worker["workerid"]) if worker else (uuid.uuid4().hex, "main")
    sandbox = connect(url, sandbox=f"pytest-{run[:8]}-{name}", control_token=options.get("control_token"))
    yield sandbox
    _delete(sandbox)


def _check_parallel(options: Options) -> None:
    """Reject options for which the servers of several workers would conflict."""
    for name in ("coverage", "fail_under", "state"):
        if name in options:
            raise pytest.UsageError(
                f"tiledesk_options: {name} needs one server for all workers of pytest-xdist; start it and pass --tiledesk-url."
            )
    if options.get("port"):
        raise pytest.UsageError("tiledesk_options: the workers of pytest-xdist cannot share a port; leave it out.")


def _unless_reported(request: pytest.FixtureRequest, finish: Callable[[], None]) -> None:
    """Report a crash once, for the test during which it happened."""
    try:
        finish()
    except ServerExited:
        if not request.session.stash.get(CRASH_REPORTED, False):
            request.session.stash[CRASH_REPORTED] = True
            raise


def _delete(sandbox: Sandbox) -> None:
    try:
        sandbox.delete()
    except ControlError as error:
        # It was not used, or the test deleted it.
        if error.status != 404:
            raise


def _sections(test: TestSandbox) -> Iterator[tuple[str, str]]:
    for sandbox in (test, *test.others.values()):
        suffix = "" if sandbox is test else f" (sandbox {sandbox.name})"
        title = f"Tiledesk journal{suffix}"
        try:
            calls = sandbox.journal.list()
            yield title, "\n".join(_journal(sandbox, calls))
            title = f"Tiledesk explanations{suffix}"
            if explanations := list(_explanations(sandbox, calls)):
                yield title, "\n".join(explanations)
        except ServerExited as error:
            yield SERVER_SECTION, str(error)
            return
        except TiledeskMockError as error:
            yield title, f"not available: {error}"


def _journal(sandbox: Sandbox, calls: Sequence[Call]) -> Iterator[str]:
    yield f"{len(calls)} {'call' if len(calls) == 1 else 'calls'} to {sandbox.url}"
    if len(calls) > MAXIMUM_CALLS:
        yield f"(the last {MAXIMUM_CALLS})"
    for call in calls[-MAXIMUM_CALLS:]:
        yield _line(call)
        if call.body is not None:
            yield f"     > {_short(call.body)}"
        if call.answer is not None and call.answer.body is not None:
            yield f"     < {_short(call.answer.body)}"


def _line(call: Call) -> str:
    answer = "no answer" if call.answer is None else str(call.answer.status)
    remarks = [
        call.operation or "no operation",
        *([f"fault: {call.fault}"] if call.fault else []),
        *([f"ignored: {', '.join(call.ignored)}"] if call.ignored else []),
    ]
    return f"#{call.id:<3} {call.method} {call.path} -> {answer} ({'; '.join(remarks)})"


def _short(body: object) -> str:
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return text if len(text) <= MAXIMUM_BODY else f"{text[:MAXIMUM_BODY]}... ({len(text)} characters)"


def _explanations(sandbox: Sandbox, calls: Sequence[Call]) -> Iterator[str]:
    refused = [call for call in calls if call.answer is not None and call.answer.status >= REFUSED]
    for call in refused[-MAXIMUM_EXPLANATIONS:]:
        explanation = sandbox.journal.explain(call)
        yield f"{_line(call)}, cause: {explanation.cause}"
        yield f"     {explanation.rule}"
        for problem in explanation.errors:
            yield f"     {problem}"
        if explanation.curl:
            yield f"     try: {explanation.curl}"
