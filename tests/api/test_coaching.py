"""Coaching by the API: tips, answers, profiles, and what to do next."""

from datetime import timedelta

import pytest

from apps.coaching.models import Recommendation, TipAnswerRow
from apps.core import clock
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def told():
    now = clock.now()
    account = make.account(external_id="acme", started_on=now.date() - timedelta(days=200))
    make.activity(account, *[now - timedelta(days=day) for day in range(2, 9)], name="login")
    return make.recommendation(account, now=now)


def test_a_tip_is_read_with_its_reason_evidence_and_chances(api, told):
    row = api.get(f"recommendations/{told.pk}/").json()
    assert (row["account_external_id"], row["state"], row["effort_minutes"]) == ("acme", "open", 10)
    assert row["words"]["en"]["title"] == "Open the report"
    assert row["evidence"][-1]["words"] == "“report.viewed”: 0 in the last 28 days, 0 in the 28 before."
    assert row["evidence"][-1]["events"] == list(told.account.activity.order_by("-at").values_list("pk", flat=True)[:3])
    assert 0 < row["propensity"] <= 1
    assert row["tip"] in {one["tip"] for one in row["candidates"]}


def test_an_answer_is_kept_once_and_one_that_does_not_follow_is_a_409(api, told):
    said = {"answer": "done", "note": "They did it on Tuesday."}
    first, again = api.post(f"recommendations/{told.pk}/answer/", said), api.post(f"recommendations/{told.pk}/answer/", said)
    assert (first.status_code, again.status_code, first.json()["state"]) == (200, 200, "done")
    assert list(TipAnswerRow.objects.values_list("answer", "note")) == [("done", "They did it on Tuesday.")]
    refused = api.post(f"recommendations/{told.pk}/answer/", {"answer": "accept"})
    assert (refused.status_code, refused.json()["code"]) == (409, "tip_answered")
    assert api.post(f"recommendations/{told.pk}/answer/", {"answer": "perhaps"}).status_code == 400


def test_what_is_held_back_is_told_only_when_its_effect_is_read(api, told):
    Recommendation.objects.filter(pk=told.pk).update(held_back=True, state="held", decision=None)
    assert api.get(f"recommendations/{told.pk}/").status_code == 404
    Recommendation.objects.filter(pk=told.pk).update(read_at=clock.now(), after=3, moved=True)
    assert api.get(f"recommendations/{told.pk}/").json()["state"] == "held"


def test_tips_profiles_and_next_actions_are_read(api, told):
    assert {one["key"] for one in api.get("tips/?state=live").json()["results"]} == {"first-tip", "second-tip", "third-tip"}
    (profile,) = api.get("coaching-profiles/?account_external_id=acme").json()["results"]
    assert (profile["pattern"], profile["measures"]["frequency"]["value"]) == ("occasional", 7)
    answer = api.get(f"accounts/{told.account_id}/next-actions/").json()
    assert (answer["account"], answer["currency"]) == (told.account_id, "USD")
    assert f"tip:{told.pk}" in {one["key"] for one in answer["actions"]}
    assert all(one["evidence"] and one["why"] for one in answer["actions"])
    assert api.get("accounts/987654321/next-actions/").status_code == 404
