"""Alert rules through the API: read, written, turned and tried."""

import pytest

from apps.alerts.models import AlertRule, RuleTrial
from tests import make

pytestmark = pytest.mark.django_db
SAYS = {"kind": "threshold", "figure": "late_answers", "way": "above", "limit": 2}


def test_a_rule_is_made_written_anew_and_turned(api, now):
    made = api.post("alert-rules/", {"key": "late", "name": "Late answers", "says": SAYS, "severity": "urgent"})
    assert made.status_code == 201
    row = made.json()
    assert (row["state"], row["number"], row["says"], row["words"]) == ("draft", 1, SAYS, "an account's late answers is 2 or more")
    door = f"alert-rules/{row['id']}"
    assert api.post(f"{door}/save_version/", {"says": {**SAYS, "limit": 3}, "note": "fewer"}).json()["number"] == 2
    assert api.post(f"{door}/describe/", {"name": "Late", "severity": "info"}).json()["severity"] == "info"
    assert api.post(f"{door}/turn/", {"state": "live"}).json()["state"] == "live"
    again = api.post(f"{door}/turn/", {"state": "live"})
    assert (again.status_code, again.json()["code"]) == (409, "rule_cannot_turn")


def test_a_flaw_is_told_at_its_place_and_nothing_is_made(api):
    answer = api.post("alert-rules/", {"key": "late", "name": "Late", "says": {**SAYS, "figure": "moon"}})
    assert answer.status_code in (400, 422)
    assert "says.figure" in str(answer.json())
    assert AlertRule.objects.count() == 0


def test_a_definition_is_tried_without_being_saved(api, now):
    make.account()
    answer = api.post("alert-rule-trials/", {"says": SAYS, "days": 30})
    assert (answer.status_code, answer.json()["state"], answer.json()["result"]["fired"]) == (201, "done", 0)
    assert RuleTrial.objects.get().rule is None
