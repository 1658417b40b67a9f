"""Campaigns as programs write, launch, start and stop them."""

import pytest

from apps.campaigns.models import Campaign, Recipient
from apps.campaigns.services import campaigns
from tests import make

pytestmark = pytest.mark.django_db
SAYS = {"when": {"kind": "manual"}, "variants": [{"name": "a", "template": "news"}], "holdout_percent": 0}
FILE = {"key": "spring", "name": "Spring", "definition": SAYS}


def test_a_campaign_is_written_launched_started_paused_and_aborted(api, now):
    make.news()
    account = make.account()
    make.contact(account)
    made = api.post("campaigns/", FILE)
    assert (made.status_code, made.json()["state"], made.json()["number"]) == (201, "draft", 1)
    at = f"campaigns/{made.json()['id']}"
    second = api.post(f"{at}/version/", {"definition": {**SAYS, "window_days": 60}, "note": "Longer."})
    assert (second.status_code, second.json()["number"]) == (200, 2)
    told = api.get(f"{at}/consequence/").json()
    assert (told["people"], told["left_out"], told["problems"]) == (1, {}, [])
    assert api.post(f"{at}/start/", {}).status_code == 409
    assert api.post(f"{at}/launch/", {}).json()["state"] == "live"
    assert list(api.post(f"{at}/start/", {"accounts": ["nobody"]}).json()["fields"]) == ["accounts"]
    for _ in range(2):
        assert api.post(f"{at}/start/", {"accounts": [account.external_id], "key": "one"}).status_code == 200
    occurrences = api.get(f"campaign-occurrences/?campaign={made.json()['id']}").json()["results"]
    assert [(row["key"], row["number"], row["state"]) for row in occurrences] == [("by-hand-one", 2, "sending")]
    assert api.post(f"{at}/pause/", {"why": "A question."}).json()["state_why"] == "A question."
    assert api.post(f"{at}/resume/", {}).json()["state"] == "live"
    campaigns.hand_over(now=Recipient.objects.get().due_at)
    found = api.get(f"campaign-recipients/?occurrence={occurrences[0]['id']}&state=handed").json()["results"]
    assert [(row["account_external_id"], row["message_state"], row["reason"]) for row in found] == [(account.external_id, "queued", "")]
    assert api.post(f"{at}/abort/", {}).json()["state"] == "aborted"
    assert api.get(f"campaign-recipients/{found[0]['id']}/").json()["message_reason"] == "The campaign “Spring” was aborted."
    assert api.post(f"{at}/archive/", {}).json()["state"] == "archived"


def test_a_flaw_is_told_by_its_place_and_nothing_is_saved(api):
    refused = api.post("campaigns/", {**FILE, "definition": {**SAYS, "channels": ["pigeon"], "when": {"kind": "enters"}}})
    assert refused.status_code == 400
    assert sorted(refused.json()["fields"]) == ["definition.channels[0]", "definition.segment"]
    assert not Campaign.objects.exists()
    made = api.post("campaigns/", FILE)
    not_right = api.post(f"campaigns/{made.json()['id']}/launch/", {})
    assert (not_right.status_code, list(not_right.json()["fields"])) == (400, ["definition.variants[0].template", "definition.channels[0]"])


def test_who_was_left_out_is_listed_with_the_reason(api, now):
    make.news()
    make.contact(make.account(), email="")
    campaign = make.campaign(live_at=now)
    row = campaigns.start_by_hand(campaign, actor=make.ACTOR, now=now)
    campaigns.freeze(row, now=now)
    [found] = api.get("campaign-recipients/?left=no_address").json()["results"]
    assert (found["state"], found["reason"]) == ("excluded", "no address on these channels")
