"""A yes that has to be confirmed: asked, confirmed by the button behind the link, kept with who, when, from where and what was asked."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.messaging import dispatch, services
from apps.messaging.models import Consent, Message
from tests import make

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def sam(now):
    services.write_policy(actor=Actor.job("test"), now=now, confirmed_topics=["news"])
    return make.contact(make.account(), name="Sam Doe")


def ask(contact, now, channel="email") -> Message:
    return services.ask_consent(contact=contact, channel=channel, topic="news", source="trade fair", now=now)


def link(message: Message) -> str:
    [path] = re.findall(r"http://[^/]+(/c/confirm/\S+)", message.body)
    return path


def post(path: str, moment):
    with time_machine.travel(moment, tick=False):
        return Client(enforce_csrf_checks=True).post(path)


def state_of_news(contact, now) -> str:
    message = make.message(contact, now=now, topic="news")
    dispatch.claim("email", owner="w", now=now)
    message.refresh_from_db()
    return message.state


def test_without_a_confirmed_yes_nothing_on_the_topic_is_sent_and_other_topics_are(sam, now):
    assert state_of_news(sam, now) == "suppressed"
    other = make.message(sam, now=now)
    assert [row.pk for row in dispatch.claim("email", owner="w", now=now).sending] == [other.pk]


def test_asking_sends_one_transactional_message_at_any_hour_and_looking_at_its_link_changes_nothing(sam, now, peer):
    night = now.replace(hour=23)
    message = ask(sam, night)
    assert ask(sam, night + timedelta(minutes=30)) == message
    assert dispatch.one_round("email", owner="w", clock=lambda: night) == 1
    assert link(message) in peer.mails[0].get_body(("plain",)).get_content().replace("\n", "")
    with time_machine.travel(night, tick=False):
        for answer in (Client().get(link(message)), Client().head(link(message))):
            assert (answer.status_code, answer.cookies) == (200, {})
            assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "Do you want messages about “News” by email?" in Client().get(link(message)).content.decode()
    assert not Consent.objects.exists()
    assert state_of_news(sam, now) == "suppressed"


def test_the_button_is_the_yes_and_its_receipt_says_who_when_where_from_and_what_was_asked(sam, now):
    path = link(ask(sam, now))
    for _ in range(2):
        answer = post(path, now + HOUR)
        assert (answer.status_code, "Confirmed" in answer.content.decode(), answer.cookies) == (200, True, {})
    receipt = Consent.objects.get()
    assert (receipt.contact, receipt.channel, receipt.topic, receipt.allowed, receipt.at) == (sam, "email", "news", True, now + HOUR)
    assert (receipt.source, receipt.actor) == ("confirmed by link, trade fair", f"contact:{sam.pk}")
    assert receipt.wording == "Yes, send me “News” by email"
    assert state_of_news(sam, now + HOUR) == "sending"


def test_a_link_that_is_old_or_not_ours_says_nothing(sam, now):
    path = link(ask(sam, now))
    assert post(path, now + 7 * DAY).status_code == 404
    assert post(f"{path}x", now).status_code == 404
    assert not Consent.objects.exists()


def test_the_preferences_page_asks_instead_of_believing(sam, now):
    token = services.choices(sam)
    assert {(choice.name, choice.allowed, choice.asks) for choice in token if choice.topic == "news"} == {
        ("email:news", False, True),
        ("in_app:news", False, True),
        ("push:news", False, True),
    }
    assert services.choose(sam, {choice.name for choice in token if choice.allowed} | {"email:news"}, source="preferences page", now=now) == 0
    assert not Consent.objects.exists()
    post(link(Message.objects.get(topic="confirmation")), now)
    assert services.choose(sam, {choice.name for choice in services.choices(sam) if choice.topic != "news"}, source="preferences page", now=now) == 1
    assert list(Consent.objects.order_by("id").values_list("allowed", flat=True)) == [True, False]


def test_a_channel_without_links_is_confirmed_by_one_that_has(sam, now):
    assert ask(sam, now, "in_app").channel == "email"
    phone = make.contact(sam.account, email="", phone="+1 555 000 11 11")
    assert (ask(phone, now, "sms").channel, ask(phone, now, "voice").address) == ("sms", "+15550001111")
    with pytest.raises(Refused) as refusal:
        ask(make.contact(sam.account, email=""), now)
    assert refusal.value.code == "unreachable"


def test_an_address_that_is_barred_is_not_even_asked(sam, now):
    services.bar(channel="email", address=sam.email, reason="It complained.", actor=Actor.job("test"), now=now)
    message = ask(sam, now)
    dispatch.claim("email", owner="w", now=now)
    message.refresh_from_db()
    assert message.state == "suppressed"
