"""Writing campaigns, launching them, and the turns they may take."""

from datetime import timedelta

import pytest

from apps.campaigns.definition import Flaws, plain, read
from apps.campaigns.models import Campaign, Occurrence, Recipient
from apps.campaigns.services import campaigns
from apps.campaigns.types import CAMPAIGN_TURNS, CampaignState
from apps.core.errors import Refused
from apps.events.models import Event
from apps.messaging.models import Hold, Message
from tests import make

pytestmark = pytest.mark.django_db


def flaws_of(says, kind="message"):
    with pytest.raises(Flaws) as told:
        read(says, kind)
    return dict(told.value.flaws)


def test_a_definition_tells_every_flaw_by_its_place():
    says = {
        "when": {"kind": "event", "event": "milestone.achieved", "when": {"kee": "x"}},
        "channels": ["email", "pigeon"],
        "people": {"roles": ["wizard"]},
        "variants": [{"name": "a", "template": "x"}, {"name": "a", "template": "y"}],
        "blocks": {"offer": [{"words": {"en": "all"}}, {"segment": "few", "words": {"en": "few"}}]},
    }
    found = flaws_of(says)
    assert sorted(found) == ["blocks.offer", "channels[1]", "people.roles[0]", "variants", "when.when.kee"]
    assert found["variants"] == "Two variants have the same name."
    assert found["blocks.offer"] == "The words for everybody else come last."
    assert "milestone_id, key, progress_id" in found["when.when.kee"]


def test_unknown_names_and_impossible_days_are_flaws():
    assert "“segmnt” is not known" in next(iter(flaws_of({"when": {"kind": "manual"}, "segmnt": "x"}).values()))
    once = {"when": {"kind": "once", "at": "2026-02-30T09:00"}, "variants": [{"name": "a", "template": "x"}]}
    assert flaws_of(once) == {"when.at": "2026-02-30T09:00 is no day of the calendar."}
    entering = {"when": {"kind": "enters"}, "variants": [{"name": "a", "template": "x"}]}
    assert flaws_of(entering) == {"segment": "Name the segment into which accounts come."}


def test_each_kind_has_words_of_its_own():
    manual = {"when": {"kind": "manual"}}
    assert flaws_of(manual) == {"variants": "Name at least one template."}
    assert flaws_of(manual, "sequence") == {"sequence": "Name the play whose steps are taken."}
    asked = {**manual, "variants": [{"name": "a", "template": "x"}], "survey": {"kind": "nps"}, "sequence": "drip"}
    assert sorted(flaws_of(asked)) == ["sequence", "survey"]


def test_what_is_left_at_its_default_is_not_kept():
    says = {
        "when": {"kind": "recurring", "every": "month", "at": "09:00"},
        "variants": [{"name": "a", "template": "x", "weight": 1}],
        "window_days": 30,
    }
    assert plain(read(says)) == {"when": {"kind": "recurring"}, "variants": [{"name": "a", "template": "x"}]}
    assert (read(says).again, read({**says, "when": {"kind": "manual"}}).again) == (0, 30)


def test_the_same_words_make_no_new_version_and_other_words_do(now):
    campaign = make.campaign()
    says = campaign.current.definition
    assert campaigns.save_version(campaign, says=says, actor=make.ACTOR, now=now).number == 1
    assert campaigns.save_version(campaign, says={**says, "window_days": 60}, note="Longer.", actor=make.ACTOR, now=now).number == 2
    assert list(campaign.versions.order_by("number").values_list("number", "note")) == [(1, "First version."), (2, "Longer.")]
    with pytest.raises(Refused, match="There is a campaign"):
        campaigns.create(key=campaign.key, name="Twin", says=says, actor=make.ACTOR, now=now)


def test_a_launch_says_all_that_is_not_right_yet(now):
    make.contact(make.account(), locale="pt-BR")
    make.segment_of(key="asleep", now=now)
    Campaign.objects.all()
    make.news("only-german", locale="de")
    says = {
        "when": {"kind": "once", "at": "2026-03-01T09:00"},
        "segment": "asleep",
        "variants": [{"name": "a", "template": "nothing"}, {"name": "b", "template": "only-german"}],
        "channels": ["email", "in_app"],
        "budget": {"money": 0},
    }
    campaign = make.campaign(says=says)
    make.Segment.objects.update(state="draft")
    with pytest.raises(Flaws) as told:
        campaigns.launch(campaign, actor=make.ACTOR, now=now)
    found = told.value.flaws
    assert ("segment", "The segment 'asleep' is draft; make it live first.") in found
    assert ("when.at", "2026-03-01T09:00 has passed.") in found
    assert ("variants[0].template", "There is no template 'nothing' for email or in_app.") in found
    assert ("channels[1]", "No template has words for in_app.") in found
    assert any(place == "budget.money" for place, _ in found)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.launched_at) == ("draft", None)


def test_readers_whose_language_nobody_wrote_in_are_named(now):
    make.contact(make.account(), locale="pt-BR")
    make.news("greeting", locale="de")
    campaign = make.campaign(says={"variants": [{"name": "a", "template": "greeting"}]})
    with pytest.raises(Flaws, match="no words for readers of pt-BR, nor in the language of the house"):
        campaigns.launch(campaign, actor=make.ACTOR, now=now)
    make.news("greeting", locale="en")
    assert campaigns.launch(campaign, actor=make.ACTOR, now=now).state == "live"


def test_templates_that_are_compared_are_about_the_same_topic(now):
    make.news("one")
    make.news("two", topic="newsletter")
    campaign = make.campaign(says={"variants": [{"name": "a", "template": "one"}, {"name": "b", "template": "two"}]})
    with pytest.raises(Flaws, match="different topics"):
        campaigns.launch(campaign, actor=make.ACTOR, now=now)


@pytest.mark.parametrize("state", list(CampaignState))
def test_every_other_turn_is_refused(now, state):
    make.news()
    acts = {
        CampaignState.LIVE: [campaigns.launch, campaigns.resume],
        CampaignState.PAUSED: [campaigns.pause],
        CampaignState.ABORTED: [campaigns.abort],
        CampaignState.ARCHIVED: [campaigns.archive],
    }
    for target, ways in acts.items():
        for act in ways:
            campaign = make.campaign()
            Campaign.objects.filter(pk=campaign.pk).update(state=state)
            campaign.refresh_from_db()
            if target in CAMPAIGN_TURNS[state]:
                assert act(campaign, actor=make.ACTOR, now=now).state == target
            else:
                with pytest.raises(Refused, match="cannot become"):
                    act(campaign, actor=make.ACTOR, now=now)


def test_a_pause_holds_what_is_queued_and_a_resume_lets_it_go(now):
    make.news()
    make.contact(make.account())
    campaign = make.campaign(live_at=now)
    campaigns.start_by_hand(campaign, actor=make.ACTOR, now=now)
    campaigns.advance(now=now)
    message = Message.objects.get()
    from apps.messaging import dispatch

    campaigns.pause(campaign, why="Wrong price.", actor=make.ACTOR, now=now)
    assert dispatch.claim("email", owner="w", now=now).sending == []
    message.refresh_from_db()
    assert (message.state, message.reason) == ("held", f"The campaign “{campaign.name}” is paused.")
    campaigns.resume(campaign, actor=make.ACTOR, now=now)
    assert [row.pk for row in dispatch.claim("email", owner="w", now=now).sending] == [message.pk]
    assert not Hold.objects.exists()
    assert list(Event.objects.filter(type="campaign.changed").order_by("pk").values_list("payload__why", flat=True)) == [
        *("version 1", "launched", "Wrong price.", "resumed"),
    ]


def test_an_abort_takes_back_what_waits_and_cancels_who_has_not_had_it(now):
    make.news()
    for _ in range(3):
        make.contact(make.account())
    campaign = make.campaign(says={"throttle_per_hour": 1}, live_at=now)
    campaigns.start_by_hand(campaign, actor=make.ACTOR, now=now)
    campaigns.advance(now=now)
    campaigns.abort(campaign, why="It was wrong.", actor=make.ACTOR, now=now)
    assert Message.objects.get().state == "cancelled"
    assert Message.objects.get().reason == f"The campaign “{campaign.name}” was aborted: It was wrong."
    assert sorted(Recipient.objects.values_list("state", flat=True)) == ["cancelled", "cancelled", "handed"]
    assert Occurrence.objects.get().state == "aborted"
    assert campaigns.hand_over(now=now + timedelta(hours=3)) == 0


def test_an_occurrence_finishes_on_its_version(now):
    make.news("old")
    make.news("new")
    for _ in range(2):
        make.contact(make.account())
    campaign = make.campaign(says={"variants": [{"name": "a", "template": "old"}], "throttle_per_hour": 1}, live_at=now)
    campaigns.start_by_hand(campaign, key="first", actor=make.ACTOR, now=now)
    campaigns.advance(now=now)
    says = {**campaign.current.definition, "variants": [{"name": "a", "template": "new"}]}
    campaigns.save_version(campaign, says=says, actor=make.ACTOR, now=now)
    campaigns.advance(now=now + timedelta(hours=2))
    assert list(Message.objects.order_by("pk").values_list("template__key", flat=True)) == ["old", "old"]
    later = now + timedelta(days=40)
    campaigns.start_by_hand(campaign, key="second", actor=make.ACTOR, now=later)
    campaigns.advance(now=later)
    assert list(Message.objects.order_by("pk").values_list("template__key", flat=True)) == ["old", "old", "new"]
