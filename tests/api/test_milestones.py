"""Other platforms say what was reached there; said twice it changes nothing."""

from datetime import timedelta

import pytest
import time_machine

from apps.events.models import Event
from apps.milestones.models import Claim, Progress
from tests import make
from tests.api.conftest import Caller, make_key

pytestmark = pytest.mark.django_db


def test_a_word_of_another_platform_is_taken_once_and_taken_back_by_its_own(now):
    account = make.account(external_id="acme", started_on=now.date() - timedelta(days=30))
    make.milestone("go-live", criteria={"manual": {"proof": "The protocol"}})
    caller = Caller(make_key("crm", "milestones:read", "milestones:write", now=now))
    said = {"account_external_id": "acme", "milestone": "go-live", "at": (now - timedelta(days=1)).isoformat(), "message_id": "m-1"}
    with time_machine.travel(now, tick=False):
        answers = [caller.post("milestone-progress/", said) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        row = answers[1].json()
        assert (row["state"], row["via"], row["source"], row["key"]) == ("achieved", "api", "crm", "go-live")
        assert (Claim.objects.count(), Event.objects.filter(type="milestone.achieved").count()) == (1, 1)
        back = caller.post("milestone-progress/", {**said, "reached": False, "message_id": "m-2", "at": now.isoformat()})
        assert (back.status_code, back.json()["state"]) == (201, "open")
        assert caller.get("milestones/").json()["results"][0]["definition"]["criteria"] == {"manual": {"proof": "The protocol"}}
    assert Progress.objects.get(account=account).state == "open"


def test_an_unknown_milestone_and_a_strange_account_are_named(now):
    make.account(external_id="acme")
    caller = Caller(make_key("crm", "milestones:write", now=now))
    answer = caller.post("milestone-progress/", {"account_external_id": "acme", "milestone": "nothing"})
    assert (answer.status_code, answer.json()["fields"]) == (400, {"milestone": ["There is no milestone with this key."]})
    answer = caller.post("milestone-progress/", {"account_external_id": "other", "milestone": "nothing"})
    assert answer.json()["fields"] == {"account_external_id": ["There is no such account in your book."]}
