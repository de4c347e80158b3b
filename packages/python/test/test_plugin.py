"""The pytest plugin: isolation, reports, crashes, and shared servers."""

import re

import pytest

from tiledesk_mock import start

pytest_plugins = ["pytester"]

HEAD = """
    import os, signal, pytest, requests
    LEADS = "/v3/5b55e806c93dde00143163dd/leads"
    AUTH = ("andrea.leo@f21.it", "123456")

    def create(tiledesk, **lead):
        return requests.post(tiledesk.url + LEADS, json=lead, auth=AUTH)
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """Run a suite in its own process."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.delenv("PYTEST_XDIST_WORKER_COUNT", raising=False)
    monkeypatch.delenv("PYTEST_XDIST_TESTRUNUID", raising=False)

    def run(code, *arguments):
        pytester.makepyfile(HEAD + code)
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *arguments, timeout=60)

    return run


ISOLATED = """
    @pytest.mark.parametrize("attempt", range(4))
    def test_starts_afresh(tiledesk, attempt):
        assert tiledesk.journal.list() == []
        assert tiledesk.faults.list() == []
        assert not tiledesk.clock.frozen()
        for sandbox in tiledesk, tiledesk.sandbox("other"):
            assert requests.get(sandbox.url + LEADS + "?full_text=Ada", auth=AUTH).json()["count"] == 0
        create(tiledesk, fullname="Ada")
        create(tiledesk.sandbox("other"), fullname="Ada")
        tiledesk.faults.add(preset="down")
        tiledesk.clock.freeze()
        tiledesk.webhooks.pause()

    def test_webhooks_run(tiledesk):
        inbox = tiledesk.inbox("leads")
        project = tiledesk.url + LEADS.removesuffix("/leads")
        requests.post(project + "/subscriptions", json={"event": "lead.create", "target": inbox.url}, auth=AUTH)
        create(tiledesk, fullname="Ada")
        inbox.wait()
"""


@pytest.mark.parametrize("workers", [[], ["-n2"]])
def test_each_test_starts_afresh(run, workers):
    run(ISOLATED, *workers).assert_outcomes(passed=5)


def test_workers_and_runs_share_a_server_in_sandboxes(run, monkeypatch):
    with start(control_token="secret") as server:
        monkeypatch.setenv("TILEDESK_MOCK_CONTROL_TOKEN", "secret")
        run(ISOLATED, "-n2", "--tiledesk-url", server.url).assert_outcomes(passed=5)
        run(ISOLATED, "--tiledesk-url", server.url).assert_outcomes(passed=5)
        assert server.journal.list() == []


FAILING = """
    def test_fails(tiledesk):
        create(tiledesk, fullname="Ada")
        create(tiledesk.sandbox("other"), fullname="Bob")
        assert create(tiledesk, fullname={"first": "Ada"}).status_code == 200
"""


@pytest.mark.parametrize("workers", [[], ["-n2"]])
def test_a_failed_test_reports_its_journal_and_explains_rejections(run, workers):
    result = run(FAILING, *workers)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- Tiledesk journal -*",
            "2 calls to http://127.0.0.1:*",
            "#1 *POST /v3/5b55e806c93dde00143163dd/leads -> 200 (create_lead)",
            '*> {"fullname": "Ada"}',
            "#2 *POST /v3/5b55e806c93dde00143163dd/leads -> 422 (create_lead)",
            '*> {"fullname": {"first": "Ada"}}',
            '*< {"errors": *',
            "*- Tiledesk explanations -*",
            "#2 * 422 (create_lead), cause: caller",
            "*Fields and parameters must have the documented types and values.",
            '*/fullname: {"first":"Ada"} is not of type "string"',
            "*try: curl -X POST *",
            "*- Tiledesk journal (sandbox other) -*",
            "1 call to http://127.0.0.1:*/_sandbox/other",
            '*> {"fullname": "Bob"}',
        ]
    )


def test_a_passed_test_reports_nothing(run):
    result = run("\n    def test_passes(tiledesk):\n        assert create(tiledesk, fullname='Ada').ok\n", "-rA", "-W", "error")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*Tiledesk journal*")


def test_a_long_journal_is_shortened(run):
    result = run(
        """
    def test_fails(tiledesk):
        for number in range(60):
            create(tiledesk, fullname="A" * 600, lead_id=str(number))
        assert False
"""
    )
    output = result.stdout.str()
    assert "60 calls to" in output
    assert "(the last 50)" in output
    assert len(re.findall(r"^#\d+ ", output, re.MULTILINE)) == 50
    assert "characters)" in output


def test_a_crash_is_reported_with_its_reason(run):
    result = run(
        """
    def test_crash_in_the_control_client(tiledesk, tiledesk_server):
        os.kill(tiledesk_server.pid, signal.SIGKILL)
        tiledesk.journal.wait(timeout=50)

    def test_after_the_crash(tiledesk):
        raise AssertionError("not reached")
"""
    )
    result.assert_outcomes(failed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["E *ServerExited: the server was killed by SIGKILL", "*- Tiledesk server -*", "the server was killed by SIGKILL"]
    )
    result.stdout.no_fnmatch_line("*not reached*AssertionError*")


def test_a_crash_that_the_test_did_not_notice_fails_its_teardown(run):
    result = run(
        """
    def test_crash(tiledesk, tiledesk_server):
        os.kill(tiledesk_server.pid, signal.SIGKILL)
"""
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["E *ServerExited: the server was killed by SIGKILL"])


OPTIONS = """
    @pytest.fixture(scope="session")
    def tiledesk_options():
        return {options}

    def test_clock(tiledesk):
        assert tiledesk.clock.now().isoformat() == "2026-01-01T12:00:00+00:00"
"""


def test_options_configure_the_server(run):
    run(OPTIONS.replace("{options}", '{"clock": "2026-01-01T12:00:00Z"}'), "-n2").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("options", "arguments", "message"),
    [
        ('{"fixtures": "absent.json"}', [], "*absent.json: no such file or directory"),
        ('{"coverage": "c.json"}', ["-n2"], "*coverage needs one server for all workers*"),
        ('{"port": 4010}', ["-n2"], "*cannot share a port*"),
        (
            '{"seed": 1}',
            ["--tiledesk-url", "http://127.0.0.1:1"],
            "*seed cannot be changed for the server at http://127.0.0.1:1*",
        ),
    ],
)
def test_invalid_options_are_rejected(run, options, arguments, message):
    result = run(OPTIONS.replace("{options}", options), *arguments)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([message])
