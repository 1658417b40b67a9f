"""Whose turn it is: the second look, channels, words, budgets, sequences, triggers, brakes; and promotions that stop."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.campaigns.campaigning import brakes
from apps.campaigns.models import Campaign, Membership, Occurrence, Recipient
from apps.campaigns.services import campaigns
from apps.churn.types import Band
from apps.core.shares import position
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import MilestoneAchieved, RiskRaised, SegmentEntered
from apps.experiments.models import PolicyDecision
from apps.interventions import services as interventions
from apps.interventions.models import Enrolment
from apps.messaging import dispatch
from apps.messaging import services as messaging
from apps.messaging.models import Consent, Decision, Digest, Hold, Message, ProviderEvent
from tests import make

pytestmark = pytest.mark.django_db


def sent_out(campaign, now, **more):
    row = campaigns.start_by_hand(campaign, actor=make.ACTOR, now=now, **more)
    campaigns.advance(now=now)
    return row


def only(**said):
    return list(Recipient.objects.filter(**said).values_list("state", "left"))


def test_the_message_is_as_one_of_compose_with_its_first_decision(now):
    make.news(body="Hello {{ contact.first_name }} of {{ account.name }}, from {{ campaign.name }}.")
    person = make.contact(make.account(name="Acme"), name="Ada Lovelace")
    campaign = make.campaign(says={"promotion": True, "lane": "nurture"}, name="Spring", live_at=now)
    row = sent_out(campaign, now)
    message = Message.objects.get()
    assert message.body == "Hello Ada of Acme, from Spring."
    assert message.idem_key == f"campaign:{campaign.pk}:{person.pk}:{row.pk}"
    assert (message.lane, message.lane_rank, message.promotion, message.series) == ("nurture", 2, True, f"campaign:{campaign.pk}")
    assert message.expires_at == now + timedelta(hours=72)
    assert Decision.objects.get().actor == "job:campaigns.hand_over"
    assert Recipient.objects.get().message_id == message.pk


@pytest.mark.parametrize(
    ("happens", "left"), [("says no", "no_consent"), ("has left", "nobody"), ("is saved", "saving"), ("asks for help", "ticket"), ("churns", "gone")]
)
def test_what_changed_since_the_freezing_is_seen_just_before(now, happens, left):
    make.news()
    account = make.account()
    person = make.contact(account)
    campaign = make.campaign(says={"promotion": True}, live_at=now)
    row = campaigns.start_by_hand(campaign, actor=make.ACTOR, now=now)
    campaigns.freeze(row, now=now)
    if happens == "says no":
        messaging.record_consent(contact=person, channel="email", topic="success", allowed=False, source="test", now=now)
    elif happens == "has left":
        make.Contact.objects.filter(pk=person.pk).update(departed_on=now.date())
    elif happens == "is saved":
        interventions.start_by_hand(make.play(says={"lane": "save"}), account_id=account.pk, actor=make.ACTOR, now=now)
    elif happens == "churns":
        make.Account.objects.update(stage="churned")
    else:
        make.ticket(account, now, priority="p1")
    campaigns.hand_over(now=now)
    assert only() == [("skipped", left)]
    assert not Message.objects.exists()


def test_words_differ_by_segment_and_language(now):
    make.news(body="{{ blocks.offer }}")
    make.news(body="{{ blocks.offer }}", locale="de")
    big, small = make.account(), make.account()
    segment = make.segment_of(big, now=now)
    people = {
        name: make.contact(account, locale=locale) for name, account, locale in [("big", big, "de"), ("small", small, "de"), ("else", small, "fr")]
    }
    offer = [{"segment": segment.key, "words": {"en": "Call us.", "de": "Rufen Sie an."}}, {"words": {"en": "Ten percent.", "de": "Zehn Prozent."}}]
    campaign = make.campaign(says={"blocks": {"offer": offer}, "people": {"who": "all"}}, live_at=now)
    sent_out(campaign, now)
    bodies = dict(Message.objects.values_list("contact_id", "body"))
    assert {name: bodies[person.pk] for name, person in people.items()} == {"big": "Rufen Sie an.", "small": "Zehn Prozent.", "else": "Ten percent."}


def test_words_that_cannot_be_written_stop_nobody_else(now):
    make.news(body="{% if contact.first_name == 'Bad' %}{{ nothing.known }}{% endif %}Hello")
    make.contact(make.account(), name="Bad Luck")
    make.contact(make.account(), name="Good Luck")
    sent_out(make.campaign(live_at=now), now)
    assert sorted(only()) == [("handed", ""), ("skipped", "changed")]


def test_a_budget_of_people_and_of_money_is_never_passed(now):
    make.news()
    make.news(channel="sms")
    messaging.write_policy(actor=make.ACTOR, now=now, prices={"sms": {"": "0.10"}})
    for number in range(5):
        make.contact(make.account(), phone=f"+1555000{number:04}")
    sent_out(make.campaign(says={"budget": {"recipients": 3}}, live_at=now), now)
    assert sorted(only()) == [("handed", "")] * 3 + [("skipped", "budget")] * 2
    Recipient.objects.all().delete()
    dear = make.campaign(says={"channels": ["sms"], "budget": {"money": 0.25}}, live_at=now)
    sent_out(dear, now)
    assert sorted(only()) == [("handed", "")] * 2 + [("skipped", "budget")] * 3
    assert campaigns_spent(dear) == Decimal("0.20000")


def campaigns_spent(campaign):
    from apps.campaigns.selectors import campaigns as known

    return known.spent(campaign)


def test_a_learned_channel_learns_from_answers(now):
    make.news()
    make.news(channel="in_app")
    person = make.contact(make.account())
    campaign = make.campaign(says={"channels": ["in_app", "email"], "choice": "learned"}, live_at=now)
    campaigns.start_by_hand(campaign, actor=make.ACTOR, now=now)
    campaigns.advance(now=now, learned=True)
    message = Message.objects.get()
    decision = PolicyDecision.objects.get()
    assert (decision.key, decision.chosen, decision.contact_id) == (message.idem_key, message.channel, person.pk)
    campaigns.note_reply(message_id=message.pk, at=now + timedelta(hours=1))
    decision.refresh_from_db()
    assert decision.success is True


def test_the_best_hour_is_the_one_at_which_they_read(now):
    make.news()
    account = make.account(time_zone="UTC")
    reader, other = make.contact(account), make.contact(make.account(time_zone="UTC"))
    make.activity_of(reader, *[now.replace(hour=15) - timedelta(days=7 * week) for week in range(1, 12)])
    make.SegmentRhythm.objects.create(segment="", hours=[1.0] * 168, people=10, events=10, as_of=now)
    from apps.experiments.selectors import best_moment, best_moments
    from apps.messaging.selectors import allowed_hours

    named = {"earliest": now, "latest": now + timedelta(hours=47), "allowed": allowed_hours("email"), "now": now}
    assert best_moments([reader, other], **named) == {one.pk: best_moment(one, **named) for one in (reader, other)}
    campaign = make.campaign(says={"hour": "best"}, live_at=now)
    sent_out(campaign, now)
    assert Message.objects.get(contact=reader).due_at == best_moment(reader, **named).at


def test_a_sequence_is_the_run_of_a_play(now):
    make.news()
    accounts = [make.account() for _ in range(3)]
    for account in accounts:
        make.contact(account)
    play = make.play(key="drip", says={"steps": [{"kind": "message", "channel": "email", "template": "news"}, {"kind": "end"}], "lane": "nurture"})
    busy = accounts[0]
    interventions.start_by_hand(play, account_id=busy.pk, actor=make.ACTOR, now=now)
    campaign = make.campaign(kind="sequence", says={"variants": [], "sequence": "drip"}, live_at=now)
    sent_out(campaign, now)
    assert dict(Recipient.objects.values_list("account_id", "left")) == {busy.pk: "again", accounts[1].pk: "", accounts[2].pk: ""}
    runs = Enrolment.objects.filter(pk__in=Recipient.objects.filter(state="handed").values("enrolment"))
    assert set(runs.values_list("account_id", "state")) == {(accounts[1].pk, "waiting"), (accounts[2].pk, "waiting")}
    campaigns.abort(campaign, actor=make.ACTOR, now=now)
    assert set(runs.values_list("state", "exit_reason")) == {("ended", "manual")}
    assert Enrolment.objects.get(account=busy).state == "waiting"


# --- triggers


def announced(event, now):
    return event, events.publish(event, actor=make.ACTOR, now=now)


def milestone(account, key="first-export"):
    return MilestoneAchieved(
        account_id=account.pk, milestone_id=1, key=key, progress_id=1, variant="", achieved_at="2026-03-11T12:00:00+00:00", via="rule"
    )


def test_an_event_starts_a_campaign_for_its_account_once(now):
    make.news()
    account, other = make.account(), make.account()
    make.contact(account)
    make.contact(other)
    when = {"kind": "event", "event": "milestone.achieved", "when": {"key": ["first-export", "second"]}}
    campaign = make.campaign(says={"when": when}, live_at=now)
    told = announced(milestone(account), now)
    assert campaigns.on_event(*told, now=now) == 1
    assert campaigns.on_event(*told, now=now) == 1
    assert campaigns.on_event(*announced(milestone(account, "third"), now), now=now) == 0
    assert campaigns.on_event(*announced(milestone(account), now), now=now + timedelta(hours=25)) == 0
    campaigns.advance(now=now)
    assert list(Message.objects.values_list("account_id", flat=True)) == [account.pk]
    assert (Occurrence.objects.get().key, Occurrence.objects.get().state) == ("2026-03-11/v1", "sending")
    assert campaigns.on_event(*announced(milestone(other), now), now=now) == 1
    campaigns.advance(now=now)
    assert Message.objects.count() == 2
    # A day later its occurrence is closed, and the next one leaves out who had it.
    tomorrow = now + timedelta(days=1)
    campaigns.advance(now=tomorrow)
    assert Occurrence.objects.get().state == "done"
    campaigns.on_event(*announced(milestone(account), tomorrow), now=tomorrow)
    campaigns.advance(now=tomorrow)
    assert list(Recipient.objects.filter(occurrence__key="2026-03-12/v1").values_list("state", "left")) == [("excluded", "again")]
    assert Campaign.objects.get(pk=campaign.pk).state == "live"


def test_an_event_starts_nothing_outside_the_segment_or_while_paused(now):
    make.news()
    account = make.account()
    make.contact(account)
    segment = make.segment_of(now=now)
    campaign = make.campaign(says={"when": {"kind": "event", "event": "risk.raised"}, "segment": segment.key}, live_at=now)
    raised = RiskRaised(account_id=account.pk, prediction_id=1, from_band=Band.LOW.value, to_band=Band.HIGH.value, probability=0.5)
    told = announced(raised, now)
    assert campaigns.on_event(*told, now=now) == 0
    Membership.objects.create(segment=segment, account=account, version=segment.current, entered_at=now)
    campaigns.pause(campaign, actor=make.ACTOR, now=now)
    assert campaigns.on_event(*told, now=now) == 0
    campaigns.resume(campaign, actor=make.ACTOR, now=now)
    assert campaigns.on_event(*told, now=now) == 1
    assert only() == [("planned", "")]


def test_entering_the_segment_starts_a_campaign(now):
    make.news()
    account = make.account()
    make.contact(account)
    segment = make.segment_of(account, now=now)
    make.campaign(says={"when": {"kind": "enters"}, "segment": segment.key}, live_at=now)
    make.campaign(says={"when": {"kind": "enters"}, "segment": make.segment_of(account, now=now).key}, live_at=now)
    entered = SegmentEntered(account_id=account.pk, segment_id=segment.pk, segment=segment.key, membership_id=Membership.objects.first().pk)
    assert campaigns.on_segment(*announced(entered, now), now=now) == 1
    campaigns.advance(now=now)
    assert Message.objects.count() == 1


def test_by_hand_reaches_those_who_are_named_in_the_segment_or_not(now):
    make.news()
    account = make.account()
    make.contact(account)
    make.contact(make.account())
    campaign = make.campaign(says={"segment": make.segment_of(now=now).key}, live_at=now)
    row = sent_out(campaign, now, account_ids=[account.pk], key="one")
    assert campaigns.start_by_hand(campaign, key="one", actor=make.ACTOR, now=now).pk == row.pk
    assert list(Message.objects.values_list("account_id", flat=True)) == [account.pk]


# --- promotions


def test_a_promotion_that_is_queued_stops_with_the_claim_after_a_save_began(now):
    make.news()
    account = make.account()
    make.contact(account)
    sent_out(make.campaign(says={"promotion": True}, live_at=now), now)
    sent_out(make.campaign(live_at=now), now)
    play = make.play(says={"lane": "save"}, name="Hold on")
    run = interventions.start_by_hand(play, account_id=account.pk, actor=make.ACTOR, now=now)
    assert Hold.objects.get().source == f"enrolment:{run.pk}"
    assert [row.promotion for row in dispatch.claim("email", owner="w", now=now).sending] == [False]
    stopped = Message.objects.get(promotion=True)
    assert (stopped.state, stopped.reason) == ("suppressed", "No promotions: the save play “Hold on” runs.")
    assert Event.objects.get(type="message.not_sent").payload["reason"] == stopped.reason
    interventions.stop(run, actor=make.ACTOR, now=now)
    assert not Hold.objects.exists()


def test_one_that_was_claimed_before_the_save_stops_before_its_attempt(now):
    make.open_channels()
    make.news()
    account = make.account()
    make.contact(account)
    sent_out(make.campaign(says={"promotion": True}, live_at=now), now)
    [message] = dispatch.claim("email", owner="w", now=now).sending
    interventions.start_by_hand(make.play(says={"lane": "save"}), account_id=account.pk, actor=make.ACTOR, now=now)
    assert dispatch.send(message, now=now) == "suppressed"


def test_a_held_out_save_or_another_lane_holds_nothing(now):
    account, other = make.account(), make.account()
    interventions.start_by_hand(make.play(says={"lane": "nurture"}), account_id=account.pk, actor=make.ACTOR, now=now)
    assert not Hold.objects.exists()
    asks = make.play(says={"lane": "save", "approval": "csm"})
    run = interventions.start_by_hand(asks, account_id=other.pk, actor=make.ACTOR, now=now)
    assert not Hold.objects.exists()
    interventions.let_in(run, actor=make.ACTOR, now=now)
    assert Hold.objects.get().account_id == other.pk


def test_an_urgent_ticket_stops_a_queued_promotion(now):
    make.news()
    account = make.account()
    make.contact(account)
    sent_out(make.campaign(says={"promotion": True}, live_at=now), now)
    make.ticket(account, now, priority="p1")
    assert dispatch.claim("email", owner="w", now=now).sending == []
    assert Message.objects.get().reason == "No promotions: an urgent ticket is open."


def test_a_digest_of_offers_keeps_nothing_else_back(now):
    make.news()
    messaging.write_policy(actor=make.ACTOR, now=now, digest_lanes=["broadcast"])
    account = make.account()
    make.contact(account)
    for promotion in (True, True, False, False):
        sent_out(make.campaign(says={"promotion": promotion}, live_at=now), now)
    assert sorted(Digest.objects.values_list("key", flat=True)) == ["success/all", "success/all/offers"]
    assert set(Message.objects.values_list("state", flat=True)) == {"gathered"}
    interventions.start_by_hand(make.play(says={"lane": "save"}), account_id=account.pk, actor=make.ACTOR, now=now)
    later = now + timedelta(days=1)
    messaging.close_digests(now=later)
    dispatch.claim("email", owner="w", now=later, limit=50)
    assert sorted(Message.objects.filter(promotion=True).values_list("state", flat=True)) == ["suppressed", "suppressed"]
    assert Message.objects.get(idem_key__startswith="digest:").state == "sending"


# --- brakes


def delivered(campaign, count, now):
    people = [make.contact(make.account()) for _ in range(count)]
    named = {"series": campaign.series, "state": "delivered", "sent_at": now}
    return [make.message(person, now=now, **named) for person in people]


def complained(message, now):
    ProviderEvent.objects.create(
        provider="anymail", event_id=f"c{message.pk}", kind="status", message=message, told="delivered", raw={"type": "complained"}, received_at=now
    )


def looked_at(campaign, now):
    campaigns.start_by_hand(campaign, actor=make.ACTOR, now=now, account_ids=[])
    brakes.look(now=now)
    campaign.refresh_from_db()
    return campaign.state, campaign.slowed_at is not None


def test_one_complaint_of_ten_says_nothing_and_three_pause(now):
    make.news()
    campaign = make.campaign(live_at=now)
    rows = delivered(campaign, 10, now)
    complained(rows[0], now)
    complained(rows[1], now)
    assert looked_at(campaign, now) == ("live", False)
    complained(rows[2], now)
    assert looked_at(campaign, now) == ("paused", False)
    assert campaign.state_why == "Paused by the brake: 3 of 10 complained (30.00 %; the limit is 0.3 %)."
    assert Event.objects.filter(type="campaign.changed").latest("pk").payload["why"] == campaign.state_why
    assert Hold.objects.get().series == campaign.series
    # A person decides; from then on it counts anew.
    campaigns.resume(campaign, actor=make.ACTOR, now=now + timedelta(hours=1))
    assert looked_at(campaign, now + timedelta(hours=1)) == ("live", False)


def test_a_tenth_of_a_percent_slows(now):
    found = brakes.Pressed(arrived=2_000, complaints=3, unsubscribes=0)
    assert found.over(brakes.STOP) == ""
    assert found.over(brakes.SLOW) == "3 of 2000 complained (0.15 %; the limit is 0.1 %)."
    assert brakes.Pressed(3_001, 3, 0).over(brakes.SLOW) == ""
    assert brakes.Pressed(1_000, 3, 0).over(brakes.STOP) != ""
    assert brakes.Pressed(1_000, 0, 10).over(brakes.SLOW).startswith("10 of 1000 unsubscribed")
    assert brakes.Pressed(300, 0, 9).over(brakes.STOP) == ""


def test_a_slowed_campaign_hands_over_a_few_an_hour(now, monkeypatch):
    make.news()
    from apps.campaigns.campaigning import spending

    monkeypatch.setattr(spending, "SLOWLY", 2)
    for _ in range(5):
        make.contact(make.account())
    campaign = make.campaign(live_at=now)
    row = campaigns.start_by_hand(campaign, actor=make.ACTOR, now=now)
    campaigns.freeze(row, now=now)
    Campaign.objects.update(slowed_at=now)
    assert campaigns.hand_over(now=now) == 2
    assert campaigns.hand_over(now=now) == 0
    assert campaigns.hand_over(now=now + timedelta(hours=2)) == 2


def test_people_who_leave_after_a_message_count_as_unsubscribed(now):
    make.news()
    campaign = make.campaign(live_at=now)
    rows = delivered(campaign, 12, now)
    for number, message in enumerate(rows):
        at = now + timedelta(days=1 if number < 10 else 8)
        Consent.objects.create(contact=message.contact, channel="email", topic="success", allowed=False, source="one-click", at=at)
    assert brakes.pressed(campaign, now=now) == brakes.Pressed(12, 0, 10)


# --- surveys


def test_a_survey_asks_with_a_link_and_nobody_twice_in_its_quiet_time(now):
    messaging.ensure_templates(now)
    person, asked = make.contact(make.account()), make.contact(make.account())
    make.asked(asked, now=now - timedelta(days=10))
    says = {"variants": [{"name": "a", "template": "survey-nps"}], "survey": {"kind": "nps"}}
    campaign = make.campaign(kind="survey", says=says, live_at=now)
    row = sent_out(campaign, now)
    found = dict(Recipient.objects.filter(occurrence=row).values_list("contact_id", "left"))
    assert found == {person.pk: "", asked.pk: "surveyed"}
    message = Message.objects.get(series=campaign.series)
    assert "/c/survey/" in message.body


def test_a_survey_that_drips_asks_those_whose_week_it_is(now):
    from apps.campaigns.surveys import drip

    messaging.ensure_templates(now)
    people = [make.contact(make.account()) for _ in range(60)]
    says = {"variants": [{"name": "a", "template": "survey-nps"}], "survey": {"kind": "nps", "drip": True}}
    campaign = make.campaign(kind="survey", says=says, live_at=now)
    row = campaigns.start_by_hand(campaign, actor=make.ACTOR, now=now)
    campaigns.freeze(row, now=now)
    assert set(Recipient.objects.filter(occurrence=row).values_list("contact_id", flat=True)) == drip.due(
        campaign.key, [one.pk for one in people], now
    )


# --- looking ahead and the calendar


def test_what_will_happen_is_said_before_and_is_what_happens(now):
    from apps.campaigns.selectors import campaigns as known

    make.news()
    messaging.write_policy(actor=make.ACTOR, now=now, prices={"email": {"": "0.01"}})
    people = [make.contact(make.account()) for _ in range(20)]
    make.contact(make.account(), email="")
    messaging.record_consent(contact=people[0], channel="email", topic="success", allowed=False, source="test", now=now)
    campaign = make.campaign(says={"holdout_percent": 20, "budget": {"recipients": 5}})
    tired = next(one for one in people[1:] if position(f"campaign:{campaign.key}", one.account_id) >= 0.2)
    for _ in range(3):
        make.message(tired, now=now, state="sent", sent_at=now, claimed_at=now)
    told = known.consequence(campaign, campaign.says, now=now)
    assert told.left_out == {"no_address": 1, "no_consent": 1}
    assert (told.people + told.held_out, told.full, told.by_channel) == (19, 1, {"email": told.people})
    assert told.by_variant == {"a": told.people}
    assert (told.cost, told.currency, told.problems) == (Decimal("0.01") * told.people, "USD", [])
    assert f"{told.people} people are written to now, at {told.people} customers; {told.held_out} are held out to compare with." in told.words
    assert "Only 5 of them are written to: so the budget says." in told.words
    campaigns.launch(campaign, actor=make.ACTOR, now=now)
    row = campaigns.start_by_hand(campaign, actor=make.ACTOR, now=now)
    campaigns.freeze(row, now=now)
    counted = known.counts(row.pk)
    assert (counted["planned"], counted["held_out"], counted["excluded"]) == (told.people, told.held_out, 2)
    campaigns.hand_over(now=now)
    found = known.progress(row, now=now)
    assert (found.states["handed"], found.left["budget"], found.messages, found.done_percent) == (5, told.people - 5, {"queued": 5}, 100)
    # Told by what they have in common: each reason names a moment of its own.
    for place, message in enumerate(Message.objects.filter(state="queued").order_by("pk")[:3]):
        Message.objects.filter(pk=message.pk).update(
            state="expired", reason=f"Too late: it was worth sending until 12:00. It waited: Quiet hours until {place}"
        )
    Message.objects.filter(state="queued").update(state="cancelled", reason="Somebody took it back.")
    assert known.progress(row, now=now).unsent == {"quiet hours": 3, "Somebody took it back.": 2}


def test_the_calendar_counts_plays_and_campaigns_by_day_and_lane(now):
    from apps.campaigns.selectors import campaigns as known

    make.news()
    people = [make.contact(make.account()) for _ in range(3)]
    tomorrow = now + timedelta(days=1)
    make.message(people[0], now=now, lane="save", state="sent", sent_at=now, claimed_at=now)
    make.message(people[0], now=now, lane="nurture", due_at=now)
    make.message(people[1], now=tomorrow, lane="nurture")
    once = {"when": {"kind": "once", "at": "2026-03-12T12:00", "local": False}}
    campaign = make.campaign(says=once, live_at=now - timedelta(days=1))
    make.Campaign.objects.filter(pk=campaign.pk).update(next_at=now)
    campaigns.plan_due(now=now)
    campaigns.freeze(Occurrence.objects.get(), now=now)
    Recipient.objects.update(due_at=tomorrow)
    chief = make.user(make.Role.ADMINISTRATOR)
    first, second = known.pressure_days(chief, first=now.date(), days=2)
    assert (first.reached, first.waiting, first.planned, first.full) == ({"save": 1}, {"nurture": 1}, {}, 1)
    assert (second.reached, second.waiting, second.planned, second.full) == ({}, {"nurture": 1}, {"broadcast": 3}, 1)
    assert known.full_accounts(chief, tomorrow.date()) == [people[1].account_id]
    left, waits, planned = known.who_gets_what(chief, now.date())
    assert ([row.lane for row in left], [row.lane for row in waits], list(planned)) == (["save"], ["nurture"], [])
    nobody = make.user()
    assert [day.all for day in known.pressure_days(nobody, first=now.date(), days=2)] == [0, 0]
