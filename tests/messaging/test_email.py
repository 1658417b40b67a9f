import smtplib
import socket
from datetime import timedelta

import pytest

from apps.core.actor import Actor
from apps.messaging import dispatch, services
from apps.messaging.models import Message, MessageAttempt, Suppression
from apps.messaging.providers import email
from apps.messaging.types import Outcome
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")


def send_to(name: str, *, now, **fields) -> Message:
    person = make.contact(make.account(owner=make.user()), email=f"{name}@customer.test")
    message = make.message(person, now=now, **fields)
    dispatch.one_round("email", owner="w1", clock=lambda: now)
    message.refresh_from_db()
    return message


def test_the_mail_has_text_and_html_a_way_to_answer_and_a_way_to_leave(now, peer, settings):
    settings.BASE_URL = "https://success.test"
    message = send_to("sam", now=now, subject="Hi Sam", body="One & two.\n\n- <b>first</b>\n- see https://a.test/x", reply_token="ab" * 16)

    mail = peer.mails[0]
    assert (mail["Subject"], mail["To"]) == ("Hi Sam", "sam@customer.test")
    assert mail["From"] == f"{message.account.owner.full_name} <success@cs.localhost>"
    assert mail["Reply-To"] == f"reply+{'ab' * 16}@reply.cs.localhost"
    assert mail["Message-ID"] == email.message_id(message)
    assert str(mail["List-Unsubscribe"]).strip().startswith("<https://success.test/c/unsubscribe/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    text, html = (mail.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))
    assert text.startswith("One & two.\n\n- <b>first</b>\n- see https://a.test/x\n\n--\nNo more of these emails: https://success.test/c/")
    assert "One &amp; two." in html
    assert "<li" in html
    assert "&lt;b&gt;first&lt;/b&gt;" in html
    assert '<a href="https://a.test/x"' in html
    assert 'name="viewport"' in html


@pytest.mark.parametrize(
    ("name", "state", "outcome", "code", "reason"),
    [
        ("sam+550", "failed", "refused", "550", "Refused (550): 5.1.1 no such user"),
        ("sam+451", "queued", "refused", "451", "Refused (451): 4.7.1 greylisted, try later"),
        ("sam+552", "failed", "refused", "552", "Refused (552): 5.2.2 mailbox full"),
        ("sam+slow", "unknown", "ambiguous", "no_answer", "No answer after the message was handed over: Connection unexpectedly closed: timed out"),
        ("sam+drop", "unknown", "ambiguous", "no_answer", "No answer after the message was handed over: Connection unexpectedly closed"),
    ],
)
def test_every_behaviour_of_a_mail_server_has_its_outcome(now, peer, name, state, outcome, code, reason):
    message = send_to(name, now=now)

    assert (message.state, message.reason) == (state, reason)
    attempt = MessageAttempt.objects.get()
    assert (attempt.outcome, attempt.code) == (outcome, code)
    assert attempt.ended_at is not None
    # Both ambiguous mails were stored: sending again would have reached the person twice.
    assert len(peer.mails) == (1 if outcome == "ambiguous" else 0)


def test_an_address_that_does_not_exist_is_never_written_to_again(now, peer):
    first = send_to("Sam+550", now=now)
    assert Suppression.objects.get().address == "sam+550@customer.test"

    second = make.message(first.contact, now=now)
    dispatch.one_round("email", owner="w1", clock=lambda: now)
    second.refresh_from_db()
    assert second.state == "suppressed"
    assert second.reason == "Sam+550@customer.test must not be written to: smtp refused it for good (550)."


def test_a_full_mailbox_suppresses_nobody(now, peer):
    send_to("sam+552", now=now)
    assert not Suppression.objects.exists()


def test_a_refusal_that_can_heal_waits_longer_each_time_and_ends_after_ten_tries(now, peer, settings):
    settings.MESSAGE_RETRY_SECONDS = 30
    message = send_to("sam+451", now=now, lane="transactional", lane_rank=0)
    moment = now
    for attempt in range(1, 10):
        message.refresh_from_db()
        assert (message.state, message.attempt) == ("queued", attempt)
        assert timedelta() <= message.due_at - moment <= timedelta(seconds=min(3600, 30 * 2 ** (attempt - 1)) + 5)
        moment = message.due_at
        dispatch.one_round("email", owner="w1", clock=lambda: moment)  # noqa: B023
    message.refresh_from_db()
    assert (message.state, message.reason) == ("failed", "Refused (451): 4.7.1 greylisted, try later")
    assert list(message.attempts.values_list("outcome", flat=True)) == ["refused"] * 10


def test_a_mail_server_that_is_away_is_tried_again(now, settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", taken.getsockname()[1]
        message = send_to("sam", now=now)
    assert (message.state, MessageAttempt.objects.get().code) == ("queued", "connect")
    assert message.reason.startswith("Refused (connect): The mail server does not answer: ")


EVIL = "x\r\nBcc: evil@x.test"


@pytest.mark.parametrize("where", ["the contact's name in the subject", "the account's name in the subject", "the sender's name", "the address"])
def test_a_line_break_in_a_name_fails_that_one_mail_with_its_reason_and_99_others_are_sent(now, peer, where):
    services.write_template(
        key="hello", channel="email", subject="{{ contact.name }} of {{ account.name }}", body="Hi {{ contact.name }}", actor=ACTOR, now=now
    )
    names = {"the contact's name in the subject": {"name": EVIL}, "the address": {"email": "sam@customer.test\r\nBcc: evil@x.test"}}
    owner = make.user()
    if where == "the sender's name":
        owner.full_name = EVIL
        owner.save()
    odd = make.account(name=EVIL if where == "the account's name in the subject" else "Acme", owner=owner)
    plain = make.account(name="Acme", owner=make.user())
    people = [make.contact(plain, name=f"Person {number}", email=f"p{number}@customer.test") for number in range(99)]
    people.insert(50, make.contact(odd, **names.get(where, {})))
    for person in people:
        services.compose(
            contact=person,
            channel="email",
            template_key="hello",
            lane="transactional",
            idem_key=f"k{person.pk}",
            context={},
            due_at=now,
            expires_at=now + timedelta(days=1),
            actor=ACTOR,
            now=now,
        )

    while dispatch.one_round("email", owner="w1", clock=lambda: now, limit=25):
        pass

    failed = Message.objects.exclude(state="sent").get()
    assert (failed.contact, failed.state) == (people[50], "failed")
    what = where.removeprefix("the contact's name in ").removeprefix("the account's name in ")
    assert failed.reason.startswith(f"Refused (bad_header): The mail could not be written: {what.capitalize()} has a line break in it")
    assert failed.reason.endswith("Mend the name at its source.")
    assert [attempt.outcome for attempt in failed.attempts.all()] == ["refused"]
    assert sorted(peer.recipients) == sorted(person.email for person in people if person != people[50])
    assert {str(mail["Subject"]) for mail in peer.mails} == {f"Person {number} of Acme" for number in range(99)}
    assert all(mail["Bcc"] is None for mail in peer.mails)


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"], ids=ascii)
def test_whatever_could_end_a_line_is_a_line_break_and_only_between_words(now, peer, breaks):
    assert send_to("sam", now=now, subject=f"Hi x{breaks}Bcc: evil@x.test").state == "failed"
    assert send_to("sam", now=now, subject=f"{breaks}Hi x{breaks}").state == "sent"
    assert [str(mail["Subject"]) for mail in peer.mails] == ["Hi x"]


@pytest.mark.parametrize(
    ("error", "handed_over", "outcome", "retry"),
    [
        (smtplib.SMTPServerDisconnected("gone"), False, Outcome.REFUSED, True),
        (smtplib.SMTPServerDisconnected("gone"), True, Outcome.AMBIGUOUS, False),
        (TimeoutError("slow"), True, Outcome.AMBIGUOUS, False),
        (smtplib.SMTPDataError(421, b"closing"), True, Outcome.REFUSED, True),
        (smtplib.SMTPDataError(-1, b"?!"), True, Outcome.AMBIGUOUS, False),
        (smtplib.SMTPSenderRefused(550, b"not you", "a@b.test"), False, Outcome.REFUSED, False),
        (smtplib.SMTPNotSupportedError("no SMTPUTF8"), False, Outcome.REFUSED, False),
    ],
)
def test_a_broken_line_is_a_refusal_before_the_mail_was_handed_over_and_unclear_after(error, handed_over, outcome, retry):
    result = email.classify(error, handed_over=handed_over)
    assert (result.outcome, result.retry, result.suppress) == (outcome, retry, False)


def test_our_own_fault_while_writing_the_mail_is_a_refusal_because_nothing_was_handed_over(now, peer, monkeypatch):
    monkeypatch.setattr(email, "compose", lambda message: {}["missing"])
    message = send_to("sam", now=now)
    assert (message.state, message.reason) == ("queued", "Refused (not_written): The mail could not be written: KeyError('missing')")
    assert peer.mails == []


def test_the_suppressed_address_counts_even_when_the_contact_has_a_new_one(now, peer):
    Suppression.objects.create(channel="email", address="old@customer.test", reason="It bounced.", at=now)
    assert send_to("new", now=now, address="Old@customer.test").state == "suppressed"
    assert send_to("newer", now=now).state == "sent"
