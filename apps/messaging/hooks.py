"""Twilio calls us: what became of a message, what a customer answered, which key was pressed. Signed calls only; each is kept once.

Twilio's signature carries no time, so a call repeated by somebody who overheard it must change nothing: the row of the first call stands for it.
"""

import logging
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.core import clock

from . import answers, resting, selectors, statuses
from .models import Message
from .rendering import clean
from .types import Channel, Told

log = logging.getLogger(__name__)
_TOLD = {
    **dict.fromkeys(("accepted", "queued", "scheduled", "sending", "initiated", "ringing"), Told.ACCEPTED),
    **dict.fromkeys(("sent", "in-progress", "answered"), Told.SENT),
    **dict.fromkeys(("failed", "undelivered", "busy", "no-answer", "canceled"), Told.RETURNED),
    **dict.fromkeys(("delivered", "completed"), Told.DELIVERED),
    "read": Told.READ,
}
_EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
_THANKS = '<?xml version="1.0" encoding="UTF-8"?><Response><Say>Thank you. Good bye.</Say></Response>'


def _signed(request: HttpRequest) -> dict[str, str] | None:
    """The form of a call that Twilio signed with our token, for the address it was configured with, without control characters; None for anything
    else. Where Twilio is not set up there is no such page."""
    from twilio.request_validator import RequestValidator

    if not settings.TWILIO_AUTH_TOKEN:
        raise Http404("Twilio is not set up here.")
    form = {name: str(value) for name, value in request.POST.items()}
    address = f"{settings.BASE_URL.rstrip('/')}{request.get_full_path()}"
    signature = request.headers.get("X-Twilio-Signature", "")
    right = RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(address, form, signature)
    resting.note_call("twilio", right=right, now=clock.now())
    if not right:
        log.warning("a call to %s was not signed by Twilio", request.path)
    return {clean(name): clean(value) for name, value in form.items()} if right else None


def _message(token: str) -> Message:
    message = Message.objects.filter(pk=selectors.message_id_of_hook(token) or 0).first()
    if message is None:
        raise Http404("This address belongs to no message.")
    return message


@csrf_exempt
@never_cache
@require_POST
def status(request: HttpRequest, token: str) -> HttpResponse:
    """What became of a message or call."""
    form = _signed(request)
    if form is None:
        return HttpResponse("The signature is wrong.", status=403, content_type="text/plain")
    message = _message(token)
    sid = form.get("MessageSid") or form.get("CallSid") or ""
    word = (form.get("MessageStatus") or form.get("CallStatus") or "").lower()
    told = _TOLD.get(word)
    if not sid or told is None:
        return HttpResponse(f"MessageStatus {word!r} is not known.", status=400, content_type="text/plain")
    detail = " ".join(part for part in (form.get("ErrorCode", ""), form.get("ErrorMessage", ""), word if told == Told.RETURNED else "") if part)
    statuses.record(
        provider="twilio",
        event_id=f"{sid}:{word}",
        message=message,
        told=told,
        detail=detail,
        raw=_kept(form),
        provider_message_id=sid,
        now=clock.now(),
    )
    return HttpResponse(status=204)


@csrf_exempt
@never_cache
@require_POST
def inbound(request: HttpRequest) -> HttpResponse:
    """Words that a customer wrote by SMS or WhatsApp. Nothing is answered from here: keywords are answered by the carrier."""
    form = _signed(request)
    if form is None:
        return HttpResponse("The signature is wrong.", status=403, content_type="text/plain")
    sid, sender = form.get("MessageSid", ""), form.get("From", "")
    if not sid or not sender:
        return HttpResponse("MessageSid and From are needed.", status=400, content_type="text/plain")
    channel = Channel.WHATSAPP if sender.startswith("whatsapp:") else Channel.SMS
    answers.receive(
        provider="twilio",
        event_id=sid,
        channel=channel,
        sender=sender.removeprefix("whatsapp:"),
        text=form.get("Body", ""),
        raw=_kept(form),
        now=clock.now(),
    )
    return HttpResponse(_EMPTY, content_type="text/xml")


@csrf_exempt
@never_cache
@require_POST
def keypress(request: HttpRequest, token: str) -> HttpResponse:
    """The key that a customer pressed in a call."""
    form = _signed(request)
    if form is None:
        return HttpResponse("The signature is wrong.", status=403, content_type="text/plain")
    message = _message(token)
    digits = form.get("Digits", "")
    if digits:
        answers.pressed(
            provider="twilio", event_id=f"{form.get('CallSid', '')}:{digits}", message=message, digits=digits, raw=_kept(form), now=clock.now()
        )
    return HttpResponse(_THANKS if digits else _EMPTY, content_type="text/xml")


def _kept(form: dict[str, str]) -> dict[str, Any]:
    """What is worth keeping of a call: not our own account's name."""
    return {name: value[:1000] for name, value in form.items() if name not in ("AccountSid", "ApiVersion")}
