"""Tasks by the API: opened once per matter, closed with a result, handed over, and climbs read."""

from datetime import UTC, datetime

import pytest

from apps.accounts.types import Role
from apps.interventions import escalation
from apps.interventions.models import Task, TaskSource
from tests import make

pytestmark = pytest.mark.django_db
DUE = "2026-03-12T09:00:00Z"


def said(**fields):
    return {"account_external_id": "acme", "title": "Call them", "reason": "usage_fell", "due_at": DUE, **fields}


@pytest.fixture
def acme():
    return make.account(external_id="acme", owner=make.user(email="dana@staff.test"))


def test_a_matter_that_is_open_already_is_joined(api, acme):
    first = api.post("tasks/", said(evidence=[{"words": "Logins fell by 54 %", "about": "message:7"}]))
    again = api.post("tasks/", said(title="Another", priority="urgent", evidence=[{"words": "Sponsor left"}]))
    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 201, first.json()["id"])
    row = again.json()
    assert (row["title"], row["type"], row["priority"], row["owner"]) == ("Call them", "risk", "urgent", "dana@staff.test")
    assert row["evidence"] == [{"words": "Logins fell by 54 %", "about": "message:7"}, {"words": "Sponsor left", "about": ""}]
    assert TaskSource.objects.get().times == 2
    assert TaskSource.objects.get().kind == "api"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"account_external_id": "nobody"}, "account_external_id"),
        ({"type": "chore"}, "type"),
        ({"reason": "Two words"}, "reason"),
        ({"minutes": 0}, "minutes"),
        ({"due_at": "2026-03-12"}, "due_at"),
        ({"evidence": [{"words": ""}]}, "evidence.0.words"),
    ],
)
def test_what_makes_no_task_is_refused_by_its_field(api, acme, wrong, field):
    answer = api.post("tasks/", said(**wrong))
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert Task.objects.count() == 0


def test_an_account_of_another_book_gets_no_task(key, acme):
    answer = key("work:write", owner=make.user(Role.CSM)).post("tasks/", said())
    assert (answer.status_code, Task.objects.count()) == (400, 0)


def test_a_task_is_taken_on_given_to_a_colleague_and_closed_with_a_result(api, acme):
    path = f"tasks/{api.post('tasks/', said()).json()['id']}/"
    assert api.post(f"{path}acknowledge/").json()["acknowledged_by"] == "key:key-1"
    assert api.post(f"{path}acknowledge/").status_code == 409
    stranger = make.user(email="kim@staff.test")
    assert api.post(f"{path}assign/", {"owner": "kim@staff.test"}).status_code == 409
    assert list(api.post(f"{path}assign/", {"owner": "nobody@staff.test"}).json()["fields"]) == ["owner"]
    acme.team_roles.create(user=stranger, role="backup")
    assert api.post(f"{path}assign/", {"owner": "kim@staff.test"}).json()["owner"] == "kim@staff.test"
    assert list(api.post(f"{path}close/", {"result": "great"}).json()["fields"]) == ["result"]
    closed = api.post(f"{path}close/", {"result": "meeting", "outcome": "Thursday"}).json()
    assert (closed["state"], closed["result"], closed["outcome"]) == ("done", "meeting", "Thursday")


def test_climbs_are_read_with_their_rungs(api, acme):
    team = make.team()
    lead = make.user(Role.TEAM_LEAD, team=team, email="lead@staff.test")
    type(lead).objects.filter(pk=acme.owner_id).update(team=team)
    task = api.post("tasks/", said(priority="urgent")).json()
    escalation.advance(now=datetime(2100, 1, 1, tzinfo=UTC))
    (row,) = api.get(f"escalations/?task={task['id']}").json()["results"]
    assert (row["state"], row["silence"], row["account"]) == ("running", "staff", acme.pk)
    assert [(step["level"], step["person"]) for step in row["steps"] if step["done_at"]] == [("backup", None), ("lead", "lead@staff.test")]
    assert api.get(f"tasks/{task['id']}/").json()["level"] == "lead"
