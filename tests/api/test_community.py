"""Word of mouth by the API: the person’s word with evidence, asks that refuse with the reason, challenges by choice, numbers for few."""

import pytest
import time_machine

from apps.community import services
from apps.community.models import Ask, AskRules, ChallengeEntry, Favour, SharingChoice
from apps.messaging import services as messaging
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def sam(now):
    messaging.ensure_templates(now)
    AskRules.objects.create(review_url="https://reviews.example.com/us")
    return make.contact(make.account(external_id="acme", owner=make.user()), name="Sam Doe")


def test_a_word_is_written_down_with_its_source_and_the_newest_counts(api, sam):
    path = f"contacts/{sam.pk}/sharing/"
    assert {one["surface"]: one["allowed"] for one in api.get(path).json()["sharing"]}["boards"] is False
    for allowed in (True, True, False):
        answer = api.post(path, {"surface": "boards", "allowed": allowed})
        assert answer.status_code == 200
    assert [one for one in answer.json()["sharing"] if one["surface"] == "boards"][0]["allowed"] is False
    assert [row["allowed"] for row in api.get(f"sharing-choices/?contact={sam.pk}").json()["results"]] == [False, True]
    assert SharingChoice.objects.first().actor.startswith("key:")
    assert api.post(path, {"surface": "fame", "allowed": True}).status_code == 400


def test_naming_asks_for_the_very_words(api, sam, now):
    said = {"contact": sam.pk, "item": "case:1", "words": "Sam says: great"}
    assert (refused := api.post("named-consents/", said)).status_code == 409
    assert refused.json()["code"] == "may_not_name"
    services.choose(sam, {"named": True}, source="test", actor=make.ACTOR, now=now)
    made = api.post("named-consents/", said)
    assert (made.status_code, made.json()["allowed"]) == (201, None)
    assert api.post(f"named-consents/{made.json()['id']}/answer/", {"allowed": True}).json()["allowed"] is True


def test_an_ask_goes_from_proposed_to_done_and_says_what_speaks_against_it(api, sam, now):
    made = api.post("asks/", {"contact": sam.pk, "kind": "reference", "purpose": "a practice in Ohio"})
    assert (made.status_code, made.json()["state"]) == (201, "proposed")
    path = f"asks/{made.json()['id']}/"
    assert api.post(f"{path}send/").json()["state"] == "asked"
    assert api.post(f"{path}answer/", {"agreed": True}).json()["state"] == "agreed"
    assert api.post(f"{path}finish/").json()["state"] == "done"
    favour = Favour.objects.get()
    assert api.post(f"favours/{favour.pk}/thank/").json()["thanked_at"] is not None
    refused = api.post("asks/", {"contact": sam.pk, "kind": "review"})
    assert (refused.status_code, refused.json()["code"]) == (409, "may_not_ask")
    assert "less than 30 days ago" in refused.json()["message"]
    assert Ask.objects.count() == 1


def test_a_review_that_came_by_itself_counts_once(api, sam):
    said = {"contact": sam.pk, "kind": "review", "key": "r1", "at": "2026-03-10T08:00:00Z"}
    first, again = api.post("favours/", said), api.post("favours/", said)
    assert (first.status_code, again.json()["id"], Favour.objects.count()) == (201, first.json()["id"], 1)
    assert api.post("favours/", {**said, "key": "r2", "at": "2026-03-12T08:00:00Z"}).json()["code"] == "not_yet"


def test_another_book_has_no_such_contact(key, sam):
    stranger = key("community:read", "community:write", owner=make.user())
    assert stranger.get(f"contacts/{sam.pk}/sharing/").status_code == 404
    assert stranger.post(f"contacts/{sam.pk}/sharing/", {"surface": "boards", "allowed": True}).status_code == 404
    assert stranger.post("asks/", {"contact": sam.pk, "kind": "case"}).status_code == 400
    assert not SharingChoice.objects.exists()


def test_challenges_are_joined_by_who_chose_them_and_numbers_told_to_who_sees_all(api, key, sam, now):
    make.proved(sam.account, make.contact(sam.account), now=now)
    path = f"challenges/{api.get('challenges/').json()['results'][0]['id']}/"
    assert api.post(f"{path}join/", {"contact": sam.pk}).json()["code"] == "did_not_choose"
    services.choose(sam, {"boards": True}, source="test", actor=make.ACTOR, now=now)
    assert api.post(f"{path}join/", {"contact": sam.pk}).status_code == 200
    assert ChallengeEntry.objects.filter(contact=sam).count() == 1
    api.post(f"{path}leave/", {"contact": sam.pk})
    assert ChallengeEntry.objects.filter(contact=sam).count() == 0
    assert api.get("statements/").json()["results"][0]["shown"] == "10 teams your size shared a report"
    assert api.get("published-statements/").json()["results"][0]["counted"] == 12
    assert "behind" not in api.get("published-statements/").json()["results"][0]
    owner = key("community:read", owner=sam.account.owner)
    assert owner.get("published-statements/").json()["results"] == []
