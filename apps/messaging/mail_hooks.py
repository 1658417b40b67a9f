"""A mail service calls us: what became of a mail, or a mail that somebody wrote. django-anymail checks the signature and reads the service's form."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused

from . import barring, consents, guests, inbound, inviting, resting, selectors, statuses
from .models import Message, ProviderEvent
from .providers import mail_service
from .rendering import clean
from .types import Channel, Told

log = logging.getLogger(__name__)
PROVIDER = "anymail"
_ACTOR = Actor.job("messaging.mail_hooks")
# A service repeats a call that we did not take for eight hours (Mailgun); what is older was overheard, not repeated.
OLDEST = timedelta(hours=12)
# An opened mail is not counted as read: programs open more mails than people do.
_TOLD = {
    "queued": Told.ACCEPTED,
    "sent": Told.SENT,
    "bounced": Told.RETURNED,
    "rejected": Told.RETURNED,
    "failed": Told.RETURNED,
    "delivered": Told.DELIVERED,
    "complained": Told.DELIVERED,
    "unsubscribed": Told.DELIVERED,
}
_GONE = {"bounced", "invalid"}


@csrf_exempt
@never_cache
@require_http_methods(["POST", "HEAD"])
def status(request: HttpRequest) -> HttpResponse:
    """What became of mails. Some services ask with HEAD whether the address answers."""
    return _answer(request, "Tracking", _record)


@csrf_exempt
@never_cache
@require_http_methods(["POST", "HEAD"])
def arrived(request: HttpRequest) -> HttpResponse:
    """A mail that somebody wrote to our reply addresses."""
    return _answer(request, "Inbound", _thread)


def _answer(request: HttpRequest, kind: str, take: Any) -> HttpResponse:
    view = mail_service.view(kind)
    if view is None:
        raise Http404("No mail service is set up here.")
    if request.method == "HEAD":
        return HttpResponse()
    now = clock.now()
    right = _is_right(view, request, now)
    resting.note_call(PROVIDER, right=right, now=now)
    if not right:
        log.warning("a call to %s was not signed by the mail service, or is too old", request.path)
        return HttpResponse("The signature is wrong or too old.", status=403, content_type="text/plain")
    try:
        events = list(view.parse_events(request))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return HttpResponse(f"The call cannot be read: {error!r}"[:300], status=400, content_type="text/plain")
    take(events, now)
    return HttpResponse(status=204)


def _is_right(view: Any, request: HttpRequest, now: datetime) -> bool:
    from anymail.exceptions import AnymailWebhookValidationFailure

    try:
        view.run_validators(request)
        signed_at = _signed_at(view, request)
    except (AnymailWebhookValidationFailure, ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return False
    return signed_at is None or abs(now - signed_at) < OLDEST


def _signed_at(view: Any, request: HttpRequest) -> datetime | None:
    """When Mailgun signed the call; the others check their own time, or sign none."""
    import json

    if view.esp_name != "Mailgun":
        return None
    given = json.loads(request.body)["signature"]["timestamp"] if request.content_type == "application/json" else request.POST["timestamp"]
    return datetime.fromtimestamp(float(given), UTC)


def _record(events: Iterable[Any], now: datetime) -> None:
    for event in events:
        told, message = _TOLD.get(event.event_type), _message(event)
        if told is None or message is None:
            # Of a mail that we did not send, or something that changes nothing.
            continue
        said_at = event.timestamp.isoformat() if event.timestamp else ""
        event_id = str(event.event_id or f"{event.message_id}:{event.event_type}:{said_at}")[:200]
        if ProviderEvent.objects.filter(provider=PROVIDER, event_id=event_id).exists():
            continue
        detail = clean(" ".join(str(part) for part in (event.reject_reason, event.mta_response or event.description) if part))
        # Before the call is known, so that one whose work broke off is done again; and before the message is locked.
        _obey(event, message, now)
        statuses.record(
            provider=PROVIDER,
            event_id=event_id,
            message=message,
            told=told,
            detail=guests.without_addresses(detail) if message.guest else detail,
            raw={"type": event.event_type, "recipient": "" if message.guest else str(event.recipient or ""), "at": said_at},
            provider_message_id=str(event.message_id or ""),
            now=now,
        )


def _obey(event: Any, message: Message, now: datetime) -> None:
    """An address that is gone or complains is written to no more; who leaves by the service's own link has left."""
    if message.guest:
        _obey_guest(event, message.guest, now)
        return
    if event.event_type == "unsubscribed":
        consents.record_consent(
            contact=message.contact, channel=Channel.EMAIL, topic=message.topic, allowed=False, source="unsubscribed at the mail service", now=now
        )
    gone = event.event_type == "bounced" and event.reject_reason in _GONE and _for_good(event)
    if gone or event.event_type == "complained":
        reason = "The mail came back for good." if gone else "They reported our mail as spam."
        barring.bar(channel=Channel.EMAIL, address=message.address, reason=reason, actor=_ACTOR, now=now)


def _obey_guest(event: Any, key: str, now: datetime) -> None:
    """The same for somebody who is no contact, whose address nobody keeps."""
    if event.event_type in ("unsubscribed", "complained"):
        inviting.bar_guest(key, reason=inviting.NEVER, now=now)
    elif event.event_type == "bounced" and event.reject_reason in _GONE and _for_good(event):
        inviting.bar_guest(key, reason="The mail came back for good.", now=now)


def _for_good(event: Any) -> bool:
    """Resend calls a full mailbox a bounce too, and says beside it that it passes."""
    told = event.esp_event.get("data") if isinstance(event.esp_event, dict) else None
    bounce = told.get("bounce") if isinstance(told, dict) else None
    return not isinstance(bounce, dict) or bounce.get("type", "Permanent") == "Permanent"


def _message(event: Any) -> Message | None:
    """By our own token, which came along; else by the service's id of a mail that it said it took."""
    token = (event.metadata or {}).get("message", "")
    key = selectors.message_id_of_hook(str(token)) if token else None
    mails = Message.objects.filter(channel=Channel.EMAIL).select_related("contact")
    if key is not None:
        return mails.filter(pk=key).first()
    return mails.filter(provider=PROVIDER, provider_message_id=str(event.message_id)).first() if event.message_id else None


def _thread(events: Iterable[Any], now: datetime) -> None:
    for event in events:
        mail = event.message
        to = [mail.envelope_recipient] if mail.envelope_recipient else [address.addr_spec for address in mail.to or ()]
        try:
            inbound.record_answers(mail, recipients=to, now=now)
        except Refused as refusal:
            log.info("a mail to %s was not threaded: %s", to, refusal.message)
