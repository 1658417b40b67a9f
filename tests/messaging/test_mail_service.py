"""Mail by the HTTP API of a mail service: every answer has its outcome, a repeat is none where keys are known, and signed calls tell the rest."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from standardwebhooks import Webhook

from apps.core.actor import Actor
from apps.messaging import dispatch, providers, resting, selectors, services
from apps.messaging.models import Consent, Message, MessageAttempt, ProviderEvent, ProviderHealth, Suppression
from tests import make
from tests.faults.http_peer import Provider
from tests.faults.plan import Plan

pytestmark = pytest.mark.django_db
SECRET = "whsec_" + b64encode(b"0" * 24).decode()
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def service(settings) -> Iterator[Provider]:
    server = Provider()
    settings.MESSAGE_PROVIDERS = {**settings.MESSAGE_PROVIDERS, "email": ["anymail"]}
    settings.MAIL_SERVICE = "resend"
    settings.ANYMAIL = {"RESEND_API_KEY": "key", "RESEND_SIGNING_SECRET": SECRET, "RESEND_API_URL": server.url, "REQUESTS_TIMEOUT": 0.5}
    yield server
    server.shutdown()
    server.server_close()


def mail(now, **fields) -> Message:
    return make.message(make.contact(make.account(), email="sam@customer.test"), now=now, **fields)


def sent(message: Message, *, now) -> Message:
    dispatch.one_round("email", owner="w1", clock=lambda: now)
    message.refresh_from_db()
    return message


def behaving(server: Provider, **shares: float) -> None:
    server.plan = Plan(too_long=1.0, **shares)


def test_a_mail_goes_out_with_its_key_and_its_own_name(service, now):
    message = sent(mail(now), now=now)
    [taken] = service.taken
    assert (message.state, message.provider, message.provider_message_id) == ("sent", "anymail", taken["sid"])
    assert list(service.by_key) == [hashlib.sha256(message.idem_key.encode()).hexdigest()]


@pytest.mark.parametrize("fault", ["drop", "slow", "ill"])
def test_what_was_not_answered_is_sent_again_with_its_key_and_arrives_once(service, now, fault):
    behaving(service, **{fault: 1.0})
    message = sent(mail(now), now=now)
    assert (message.state, MessageAttempt.objects.get().outcome) == ("queued", "ambiguous")
    behaving(service)
    message = sent(message, now=now + HOUR)
    assert (message.state, len(service.taken)) == ("sent", 1)
    assert message.provider_message_id == service.taken[0]["sid"]


def test_a_doubt_is_for_nobody_else_even_while_its_provider_refuses(service, settings, now, peer):
    """A second provider would make a second mail of it."""
    settings.MESSAGE_PROVIDERS = {**settings.MESSAGE_PROVIDERS, "email": ["anymail", "smtp"]}
    behaving(service, drop=1.0)
    message = sent(mail(now), now=now)
    behaving(service, refuse=1.0)
    message = sent(message, now=now + HOUR)
    assert (message.state, message.provider, peer.mails) == ("queued", "anymail", [])
    behaving(service)
    assert sent(message, now=now + 2 * HOUR).state == "sent"
    assert (len(service.taken), peer.mails) == (1, [])


def test_a_refusal_without_a_doubt_is_carried_by_the_next(service, settings, now, peer):
    settings.MESSAGE_PROVIDERS = {**settings.MESSAGE_PROVIDERS, "email": ["anymail", "smtp"]}
    behaving(service, refuse=1.0)
    message = sent(sent(mail(now), now=now), now=now + timedelta(seconds=5))
    assert (message.state, message.provider) == ("sent", "smtp")
    assert (len(peer.mails), service.taken) == (1, [])


def test_when_the_key_is_forgotten_a_person_finds_out(service, now):
    behaving(service, drop=1.0)
    message = mail(now, expires_at=now + timedelta(days=9))
    sent(message, now=now)
    behaving(service)
    message = sent(message, now=now + 24 * HOUR)
    assert (message.state, len(service.taken)) == ("unknown", 1)
    assert "may have arrived" in message.reason
    services.settle_unknown(message=message, was_sent=False, actor=Actor.job("test"), now=now + 25 * HOUR)
    service.by_key.clear()
    assert sent(message, now=now + 25 * HOUR).state == "sent"


def test_refused_for_good_after_a_doubt_is_a_doubt(service, settings, now):
    behaving(service, drop=1.0)
    message = sent(mail(now), now=now)
    service.plan = None
    Message.objects.filter(pk=message.pk).update(address="x06")
    assert sent(message, now=now + HOUR).state == "unknown"


def test_nobody_there_is_a_refusal(service, now):
    service.shutdown()
    service.server_close()
    message = sent(mail(now), now=now)
    assert (message.state, MessageAttempt.objects.get().code) == ("queued", "connect")


def test_what_is_half_set_up_is_named_in_one_line(settings):
    settings.ANYMAIL = {"RESEND_API_KEY": "key"}
    assert providers.of("anymail").missing("email") == "set ANYMAIL_RESEND_SIGNING_SECRET"
    settings.MAIL_SERVICE = "pigeon"
    assert providers.of("anymail").missing("email").startswith("set ANYMAIL_SERVICE to one of resend, ")


def call(kind: str, data: dict, *, at: datetime | None = None, secret: str = SECRET, name: str = "msg_1"):
    at = at or datetime.now(UTC)
    body = json.dumps({"type": f"email.{kind}", "created_at": "2026-03-11T12:00:00.000Z", "data": data})
    headers = {"svix-id": name, "svix-timestamp": str(int(at.timestamp())), "svix-signature": Webhook(secret).sign(name, at, body)}
    return Client(enforce_csrf_checks=True).post("/hooks/mail/status", body, content_type="application/json", headers=headers)


def about(message: Message, **more) -> dict:
    metadata = json.dumps({"message": selectors.hook_token(message)})
    return {"email_id": "re1", "to": [message.address], "headers": [{"name": "X-Metadata", "value": metadata}], **more}


BOUNCE = {"bounce": {"message": "The recipient's email provider sent a hard bounce message", "type": "Permanent"}}


def test_a_signed_call_clears_a_doubt_up_and_counts_once(now):
    message = mail(now, state="unknown", claimed_at=now)
    assert [call("delivered", about(message)).status_code for _ in range(2)] == [204, 204]
    message.refresh_from_db()
    assert (message.state, message.provider_message_id) == ("delivered", "re1")
    assert ProviderEvent.objects.count() == 1


def test_a_mail_that_came_back_for_good_bars_its_address_and_a_full_box_does_not(now):
    first = mail(now, state="sent", sent_at=now)
    full = {"bounce": {"message": "a bounce message because the recipient's inbox was full", "type": "Transient"}}
    assert call("bounced", about(first, **full)).status_code == 204
    assert not Suppression.objects.exists()
    second = mail(now, state="sent", sent_at=now)
    assert call("bounced", about(second, **BOUNCE), name="msg_2").status_code == 204
    second.refresh_from_db()
    assert second.state == "returned"
    assert Suppression.objects.get().address == "sam@customer.test"


def test_who_complains_is_written_to_no_more(now):
    call("complained", about(mail(now, state="sent", sent_at=now)))
    assert Suppression.objects.get().reason == "They reported our mail as spam."
    later = sent(mail(now), now=now)
    assert (later.state, later.reason) == ("suppressed", "sam@customer.test must not be written to: They reported our mail as spam.")


def test_a_mail_is_also_found_by_the_services_own_id(now):
    message = mail(now, state="sent", sent_at=now, provider="anymail", provider_message_id="re7")
    assert call("delivered", {"email_id": "re7", "to": ["sam@customer.test"]}).status_code == 204
    message.refresh_from_db()
    assert message.state == "delivered"
    assert call("delivered", {"email_id": "of nobody", "to": ["x@y.test"]}, name="msg_3").status_code == 204


_GARBLED: list[tuple[str | bytes, dict[str, str]]] = [
    ("{}", {}),
    (b"\xff", {"svix-id": "x", "svix-signature": "?"}),
    ("{}", {"svix-timestamp": "x", "svix-id": "x", "svix-signature": "v1,="}),
]


def test_wrong_tampered_and_old_calls_are_refused_and_somebody_is_told(now):
    message = mail(now, state="sent", sent_at=now)
    refused = [
        call("delivered", about(message), secret="whsec_" + b64encode(b"1" * 24).decode()),
        call("delivered", about(message), at=datetime.now(UTC) - timedelta(minutes=10)),
        *[Client().post("/hooks/mail/status", body, content_type="application/json", headers=headers) for body, headers in _GARBLED],
    ]
    assert [answer.status_code for answer in refused] == [403] * resting.DISTRUST
    message.refresh_from_db()
    assert (message.state, ProviderHealth.objects.get(provider="anymail").refused_calls) == ("sent", resting.DISTRUST)


def test_where_no_service_is_set_up_there_is_no_such_page(settings):
    settings.MAIL_SERVICE = ""
    assert Client().post("/hooks/mail/status", "{}", content_type="application/json").status_code == 404


def mailgun(message: Message, *, at: datetime, key: bytes = b"mgkey", name: str = "e1"):
    stamp, token = str(int(at.timestamp())), "t" * 50
    signature = hmac.new(key, f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    event = {
        **{"event": "failed", "severity": "permanent", "id": name, "timestamp": at.timestamp(), "recipient": message.address, "reason": "bounce"},
        "message": {"headers": {"message-id": "m1@x"}},
        "user-variables": {"message": selectors.hook_token(message)},
        "delivery-status": {"code": 550, "message": "no such user"},
    }
    body = {"signature": {"timestamp": stamp, "token": token, "signature": signature}, "event-data": event}
    return Client(enforce_csrf_checks=True).post("/hooks/mail/status", json.dumps(body), content_type="application/json")


@time_machine.travel(datetime(2026, 3, 11, 12, tzinfo=UTC), tick=False)
def test_mailgun_signs_no_age_so_we_refuse_what_is_old(settings, now):
    settings.MAIL_SERVICE, settings.ANYMAIL = "mailgun", {"MAILGUN_API_KEY": "k", "MAILGUN_WEBHOOK_SIGNING_KEY": "mgkey"}
    message = mail(now, state="sent", sent_at=now)
    assert mailgun(message, at=datetime(2001, 9, 9, tzinfo=UTC)).status_code == 403
    assert mailgun(message, at=now - 13 * HOUR).status_code == 403
    assert mailgun(message, at=now, key=b"other").status_code == 403
    assert not ProviderEvent.objects.exists()
    assert [mailgun(message, at=now).status_code for _ in range(2)] == [204, 204]
    assert ProviderEvent.objects.get().detail == "bounced no such user"
    assert Suppression.objects.get().address == "sam@customer.test"


def test_a_mail_written_to_us_is_threaded_to_the_message_it_answers(settings, now):
    settings.MAIL_SERVICE, settings.ANYMAIL = "postmark", {"POSTMARK_SERVER_TOKEN": "k", "WEBHOOK_SECRET": "us:secret"}
    message = mail(now, state="sent", sent_at=now, reply_token="a" * 32)
    body = {
        **{"From": "sam@customer.test", "FromFull": {"Email": "sam@customer.test", "Name": "Sam"}, "Subject": "Re: Hello", "MessageID": "in1"},
        "ToFull": [{"Email": f"reply+{'a' * 32}@{settings.REPLY_DOMAIN}", "Name": ""}],
        "OriginalRecipient": f"reply+{'a' * 32}@{settings.REPLY_DOMAIN}",
        "TextBody": "Tuesday is fine.\n\nOn Monday, Dana wrote:\n> When?",
        "Headers": [],
        "Attachments": [],
    }
    headers = {"Authorization": "Basic " + b64encode(b"us:secret").decode()}
    post = lambda with_headers: Client(enforce_csrf_checks=True).post(  # noqa: E731
        "/hooks/mail/inbound", json.dumps(body), content_type="application/json", headers=with_headers
    )
    assert post({}).status_code == 403
    assert post(headers).status_code == 204
    message.refresh_from_db()
    assert (message.reply, message.state) == ("Tuesday is fine.", "replied")
    body["OriginalRecipient"] = f"reply+{'b' * 32}@{settings.REPLY_DOMAIN}"
    assert post(headers).status_code == 204
    assert Consent.objects.count() == 0
