"""Asks: they leave through the governor, everything is looked at once more, their page changes nothing by being opened, favours are owed."""

from datetime import timedelta

import pytest
from django.test import Client

from apps.community import selectors, services
from apps.community.models import Ask, AskRules, Favour
from apps.core.errors import Refused
from apps.events.models import Event
from apps.messaging import dispatch
from apps.messaging import services as messaging
from apps.messaging.models import Message
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def rules():
    return AskRules.objects.create(review_url="https://reviews.example.com/us")


@pytest.fixture
def sam(now, rules):
    messaging.ensure_templates(now)
    return make.contact(make.account(name="Acme"), name="Sam Doe", time_zone="UTC")


def by_hand(contact, kind, now, rules, purpose=""):
    return services.ask_by_hand(contact=contact, kind=kind, purpose=purpose, actor=make.ACTOR, now=now, rules=rules)


def sent(contact, kind, now, rules):
    return services.send(ask=by_hand(contact, kind, now, rules), actor=make.ACTOR, now=now, rules=rules)


def page(ask) -> str:
    return f"/c/ask/{selectors.ask_token(ask)}"


def press(ask, answer):
    return Client(enforce_csrf_checks=True).post(page(ask), {"answer": answer})


@pytest.mark.parametrize(("kind", "topic"), [("referral", "referral"), ("review", "advocacy"), ("reference", "advocacy"), ("case", "advocacy")])
@pytest.mark.parametrize("locale", ["en", "de"])
def test_it_leaves_as_a_message_with_its_own_topic_and_link(sam, now, rules, kind, topic, locale):
    sam.locale = locale
    sam.save()
    ask = sent(sam, kind, now, rules)
    message = Message.objects.get()
    assert (ask.state, message.topic, message.lane, message.locale, message.channel) == ("asked", topic, "nurture", locale, "email")
    assert page(ask) in message.body
    assert "{{" not in message.body


def test_nothing_leaves_once_they_said_no_though_it_was_written_before(sam, now, rules, peer):
    sent(sam, "review", now, rules)
    services.choose(sam, {"advocacy": False}, source="csm", actor=make.ACTOR, now=now)
    assert Message.objects.get().state == "cancelled"
    assert Ask.objects.values_list("state", "asked_at").get() == ("expired", None)
    # Even a message that somebody else wrote on this topic after the no stays here.
    late = make.message(sam, now=now, topic="advocacy")
    dispatch.one_round("email", owner="test", clock=lambda: now)
    late.refresh_from_db()
    assert late.state == "suppressed"
    assert peer.mails == []


def test_trouble_between_yes_and_sending_refuses_it(sam, now, rules):
    ask = by_hand(sam, "referral", now, rules)
    make.ticket(sam.account, now)
    with pytest.raises(Refused, match="A ticket of theirs is open"):
        services.send(ask=ask, actor=make.ACTOR, now=now, rules=rules)
    assert not Message.objects.exists()
    assert Ask.objects.get().state == "proposed"


def test_what_the_governor_kept_was_no_ask(sam, now, rules):
    ask = sent(sam, "referral", now, rules)
    assert services.note_not_sent(message_id=ask.message_id, reason="The cap.", actor=make.ACTOR, now=now)
    assert Ask.objects.values_list("state", "asked_at", "closed_why").get() == ("expired", None, "The cap.")
    assert selectors.why_not_ask(sam, "referral", now=now, rules=rules) == ""


def test_opening_the_link_answers_nothing_and_a_button_does(client, sam, now, rules):
    ask = sent(sam, "referral", now, rules)
    for answer in (client.get(page(ask)), client.head(page(ask)), client.get(f"{page(ask)}?answer=yes")):
        assert (answer.status_code, answer.cookies) == (200, {})
        assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "<script" not in client.get(page(ask)).content.decode()
    assert Ask.objects.get().state == "asked"
    for _ in range(2):
        assert "Thank you!" in press(ask, "yes").content.decode()
    assert Ask.objects.get().state == "agreed"
    assert Event.objects.filter(type="community.ask_changed", payload__state="agreed").count() == 1
    # Who agreed may think again.
    assert "That is fine" in press(ask, "no").content.decode()
    assert Ask.objects.get().state == "declined"
    press(ask, "yes")
    assert Ask.objects.get().state == "declined"


def test_the_page_speaks_german_and_a_forged_link_opens_nothing(client, sam, now, rules):
    ask = sent(sam, "case", now, rules)
    assert "Dürfen wir Ihre Geschichte erzählen?" in client.get(page(ask), headers={"Accept-Language": "de"}).content.decode()
    assert client.get("/c/ask/1:abc").status_code == 404
    assert press(ask, "maybe").status_code == 404


def test_one_who_agreed_to_review_is_led_there(sam, now, rules):
    ask = sent(sam, "review", now, rules)
    assert "https://reviews.example.com/us" in press(ask, "yes").content.decode()


def test_nobody_is_asked_twice_at_once_nor_within_thirty_days_nor_for_what_they_declined(sam, now, rules):
    ask = sent(sam, "case", now, rules)
    with pytest.raises(Refused, match="An ask of theirs is open"):
        by_hand(sam, "referral", now, rules)
    services.answer_ask(ask=ask, agreed=False, actor=make.ACTOR, now=now)
    with pytest.raises(Refused, match="less than 30 days ago"):
        by_hand(sam, "referral", now + timedelta(days=29), rules)
    assert selectors.why_not_ask(sam, "referral", now=now + timedelta(days=31), rules=rules) == ""
    assert "said no to it" in selectors.why_not_ask(sam, "case", now=now + timedelta(days=31), rules=rules)


def test_the_house_asks_no_more_than_so_many_a_day(sam, now, rules):
    rules.per_day = 1
    rules.save()
    sent(sam, "referral", now, rules)
    other = make.contact(make.account())
    with pytest.raises(Refused, match="1 asks left in the last day"):
        by_hand(other, "referral", now, rules)


def test_references_tire_and_are_owed(sam, now, rules):
    for days in (80, 40):
        at = now - timedelta(days=days)
        ask = Ask.objects.create(account=sam.account, contact=sam, kind="reference", state="agreed", proposed_at=at, expires_at=now, asked_at=at)
        services.finish_ask(ask=ask, actor=make.ACTOR, now=at)
    read = selectors.owing(sam, now=now)
    assert (read.uses, read.given, read.owed, read.last_asked_at) == (2, 2, 2, now - timedelta(days=40))
    assert "We owe them thanks for 2 favours" in selectors.why_not_ask(sam, "reference", now=now, rules=rules)
    for favour in Favour.objects.all():
        assert services.thank(favour=favour, actor=make.ACTOR, now=now)
        assert not services.thank(favour=favour, actor=make.ACTOR, now=now)
    assert "2 times in 91 days" in selectors.why_not_ask(sam, "reference", now=now, rules=rules)
    assert selectors.why_not_ask(sam, "reference", now=now + timedelta(days=60), rules=rules) == ""


def test_the_same_favour_told_twice_counts_once(sam, now):
    told = {"account": sam.account, "contact": sam, "kind": "review", "key": "r1", "at": now, "source": "g2"}
    for _ in range(2):
        services.record_favour(**told, actor=make.ACTOR, now=now)
    assert Favour.objects.count() == 1


def test_nobody_can_be_reached_who_has_no_address(sam, now, rules):
    for channel in ("email", "in_app"):
        messaging.record_consent(contact=sam, channel=channel, topic="referral", allowed=False, source="one-click", now=now)
    with pytest.raises(Refused, match="cannot be reached"):
        sent(sam, "referral", now, rules)
    assert Ask.objects.get().state == "proposed"


def test_rules_may_let_asks_leave_by_themselves(sam, now, rules):
    rules.automatic = True
    rules.save()
    make.response(sam.account, now, contact=sam, score=10)
    AskRules.objects.update(least_score=30)
    assert services.find([sam.account_id], now=now, actor=make.ACTOR) == 1
    assert Ask.objects.values_list("state", "kind").get() == ("asked", "referral")
    assert Message.objects.count() == 1
