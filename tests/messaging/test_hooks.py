"""Calls from Twilio, signed by its own library: what counts, what counts once, and what is refused."""

import itertools
from datetime import timedelta

import pytest
from django.test import Client
from twilio.request_validator import RequestValidator

from apps.core.actor import Actor
from apps.events.models import Event
from apps.messaging import resting, selectors, services
from apps.messaging.models import Consent, Message, ProviderEvent, ProviderHealth, Suppression
from tests import make

pytestmark = pytest.mark.django_db
TOKEN = "secret-token"
NUMBER = "+15558675300"


@pytest.fixture(autouse=True)
def set_up(settings):
    settings.TWILIO_AUTH_TOKEN, settings.BASE_URL = TOKEN, "https://cs.example.test"


def call(path: str, form: dict[str, str], *, signature: str | None = None):
    signed = RequestValidator(TOKEN).compute_signature(f"https://cs.example.test{path}", form) if signature is None else signature
    return Client(enforce_csrf_checks=True).post(path, form, headers={"X-Twilio-Signature": signed})


def text(now, **fields) -> Message:
    contact = make.contact(make.account(), phone=NUMBER)
    return make.message(contact, now=now, **{"channel": "sms", "address": NUMBER, "state": "sent", "sent_at": now, "claimed_at": now, **fields})


def told(message: Message, word: str, **more: str):
    return call(f"/hooks/twilio/status/{selectors.hook_token(message)}", {"MessageSid": "SM1", "MessageStatus": word, **more})


def said(words: str, sid: str = "SM77", sender: str = NUMBER):
    return call("/hooks/twilio/inbound", {"MessageSid": sid, "From": sender, "To": "+14155552345", "Body": words})


@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "delivered", "read", "queued"])))
def test_statuses_in_every_order_end_the_same(now, order):
    message = text(now)
    for word in (*order, order[0]):
        assert told(message, word).status_code == 204
    message.refresh_from_db()
    assert (message.state, message.read_at is not None, message.delivered_at is not None) == ("delivered", True, True)
    assert ProviderEvent.objects.count() == 4


@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "undelivered", "queued"])))
def test_what_came_back_came_back_whatever_is_told_later(now, order):
    message = text(now)
    for word in order:
        told(message, word, ErrorCode="30003")
    message.refresh_from_db()
    assert (message.state, message.reason) == ("returned", "Came back: 30003 undelivered")


@pytest.mark.parametrize("signature", ["", "AAAA", "c2lnbmF0dXJl"])
def test_a_call_that_is_not_signed_changes_nothing_and_is_counted(now, signature):
    message = text(now)
    path = f"/hooks/twilio/status/{selectors.hook_token(message)}"
    assert call(path, {"MessageSid": "SM1", "MessageStatus": "delivered"}, signature=signature).status_code == 403
    assert call("/hooks/twilio/inbound", {"MessageSid": "SM1", "From": NUMBER, "Body": "STOP"}, signature=signature).status_code == 403
    message.refresh_from_db()
    assert (message.state, ProviderEvent.objects.count(), Suppression.objects.count()) == ("sent", 0, 0)
    assert ProviderHealth.objects.get().refused_calls == 2
    told(message, "delivered")
    assert ProviderHealth.objects.get().refused_calls == 0


def test_a_signature_for_other_words_is_refused(now):
    message = text(now)
    path = f"/hooks/twilio/status/{selectors.hook_token(message)}"
    signed = RequestValidator(TOKEN).compute_signature(f"https://cs.example.test{path}", {"MessageSid": "SM1", "MessageStatus": "sent"})
    assert call(path, {"MessageSid": "SM1", "MessageStatus": "failed"}, signature=signed).status_code == 403


def test_an_address_that_is_not_ours_and_a_word_that_is_unknown_are_refused(now):
    assert call("/hooks/twilio/status/12:abc", {"MessageSid": "SM1", "MessageStatus": "sent"}).status_code == 404
    answer = told(text(now), "vaporised")
    assert (answer.status_code, answer.content.decode()) == (400, "MessageStatus 'vaporised' is not known.")


def test_stop_bars_the_number_for_everybody_who_has_it_and_takes_back_what_waits(now):
    message = text(now)
    waiting = make.message(message.contact, now=now, channel="sms", address=NUMBER)
    other = make.contact(make.account(), phone=NUMBER)
    assert said("STOP ").status_code == 200
    assert Suppression.objects.get().reason == "They wrote STOP."
    assert {(row.contact_id, row.allowed) for row in Consent.objects.all()} == {(message.contact_id, False), (other.pk, False)}
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
    said("start", sid="SM78")
    assert Suppression.objects.count() == 0
    assert Consent.objects.order_by("-id").first().allowed is True


def test_start_does_not_open_a_number_that_is_barred_for_another_reason(now):
    text(now)
    Suppression.objects.create(channel="sms", address=NUMBER, reason="twilio refused it for good (21211).", at=now)
    said("START")
    assert Suppression.objects.count() == 1


@pytest.mark.parametrize("words", ["don't stop", "stop please", "restart", "unsubscrıbe"])
def test_other_words_are_an_answer_and_no_consent(now, words):
    message = text(now)
    said(words)
    message.refresh_from_db()
    assert (message.state, message.reply) == ("replied", words)
    assert (Consent.objects.count(), Suppression.objects.count()) == (0, 0)


def test_the_same_words_twice_are_one_answer_and_words_of_a_stranger_are_kept(now):
    message = text(now)
    for _ in range(3):
        said("Call me")
    said("Who is this?", sid="SM90", sender="+4915112345678")
    message.refresh_from_db()
    assert message.reply == "Call me"
    stranger = ProviderEvent.objects.get(event_id="SM90")
    assert (stranger.contact, stranger.message, stranger.detail) == (None, None, "Who is this?")


def test_help_and_an_empty_text_change_nothing(now):
    message = text(now)
    said("HELP")
    said("  ", sid="SM91")
    message.refresh_from_db()
    assert (message.state, message.reply) == ("sent", "")
    assert ProviderEvent.objects.count() == 2


def test_a_key_pressed_in_a_call_is_its_answer(now):
    message = text(now, channel="voice")
    path = f"/hooks/twilio/keypress/{selectors.hook_token(message)}"
    for _ in range(2):
        answer = call(path, {"CallSid": "CA1", "Digits": "1"})
    assert b"<Say>Thank you. Good bye.</Say>" in answer.content
    message.refresh_from_db()
    assert (message.state, message.reply) == ("replied", "Pressed 1")
    assert ProviderEvent.objects.count() == 1


def test_a_get_is_not_answered(now):
    assert Client().get(f"/hooks/twilio/status/{selectors.hook_token(text(now))}").status_code == 405


def test_topics_are_what_templates_name(now):
    services.write_template(key="news", channel="sms", subject="News", body="News", topic="news", actor=Actor.job("test"), now=now)
    assert services.topics() == ["news", "success"]


def test_five_wrong_signatures_in_a_row_are_told_once_and_a_right_one_ends_it(now):
    message = text(now)
    path = f"/hooks/twilio/status/{selectors.hook_token(message)}"
    for _ in range(7):
        call(path, {"MessageSid": "SM1", "MessageStatus": "sent"}, signature="AAAA")
    told(message, "delivered")
    said_of = [event.payload for event in Event.objects.filter(type="provider.changed").order_by("id")]
    assert [(payload["matter"], payload["ill"]) for payload in said_of] == [("calls", True), ("calls", False)]


def test_a_provider_that_takes_messages_and_tells_nothing_is_noticed_once(now):
    for _ in range(3):
        text(now, provider="twilio", sent_at=now - timedelta(hours=3))
    assert [resting.watch(now=now), resting.watch(now=now)] == [1, 0]
    told(Message.objects.first(), "delivered")
    assert [event.payload["ill"] for event in Event.objects.filter(type="provider.changed").order_by("id")] == [True, False]


def test_silence_after_few_messages_or_soon_means_nothing(now):
    for hours in (3, 3, 1, 5):
        text(now, provider="twilio", sent_at=now - timedelta(hours=hours))
    assert resting.watch(now=now) == 0


def test_without_a_token_there_is_no_such_page_and_nothing_is_counted(now, settings):
    settings.TWILIO_AUTH_TOKEN = ""
    assert said("STOP").status_code == 404
    assert not ProviderHealth.objects.exists()


@pytest.mark.parametrize("words", ["Call\x00 me\x07", "\x00", "x" * 5000])
def test_hostile_words_are_kept_as_far_as_they_can_be_read(now, words):
    message = text(now)
    assert said(words).status_code == 200
    assert told(message, "undelivered", ErrorMessage=words).status_code == 204
    message.refresh_from_db()
    assert message.reply == ("" if words == "\x00" else words.replace("\x00", "").replace("\x07", ""))
    assert ProviderEvent.objects.count() == 2


def test_stop_counts_for_somebody_whose_number_is_written_with_blanks(now):
    contact = make.contact(make.account(), phone="+1 (555) 867-5300")
    make.message(contact, now=now, channel="sms", address=NUMBER, state="sent", sent_at=now, claimed_at=now)
    said("STOP")
    assert Consent.objects.get().contact == contact
