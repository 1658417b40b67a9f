"""What the demo shows of messages that nobody really carries, and answers as their receivers would."""

from datetime import timedelta

import pytest

from apps.core.errors import Refused
from apps.messaging import dispatch, maildir, stored
from apps.messaging.models import Consent, ProviderEvent
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def console(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    settings.MESSAGE_PROVIDERS = {**settings.MESSAGE_PROVIDERS, **dict.fromkeys(("sms", "whatsapp", "voice", "push"), ["console"])}


def taken(channel: str, now, **fields):
    contact = make.contact(make.account(), phone="+12025550100")
    address = "" if channel == "push" else contact.phone
    message = make.message(contact, now=now, channel=channel, address=address, lane="transactional", lane_rank=0, **fields)
    if channel == "whatsapp":
        ProviderEvent.objects.create(provider="console", event_id="x", kind="inbound", channel="whatsapp", contact=contact, received_at=now)
    dispatch.one_round(channel, owner="w1", clock=lambda: now)
    message.refresh_from_db()
    assert message.state == "sent", message.reason
    return message


def test_texts_and_mails_stand_in_one_list_newest_first(now):
    maildir.store(b"From: us@x.test\nTo: sam@x.test\nSubject: A mail\n\nHello\n")
    taken("sms", now, body="ș" * 71, subject="A text")
    [mail, text] = stored.newest(10)
    assert (mail.subject, mail.channel) == ("A mail", "email")
    assert (text.subject, text.to, text.label, text.parts) == ("A text", "+12025550100", "SMS", 2)
    assert [shown.subject for shown in stored.newest(1)] == ["A mail"]
    assert stored.get(text.id) == text
    assert stored.get("console-0") is stored.get("console-x") is None


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_words_from_a_telephone_are_the_answer_and_stop_is_obeyed(now, channel):
    message = taken(channel, now)
    stored.reply(f"console-{message.pk}", "Call me", now=now)
    stored.reply(f"console-{message.pk}", "Stop", now=now + timedelta(minutes=1))
    message.refresh_from_db()
    assert (message.state, message.reply) == ("replied", "Call me")
    assert Consent.objects.get().allowed is False


def test_a_call_takes_one_key(now):
    message = taken("voice", now)
    with pytest.raises(Refused) as refusal:
        stored.reply(f"console-{message.pk}", "hello", now=now)
    assert refusal.value.code == "one_key"
    stored.reply(f"console-{message.pk}", "1", now=now)
    message.refresh_from_db()
    assert message.reply == "Pressed 1"


def test_a_push_and_what_is_gone_cannot_be_answered(now):
    for key in (f"console-{taken('push', now).pk}", "console-0"):
        with pytest.raises(Refused) as refusal:
            stored.reply(key, "Hi", now=now)
        assert refusal.value.code == "no_reply_address"
