import pytest

from apps.core.errors import Refused
from apps.events.models import Event
from apps.messaging import dispatch, inbound, maildir, services
from apps.messaging.models import Message
from tests import make

pytestmark = pytest.mark.django_db
TOKEN = "0123456789abcdef" * 2


def sent(now, **fields) -> Message:
    return make.message(make.contact(make.account()), now=now, **{"state": "sent", "sent_at": now, "reply_token": TOKEN, **fields})


def replies() -> list[Event]:
    return list(Event.objects.filter(type="message.replied").order_by("id"))


def test_a_reply_is_recorded_once_however_often_it_comes(now):
    message = sent(now)
    for _ in range(3):
        services.record_reply(token=TOKEN, text=" Yes please \n", now=now)
    message.refresh_from_db()
    assert (message.state, message.reply, message.replied_at) == ("replied", "Yes please", now)
    assert [(event.payload["message_id"], event.actor) for event in replies()] == [(message.pk, f"contact:{message.contact_id}")]


def test_other_words_are_added_and_announced(now):
    message = sent(now)
    services.record_reply(token=TOKEN, text="Yes", now=now)
    services.record_reply(token=TOKEN, text="On Monday", now=now)
    services.record_reply(token=TOKEN, text="Yes", now=now)
    message.refresh_from_db()
    assert message.reply == "Yes\n\n----\n\nOn Monday"
    assert len(replies()) == 2


def test_a_reply_settles_a_message_of_which_nobody_knew(now):
    message = sent(now, state="unknown", sent_at=None)
    services.record_reply(token=TOKEN, text="Got it", now=now)
    message.refresh_from_db()
    assert message.state == "replied"


def test_a_customer_may_answer_before_the_sender_has_written_down_that_it_sent(now, peer, monkeypatch):
    message = sent(now, state="queued", sent_at=None)
    real = dispatch.providers.of("smtp").deliver

    class AnsweredAtOnce:
        can = dispatch.providers.of("smtp").can

        def deliver(self, row):
            result = real(row)
            services.record_reply(token=TOKEN, text="Quick!", now=now)
            return result

    monkeypatch.setattr(dispatch.providers, "of", lambda name: AnsweredAtOnce())
    dispatch.one_round("email", owner="w1", clock=lambda: now)

    message.refresh_from_db()
    assert (message.state, message.reply) == ("replied", "Quick!")
    assert message.sent_at is not None
    assert sorted(Event.objects.values_list("type", flat=True)) == ["message.replied", "message.sent"]


@pytest.mark.parametrize(("token", "text", "code"), [("f" * 32, "hello", "unknown_token"), (TOKEN, " \n\x00", "empty_reply")])
def test_a_reply_to_nothing_or_without_words_is_refused(now, token, text, code):
    message = sent(now)
    with pytest.raises(Refused) as refusal:
        services.record_reply(token=token, text=text, now=now)
    assert refusal.value.code == code
    message.refresh_from_db()
    assert (message.state, message.reply) == ("sent", "")
    assert replies() == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yes.\r\n\r\nOn Wed, 11 Mar 2026 at 12:00, Dana <d@x.test> wrote:\r\n> Hi Sam", "Yes."),
        ("Yes.\n\nOn Wed, 11 Mar 2026 at 12:00, Dana Ray\n<success@cs.localhost> wrote:\n\n> Hi", "Yes."),
        ("> Hi Sam\nYes", ""),
        ("Sure\n-- \nSam\nAcme Ltd", "Sure"),
        ("Call me\n-----Original Message-----\nFrom: Dana", "Call me"),
        ("Call me\n________________________________\nFrom: d@x.test", "Call me"),
        ("One\n\n- two\n- three", "One\n\n- two\n- three"),
        ("From: my side all is well", "From: my side all is well"),
    ],
)
def test_only_the_new_words_of_a_mail_count(text, expected):
    assert inbound.new_words(text) == expected


def test_the_token_is_found_in_our_own_reply_addresses_only():
    assert inbound.token_of(f"<Reply+{TOKEN.upper()}@Reply.cs.localhost>") == TOKEN
    assert inbound.token_of(f"reply+{TOKEN}@elsewhere.test") == ""
    assert inbound.token_of("reply+short@reply.cs.localhost") == ""


def mail(to: str, body: str, kind: str = "text/plain; charset=utf-8") -> bytes:
    return f"From: sam@x.test\r\nTo: {to}\r\nSubject: Re: Hi\r\nContent-Type: {kind}\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ("Grüße\r\n> old", "text/plain; charset=utf-8", "Grüße"),
        ("<style>p{}</style><p>Yes</p><p>Monday</p><blockquote>old</blockquote>", "text/html", "Yes\nMonday"),
        ("Yes", "text/plain; charset=no-such-set", "Yes"),
    ],
)
def test_a_mail_to_a_reply_address_is_recorded_as_the_reply(now, settings, tmp_path, body, kind, words):
    settings.VAR_DIR = tmp_path
    message = sent(now)
    to = f"reply+{TOKEN}@reply.cs.localhost"
    assert inbound.receive(mail(to, body, kind), recipients=[to], now=now) == "250 2.0.0 taken"
    message.refresh_from_db()
    assert message.reply == words
    assert maildir.count() == 0


def test_a_reply_address_of_nothing_is_refused_and_other_mail_goes_to_the_mailbox(now, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    stranger = f"reply+{'f' * 32}@reply.cs.localhost"
    assert inbound.receive(mail(stranger, "Hi"), recipients=[stranger], now=now).startswith("550 5.1.1 This reply address belongs to no message.")
    assert inbound.receive(mail("sam@x.test", "Hi"), recipients=["sam@x.test"], now=now) == "250 2.0.0 taken"
    assert [(kept.to, kept.text) for kept in maildir.newest(5)] == [("sam@x.test", "Hi")]
