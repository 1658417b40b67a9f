"""SMS, WhatsApp and calls through Twilio's own client, with what becomes of a message at every kind of answer, and of those in doubt."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from apps.core.actor import Actor
from apps.core.clock import now as real_now
from apps.messaging import dispatch, doubts, providers, resting, services, statuses
from apps.messaging.models import Message, MessageAttempt, ProviderEvent, ProviderHealth, Suppression
from apps.messaging.types import Told
from tests import make
from tests.faults.http_peer import ACCOUNT, Provider

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def telephone(settings) -> Iterator[Provider]:
    server = Provider()
    settings.MESSAGE_PROVIDERS = {**settings.MESSAGE_PROVIDERS, **dict.fromkeys(("sms", "whatsapp", "voice"), ["twilio"])}
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_API_URL = ACCOUNT, "token", server.url
    settings.TWILIO_SMS_FROM = settings.TWILIO_WHATSAPP_FROM = settings.TWILIO_VOICE_FROM = "+14155552345"
    settings.TWILIO_TIMEOUT = 1
    yield server
    server.shutdown()
    server.server_close()


def message_to(number: str, *, now, channel: str = "sms", **fields) -> Message:
    contact = make.contact(make.account(), phone=number)
    return make.message(contact, now=now, **{"channel": channel, "address": number, "lane": "save", "lane_rank": 1, **fields})


def sent(message: Message, *, now) -> Message:
    dispatch.one_round(message.channel, owner="w1", clock=lambda: now)
    message.refresh_from_db()
    return message


def test_a_text_goes_out_with_its_size_and_the_address_to_call_back(telephone, now):
    message = sent(message_to("+15558675300", now=now, body="ș" * 71), now=now)
    [taken] = telephone.taken
    assert (message.state, message.provider, message.provider_message_id, message.parts) == ("sent", "twilio", taken["sid"], 2)
    assert (taken["To"], taken["From"], taken["Body"]) == ("+15558675300", "+14155552345", "ș" * 71)
    assert "/hooks/twilio/status/" in taken["StatusCallback"]


def test_a_call_reads_the_words_and_takes_a_key(telephone, now):
    message = sent(message_to("+15558675300", now=now, channel="voice", body="Hello <Sam>.\n\nPress 1 for a call back."), now=now)
    assert message.state == "sent"
    twiml = telephone.taken[0]["Twiml"]
    assert "<Say>Hello &lt;Sam&gt;.</Say><Say>Press 1 for a call back.</Say>" in twiml
    assert "/hooks/twilio/keypress/" in twiml


@pytest.mark.parametrize(
    ("ending", "state", "outcome", "code"),
    [
        ("00", "sent", "ok", ""),
        ("01", "queued", "refused", "20429"),
        ("02", "unknown", "ambiguous", "20500"),
        ("03", "unknown", "ambiguous", "no_answer"),
        ("04", "unknown", "ambiguous", "no_answer"),
        ("05", "unknown", "ambiguous", "no_answer"),
        ("06", "failed", "refused", "21610"),
        ("07", "queued", "refused", "20503"),
    ],
)
def test_every_answer_has_its_outcome(telephone, now, ending, state, outcome, code):
    message = sent(message_to(f"+155586753{ending}", now=now), now=now)
    attempt = MessageAttempt.objects.get(message=message)
    assert (message.state, attempt.outcome, attempt.code, attempt.provider) == (state, outcome, code, "twilio")


def test_a_number_that_opted_out_is_barred(telephone, now):
    sent(message_to("+15558675306", now=now), now=now)
    assert Suppression.objects.get(channel="sms", address="+15558675306").reason == "twilio refused it for good (21610)."


@pytest.mark.parametrize("number", ["garbage", "0049170", "+0123456789", "15558675300"])
def test_what_is_no_number_fails_alone(telephone, now, number):
    message = sent(message_to(number, now=now), now=now)
    assert message.state == "failed"
    assert "is no telephone number in international form" in message.reason
    assert telephone.taken == []


def test_nobody_there_is_a_refusal_and_the_next_provider_carries(telephone, settings, now):
    telephone.shutdown()
    telephone.server_close()
    settings.MESSAGE_PROVIDERS = {**settings.MESSAGE_PROVIDERS, "sms": ["twilio", "console"]}
    message = sent(message_to("+15558675300", now=now), now=now)
    assert (message.state, now <= message.due_at < now + MINUTE) == ("queued", True)
    message = sent(message, now=now + MINUTE)
    assert (message.state, message.provider) == ("sent", "console")
    assert [(row.provider, row.outcome) for row in message.attempts.order_by("number")] == [("twilio", "refused"), ("console", "ok")]


def test_no_other_provider_carries_what_is_in_doubt(telephone, settings, now):
    settings.MESSAGE_PROVIDERS = {**settings.MESSAGE_PROVIDERS, "sms": ["twilio", "console"]}
    message = sent(message_to("+15558675304", now=now), now=now)
    assert sent(message, now=now + 5 * MINUTE).state == "unknown"
    assert message.attempts.count() == 1


def test_five_troubles_in_a_row_are_a_rest_and_nothing_is_tried_meanwhile(telephone, now):
    for _ in range(resting.PATIENCE):
        sent(message_to("+15558675301", now=now), now=now)
    health = ProviderHealth.objects.get(provider="twilio")
    assert (health.failures, health.rests_until - health.last_trouble_at) == (5, resting.REST)
    waiting = message_to("+15558675300", now=now, due_at=now - MINUTE)
    dispatch.one_round("sms", owner="w1", clock=lambda: now)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.due_at, waiting.attempts.count()) == ("queued", health.rests_until, 0)
    assert waiting.reason.startswith("twilio had trouble 5 times in a row and rests until")
    Message.objects.exclude(pk=waiting.pk).delete()
    later = now + 2 * resting.REST
    assert sent(waiting, now=later).state == "sent"
    health.refresh_from_db()
    assert (health.failures, health.rests_until) == (0, None)


def test_a_rest_grows_while_the_first_try_after_it_fails(telephone, now):
    rests = []
    for number in range(12):
        sent(message_to("+15558675301", now=now), now=now + number * resting.LONGEST_REST)
        Message.objects.all().delete()
        health = ProviderHealth.objects.get(provider="twilio")
        rests.append((health.rests_until - health.last_trouble_at) / resting.REST if health.rests_until else 0)
    assert rests == [0, 0, 0, 0, 1, 2, 4, 8, 16, 20, 20, 20]


def test_without_a_provider_a_message_fails_and_says_what_to_set(settings, now):
    settings.MESSAGE_PROVIDERS = {**settings.MESSAGE_PROVIDERS, "sms": []}
    message = sent(message_to("+15558675300", now=now), now=now)
    assert (message.state, message.reason) == ("failed", "Nobody carries this channel here. Name a provider in PROVIDERS_SMS.")


@pytest.mark.parametrize(("channel", "ending"), [("sms", "04"), ("sms", "05"), ("voice", "04")])
def test_a_doubt_is_cleared_up_by_what_the_provider_lists(telephone, channel, ending):
    # The time-out is of the real clock, and so is what the list is asked for.
    now = real_now()
    message = sent(message_to(f"+155586753{ending}", now=now, channel=channel, lane="transactional", lane_rank=0), now=now)
    assert message.state == "unknown"
    assert doubts.reconcile(now=now + MINUTE) == 0
    assert doubts.reconcile(now=now + 3 * MINUTE) == 1
    message.refresh_from_db()
    assert (message.state, message.provider_message_id) == ("sent", telephone.taken[0]["sid"])


def test_what_is_not_listed_stays_for_a_person_and_is_never_sent_again(telephone, now):
    message = sent(message_to("+15558675302", now=now), now=now)
    for minutes in (3, 30, 120):
        assert doubts.reconcile(now=now + minutes * MINUTE) == 0
    message.refresh_from_db()
    assert (message.state, telephone.taken) == ("unknown", [])


def test_a_listed_message_clears_up_one_doubt_only(telephone, now):
    first = sent(message_to("+15558675304", now=now), now=now)
    telephone.taken[0]["Body"] = first.body
    second = message_to("+15558675304", now=now, state="unknown", provider="twilio", claimed_at=now, body=first.body)
    assert doubts.reconcile(now=now + 3 * MINUTE) == 1
    assert sorted(Message.objects.filter(pk__in=[first.pk, second.pk]).values_list("state", flat=True)) == ["sent", "unknown"]


def test_whatsapp_speaks_freely_only_within_a_day_of_their_last_words(telephone, now):
    message = message_to("+15558675300", now=now, channel="whatsapp")
    assert "has not written by WhatsApp in the last 24 hours" in sent(message, now=now).reason
    assert message.state == "suppressed"
    heard = {"provider": "twilio", "kind": "inbound", "contact": message.contact, "channel": "whatsapp"}
    ProviderEvent.objects.create(event_id="SM1", received_at=now - timedelta(hours=23), **heard)
    again = make.message(message.contact, now=now, channel="whatsapp", address=message.address, lane="save", lane_rank=1)
    assert sent(again, now=now).state == "sent"
    assert (telephone.taken[0]["To"], telephone.taken[0]["From"]) == ("whatsapp:+15558675300", "whatsapp:+14155552345")


def test_an_approved_template_may_always_be_sent_with_its_variables(telephone, now):
    actor = Actor.job("test")
    words = {"key": "hello", "channel": "whatsapp", "subject": "Hello", "body": "Hello {{ contact.first_name }}"}
    sid = "HX" + "b" * 32
    services.write_template(**words, content_sid=sid, content_variables={"1": "{{ contact.first_name }}"}, actor=actor, now=now)
    contact = make.contact(make.account(), name="Ada Byron", phone="+1 (555) 867-5300")
    message = services.compose(
        contact=contact, channel="whatsapp", template_key="hello", lane="save", idem_key="k", context={},
        due_at=now, expires_at=now + timedelta(days=1), actor=actor, now=now,
    )  # fmt: skip
    assert sent(message, now=now).state == "sent"
    taken = telephone.taken[0]
    assert (taken["ContentSid"], taken["ContentVariables"], taken.get("Body")) == (sid, '{"1": "Ada"}', None)


def test_a_call_back_before_our_own_row_says_sent_counts_when_it_does(telephone, now, monkeypatch):
    message = message_to("+15558675300", now=now)
    real = providers.of("twilio").deliver

    def called_back_at_once(row):
        result = real(row)
        statuses.record(provider="twilio", event_id="SM:delivered", message=row, told=Told.DELIVERED, raw={}, now=now)
        return result

    monkeypatch.setattr(providers.of("twilio"), "deliver", called_back_at_once, raising=False)
    message = sent(message, now=now)
    assert (message.state, message.delivered_at) == ("delivered", now)


def test_a_call_back_clears_up_a_doubt(telephone, now):
    message = sent(message_to("+15558675304", now=now), now=now)
    assert statuses.record(
        provider="twilio", event_id="SM9:sent", message=message, told=Told.SENT, raw={}, provider_message_id="SM9", now=now + MINUTE
    )
    message.refresh_from_db()
    assert (message.state, message.provider_message_id, message.sent_at) == ("sent", "SM9", message.claimed_at)
