"""Sessions by the API, from the proposal to the goal."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from apps.accounts.types import Role
from apps.coaching.models import Session
from tests import make
from tests.api.conftest import Caller, make_key

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("house")]
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)


@pytest.fixture
def api(db):
    with time_machine.travel(NOW, tick=False) as clock:
        caller = Caller(make_key("all", "work:read", "work:write", now=NOW, requests_per_minute=100_000))
        caller.clock = clock
        yield caller


def test_a_program_plans_a_session_and_takes_it_to_its_end(api, account, person, coach):
    make.activity(account, NOW - timedelta(days=2), name="report.viewed")
    account.external_id = "riverside"
    account.save()
    said = {
        "account_external_id": "riverside",
        "topic": "Reports",
        "contact_external_id": person.external_id,
        "strategy": "plan",
        "points": ["Their branch"],
    }
    made = api.post("coaching-sessions/", said)
    assert made.status_code == 201, made.json()
    row = made.json()
    assert (row["state"], row["strategy"], row["coach"], row["agenda"][0]["words"], row["goal"]) == (
        "proposed",
        "plan",
        coach.email,
        "Their branch",
        None,
    )
    path = f"coaching-sessions/{row['id']}/"
    assert api.post(f"{path}accept/").json()["state"] == "accepted"
    assert api.post(f"{path}schedule/", {"starts_at": "2026-03-12T09:00:00Z", "place": "https://meet.example/1"}).json()["state"] == "scheduled"
    api.clock.move_to(NOW + timedelta(days=1))
    assert api.post(f"{path}begin/").json()["state"] == "live"
    goal = {"action": "look on Mondays", "measure": "activity", "name": "report.viewed", "target": 1}
    assert api.post(f"{path}agree/", goal).json()["goal"]["baseline"] == 0.25
    seen = api.get(path)
    written = api.patch(path, {"notes": "They look", "confidence": 9}, If_Match=seen["ETag"])
    assert (written.status_code, written.json()["notes"]) == (200, "They look")
    stale = api.patch(path, {"notes": "No"}, If_Match=seen["ETag"])
    assert (stale.status_code, stale.json()["differs"]["notes"]["theirs"]) == (412, "They look")
    ours = api.post(f"{path}promise/", {"text": "Send the film", "due_on": "2026-03-20"})
    assert len(ours.json()["promises"]) == 1
    assert api.post(f"{path}hold/").json()["state"] == "held"
    ended = api.post(f"{path}follow_up/", {"words": "Thanks"}).json()
    assert (ended["state"], [one["days"] for one in ended["goal"]["readings"]]) == ("follow_up", [7, 30])
    refused = api.post(f"{path}call_off/", {"because": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_possible")
    outcomes = api.get(f"coaching-outcomes/?session={row['id']}").json()["items" if "items" in api.get("coaching-outcomes/").json() else "results"]
    assert [(one["days"], one["reached"]) for one in outcomes] == [(7, None), (30, None)]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"account_external_id": "nobody"}, "account_external_id"),
        ({"contact_external_id": "nobody"}, "contact_external_id"),
        ({"coach": "nobody@staff.test"}, "coach"),
        ({"minutes": 3}, "minutes"),
        ({"topic": ""}, "topic"),
    ],
)
def test_what_makes_no_session_is_refused_by_its_field(api, account, wrong, field):
    answer = api.post("coaching-sessions/", {"account_external_id": account.external_id, "topic": "x", **wrong})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert not Session.objects.exists()


def test_another_book_sees_no_session_and_no_outcome(account):
    made = make.session(account, now=NOW)
    other = Caller(make_key("other", "work:read", "work:write", now=NOW, owner=make.user(Role.CSM)))
    assert other.get(f"coaching-sessions/{made.pk}/").status_code == 404
    assert other.post(f"coaching-sessions/{made.pk}/accept/").status_code == 404
    assert str(other.get("coaching-outcomes/").json()).count("Look at the report") == 0
