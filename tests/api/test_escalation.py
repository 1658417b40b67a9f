"""Escalation policies, duty and responses by the API."""

import json

import pytest

from apps.accounts.types import Role
from apps.alerts.models import DutyOverride, DutyRota, EscalationPolicy, Response, ResponseRun
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(client):
    person = make.user(Role.TEAM_LEAD, team=make.team())
    client.force_login(person)
    return person


def post(client, path, said):
    return client.post(f"/api/v1/{path}", json.dumps(said), content_type="application/json")


POLICY = {"key": "weekend", "name": "Weekend", "steps": [{"do": "notify", "whom": "owner"}], "repeat": 0}


def test_a_lead_writes_a_policy_and_changes_it_in_sight_of_its_version(client, lead):
    made = post(client, "escalation-policies/", POLICY)
    assert (made.status_code, made.json()["in_words"]) == (201, ["Tell the owner"])
    path = f"/api/v1/escalation-policies/{made.json()['id']}/"
    change = {"steps": [{"do": "notify", "whom": "head", "urgent": True}]}
    stale = client.patch(path, json.dumps(change), content_type="application/json", headers={"If-Match": '"v7"'})
    assert stale.status_code == 412
    done = client.patch(path, json.dumps(change), content_type="application/json", headers={"If-Match": '"v1"'})
    assert (done.status_code, done.json()["in_words"], done.json()["version"]) == (200, ["Tell the head, urgently"], 2)


def test_steps_that_make_no_policy_are_refused_with_the_step(client, lead):
    refused = post(client, "escalation-policies/", {**POLICY, "steps": [{"do": "notify", "whom": "duty"}]})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_policy")
    assert EscalationPolicy.objects.filter(key="weekend").count() == 0


def test_a_success_manager_reads_policies_and_writes_none(client):
    client.force_login(make.user())
    assert client.get("/api/v1/escalation-policies/").status_code == 200
    assert post(client, "escalation-policies/", POLICY).status_code == 403
    assert EscalationPolicy.objects.filter(key="weekend").count() == 0


def test_climbs_are_seen_in_ones_own_book_only(client, now):
    mara, other = make.user(), make.user()
    climb = make.alert_climb(make.alert(make.account(owner=mara), now=now), now=now)
    for person, rows in ((mara, [climb.pk]), (other, [])):
        client.force_login(person)
        assert [row["id"] for row in client.get("/api/v1/alert-escalations/").json()["results"]] == rows


def test_a_rota_is_written_and_somebody_stands_in(client, lead):
    first, second = make.user(), make.user()
    said = {"key": "weekly", "name": "Weekly", "people": [first.email, second.email], "starts_on": "2026-03-09", "zone": "Europe/Berlin"}
    made = post(client, "duty/", said)
    assert (made.status_code, made.json()["people"]) == (201, [first.email, second.email])
    path = f"duty/{made.json()['id']}/"
    stand = {"person": second.email, "starts_at": "2030-01-01T00:00:00Z", "ends_at": "2030-01-02T00:00:00Z", "why": "Away"}
    told = post(client, f"{path}stand_in/", stand)
    assert [one["person"] for one in told.json()["overrides"]] == [second.email]
    assert post(client, f"{path}take_back/", {"override": DutyOverride.objects.get().pk}).json()["overrides"] == []


@pytest.mark.parametrize(
    ("wrong", "field"), [({"zone": "Mars/Base"}, "zone"), ({"people": ["nobody@staff.test"]}, "people"), ({"team": "None"}, "team")]
)
def test_a_rota_names_what_is_there(client, lead, wrong, field):
    said = {"key": "weekly", "name": "Weekly", "people": [lead.email], "starts_on": "2026-03-09", **wrong}
    refused = post(client, "duty/", said)
    assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    assert DutyRota.objects.count() == 0


def test_a_response_is_written_as_a_dry_run_and_its_runs_are_decided(client, lead, now):
    run = make.response_run(make.alert(make.account(owner=lead), now=now), now=now)
    says = {"title": "Call", "minutes": 10, "due_hours": 8, "priority": "high"}
    made = post(client, "responses/", {"rule": run.response.rule.key, "deed": "task", "says": says})
    assert (made.status_code, made.json()["mode"], made.json()["in_words"]) == (201, "dry", "open the task “Call”")
    done = post(client, f"response-runs/{run.pk}/approve/", {})
    assert (done.status_code, done.json()["state"], done.json()["decided_by"]) == (200, "done", lead.email)
    assert post(client, f"response-runs/{run.pk}/undo/", {}).json()["state"] == "undone"
    assert (Response.objects.count(), ResponseRun.objects.count()) == (2, 1)
