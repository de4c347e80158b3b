"""The control client: every method, against a server."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tiledesk_mock import ControlError, WaitTimeout

PROJECT = "5b55e806c93dde00143163dd"
LEAD = "5c81593adf767b0017d1aa66"
AUTH = ("andrea.leo@f21.it", "123456")


def api(sandbox, path="leads", method="GET", **options):
    return requests.request(method, f"{sandbox.url}/v3/{PROJECT}/{path}", auth=AUTH, timeout=10, **options)


def test_the_clock_freezes_advances_and_runs(tiledesk):
    assert tiledesk.clock.freeze(datetime(2030, 1, 1, tzinfo=UTC)) == datetime(2030, 1, 1, tzinfo=UTC)
    assert tiledesk.clock.frozen()
    assert tiledesk.clock.advance("6m") == datetime(2030, 1, 1, 0, 6, tzinfo=UTC)
    assert tiledesk.clock.advance(timedelta(milliseconds=1500)) == datetime(2030, 1, 1, 0, 6, 1, 500_000, tzinfo=UTC)
    assert tiledesk.clock.set("2030-02-01T09:00:00+01:00") == datetime(2030, 2, 1, 8, tzinfo=UTC)
    api(tiledesk, method="POST", json={"fullname": "Ada"})
    with pytest.raises(ControlError, match="/real: "):
        tiledesk.clock.real()
    tiledesk.reset()
    tiledesk.clock.freeze()
    tiledesk.clock.real()
    assert not tiledesk.clock.frozen()
    assert abs(tiledesk.clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_invalid_times_are_rejected(tiledesk):
    with pytest.raises(ValueError, match="with a time zone"):
        tiledesk.clock.freeze(datetime(2030, 1, 1))  # noqa: DTZ001
    with pytest.raises(ControlError, match=r"/advance: "):
        tiledesk.clock.advance("soon")
    with pytest.raises(ControlError, match="/set: "):
        tiledesk.clock.set("yesterday")


def test_faults_apply_to_matching_calls(tiledesk):
    fault = tiledesk.faults.add(operation="create_lead", on_body={"/fullname": "Ada"}, times=1, status=503, retry_after=7)
    assert api(tiledesk, method="POST", json={"fullname": "Bob"}).status_code == 200
    refused = api(tiledesk, method="POST", json={"fullname": "Ada"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "7")
    assert api(tiledesk, method="POST", json={"fullname": "Ada"}).status_code == 200
    [listed] = tiledesk.faults.list()
    assert (listed.id, listed.operation, listed.applied) == (fault.id, "create_lead", 1)
    fault.remove()
    assert tiledesk.faults.list() == []


def test_fault_effects_reach_the_client(tiledesk):
    with tiledesk.faults.add(path="/v3/**", reset="before"), pytest.raises(requests.ConnectionError):
        api(tiledesk)
    with tiledesk.faults.add(malformed=True), pytest.raises(requests.JSONDecodeError):
        api(tiledesk).json()
    with tiledesk.faults.add(cut=3), pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        api(tiledesk)
    with tiledesk.faults.add(content_type="text/html"):
        assert api(tiledesk).headers["Content-Type"] == "text/html"
    with tiledesk.faults.add(delay=0.2, jitter=timedelta(milliseconds=1)):
        assert api(tiledesk).elapsed >= timedelta(seconds=0.2)
    with tiledesk.faults.add(status=418, body={"error": "teapot"}, method="GET", on_headers={"x-kettle": "*"}):
        assert api(tiledesk).status_code == 200
        assert api(tiledesk, headers={"X-Kettle": "on"}).json() == {"error": "teapot"}
    with tiledesk.faults.add(preset="down"):
        assert api(tiledesk).status_code == 503
    assert api(tiledesk).status_code == 200


def test_a_misspelled_fault_is_rejected_with_its_field(tiledesk):
    with pytest.raises(ControlError, match="/match/operation: unknown operation `get_leed`; did you mean `get_lead`") as caught:
        tiledesk.faults.add(operation="get_leed", status=503)
    assert (caught.value.status, caught.value.errors[0].pointer) == (400, "/match/operation")


def test_the_journal_records_and_filters(tiledesk):
    api(tiledesk, "leads?limit=1&typo=1")
    api(tiledesk, method="POST", json={"lead_id": "5"}, headers={"User-Agent": "sdk/1"})
    first, second = tiledesk.journal.list()
    assert (first.operation, first.method, first.ignored, first.body) == ("list_leads", "GET", ["typo"], None)
    assert first.answer.status == 200
    assert first.answer.body["perPage"] == 1
    assert first.answer.latency > timedelta(0)
    assert first.headers["authorization"] == "Basic ***"
    assert second.body == {"lead_id": "5"}
    assert tiledesk.journal.list(limit=1)[0].id == second.id
    for only in (
        {"operation": "create_lead"},
        {"method": "POST"},
        {"client": "sdk/1"},
        {"pointer": "/lead_id"},
        {"pointer": "/lead_id", "value": "5"},
        {"after": first.id},
    ):
        assert tiledesk.journal.count(**only) == 1, only
    assert tiledesk.journal.count(path=f"/v3/{PROJECT}/*", status=200) == 2
    assert tiledesk.journal.count(pointer="/lead_id", value="6") == 0
    assert tiledesk.journal.har()["log"]["version"] == "1.2"
    digest = tiledesk.journal.digest()
    assert digest.calls >= 2
    tiledesk.journal.clear()
    assert tiledesk.journal.list() == []
    assert tiledesk.journal.digest() == digest


def test_a_misspelled_operation_is_not_counted_as_zero(tiledesk):
    with pytest.raises(ControlError, match="did you mean `create_lead`"):
        tiledesk.journal.count(operation="creat_lead")


def test_a_timed_out_wait_lists_what_arrived(tiledesk):
    api(tiledesk)
    with pytest.raises(WaitTimeout, match="0 of 2 calls arrived within 100 ms") as caught:
        tiledesk.journal.wait(2, operation="create_lead", timeout=0.1)
    assert caught.value.arrived == (f"1 × list_leads (GET /v3/{PROJECT}/leads): 200",)
    assert caught.value.arrived[0] in str(caught.value)
    with pytest.raises(WaitTimeout):
        tiledesk.inbox("empty").wait(timeout=0.1)


def test_rejections_are_explained(tiledesk):
    api(tiledesk, method="POST", json={"fullname": {"first": "Ada"}})
    [call] = tiledesk.journal.list()
    explanation = tiledesk.journal.explain(call)
    assert (explanation.id, explanation.status, explanation.cause) == (call.id, 422, "caller")
    assert [problem.pointer for problem in explanation.errors] == ["/fullname"]
    assert explanation.curl.startswith("curl -X POST")


def test_snapshots_compare_and_restore(tiledesk):
    before = tiledesk.snapshot("be/fore")
    api(tiledesk, f"leads/{LEAD}", "PUT", json={"company": "Ada & Co"})
    created = api(tiledesk, method="POST", json={"lead_id": "5"}).json()
    after = tiledesk.snapshot("after")
    diff = before.diff(after)
    assert not diff.same
    leads = diff.collections["leads"]
    assert [lead["_id"] for lead in leads.added] == [created["_id"]]
    assert leads.removed == []
    assert leads.changed[0].id == LEAD
    assert {change.pointer: change.after for change in leads.changed[0].changes}["/company"] == "Ada & Co"
    before.restore()
    assert before.diff().same
    assert {snapshot.name for snapshot in tiledesk.snapshots()} == {"be/fore", "after"}
    for snapshot in tiledesk.snapshots():
        snapshot.delete()
    assert tiledesk.snapshots() == []


def test_state_is_exported_and_loaded(tiledesk):
    world = tiledesk.state.export()
    lead = next(lead for lead in world["leads"] if lead["_id"] == LEAD)
    lead["company"] = "Ada & Co"
    tiledesk.state.load(world)
    assert api(tiledesk, f"leads/{LEAD}").json()["company"] == "Ada & Co"
    with pytest.raises(ControlError, match="/leads/0"):
        tiledesk.state.load({"leads": [{}]})
    with pytest.raises(ControlError):
        tiledesk.state.save()
    assert json.loads(json.dumps(world)) == world


def test_webhooks_arrive_and_are_paused(tiledesk):
    inbox = tiledesk.inbox("new leads")
    subscription = {"event": "lead.create", "target": inbox.url}
    assert api(tiledesk, "subscriptions", "POST", json=subscription).status_code == 200
    tiledesk.webhooks.pause()
    api(tiledesk, method="POST", json={"fullname": "Ada"})
    assert tiledesk.webhooks.pending() > 0
    assert inbox.list() == []
    tiledesk.webhooks.resume()
    [call] = inbox.wait()
    assert (call.method, call.body["payload"]["fullname"]) == ("POST", "Ada")
    assert "x-hook-secret" in call.headers
    # The call arrives before its response is recorded.
    while tiledesk.webhooks.pending():
        time.sleep(0.01)
    [delivery] = tiledesk.webhooks.list()
    assert (delivery.event, delivery.target, delivery.state) == ("lead.create", inbox.url, "delivered")
    assert delivery.attempts[0].status == 200
    tiledesk.webhooks.redeliver(delivery)
    assert len(inbox.wait(2)) == 2
    inbox.clear()
    assert inbox.list() == []


def test_sandboxes_share_nothing_and_copy(tiledesk):
    other = tiledesk.sandbox("other")
    api(tiledesk, method="POST", json={"lead_id": "5"})
    count = api(tiledesk).json()["count"]
    assert api(other).json()["count"] == count - 1
    other.restart(source=tiledesk)
    assert api(other).json()["count"] == count
    snapshot = other.snapshot("copy")
    other.state.load({})
    other.restart(source=tiledesk, snapshot=tiledesk.snapshot(snapshot.name))
    assert api(other).json()["count"] == count
    other.seed(42)
    other.delete()
    with pytest.raises(ControlError, match="unknown sandbox"):
        other.delete()


def test_coverage_counts_operations(tiledesk):
    api(tiledesk)
    assert tiledesk.coverage()["percent"] > 0
