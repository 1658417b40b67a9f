"""SMS, WhatsApp and voice calls by Twilio's REST API.

Twilio has no idempotency key for messages or calls, so what it did not answer is in doubt: the status callback, whose address names our message,
clears it up, or else the list of what was sent to this number since. A voice call is never dialled again by itself.
"""

import json
import re
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.urls import reverse

from apps.messaging import selectors, texts
from apps.messaging.models import Message
from apps.messaging.rendering import one_line
from apps.messaging.types import BY_PHONE, Ability, Channel, Outcome, Result

from .lines import unanswered

# E.164: a plus sign, no leading zero, at most 15 digits.
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
# Codes of Twilio: this number can never be written to (not a number, no mobile, opted out).
_GONE = {21211, 21217, 21610, 21614}
_SENDERS = {Channel.SMS: "TWILIO_SMS_FROM", Channel.WHATSAPP: "TWILIO_WHATSAPP_FROM", Channel.VOICE: "TWILIO_VOICE_FROM"}
_SLACK = timedelta(minutes=2)
_MOST_LISTED = 50
# No message costs so much; what says so is no price.
_MOST = Decimal(10_000)


class Twilio:
    channels = BY_PHONE
    can = Ability(looks_up=True, tells_status=True)

    def missing(self, channel: str) -> str:
        wanted = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", _SENDERS[Channel(channel)])
        lacking = [name for name in wanted if not getattr(settings, name)]
        return f"set {' and '.join(lacking)}" if lacking else ""

    def deliver(self, message: Message) -> Result:
        if not _NUMBER.fullmatch(message.address):
            return Result(
                Outcome.REFUSED, code="bad_number", detail=f"{message.address!r} is no telephone number in international form (+15551234567)."
            )
        try:
            made = _create(message)
        except Exception as error:
            return classify(error)
        parts = texts.size(message.body).parts if message.channel == Channel.SMS else None
        return Result(Outcome.OK, provider_message_id=str(made.sid), parts=parts)

    def look_up(self, message: Message) -> Result | None:
        """Whether Twilio's list holds what we meant to send to this number since we began. A call is matched by its number alone."""
        began = message.claimed_at or message.created_at
        client = _client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_API_URL, settings.TWILIO_TIMEOUT)
        to, sender = _ends(message)
        if message.channel == Channel.VOICE:
            found = [call.sid for call in client.calls.list(to=to, from_=sender, start_time_after=began - _SLACK, limit=_MOST_LISTED)]
        else:
            listed = client.messages.list(to=to, from_=sender, date_sent_after=began - _SLACK, limit=_MOST_LISTED)
            # Of an approved template the provider lists its own words.
            approved = message.template is not None and bool(message.template.content_sid)
            found = [sent.sid for sent in listed if approved or (sent.body or "").strip() == message.body.strip()]
        known = set(Message.objects.filter(provider_message_id__in=found).values_list("provider_message_id", flat=True))
        left = [sid for sid in found if sid not in known]
        return Result(Outcome.OK, provider_message_id=left[0]) if left else None

    def price_of(self, message: Message) -> tuple[Decimal, str] | None:
        """What Twilio took for it: known some minutes after the message, as a negative number."""
        client = _client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_API_URL, settings.TWILIO_TIMEOUT)
        kept = client.calls if message.channel == Channel.VOICE else client.messages
        told = kept(message.provider_message_id).fetch()
        try:
            amount = abs(Decimal(str(told.price))) if told.price is not None else None
        except InvalidOperation:
            return None
        return (amount, str(told.price_unit).upper()[:3]) if amount is not None and amount.is_finite() and amount < _MOST else None


class _Http:
    """Mixed into Twilio's own client: another base address where one is set, and always a time-out."""

    def __init__(self, base: str, **given: Any) -> None:
        super().__init__(**given)
        self._base = urlsplit(base)

    def request(self, method: str, url: str, *args: Any, **given: Any) -> Any:
        if self._base.netloc:
            asked = urlsplit(url)
            url = urlunsplit((self._base.scheme, self._base.netloc, asked.path, asked.query, ""))
        return super().request(method, url, *args, **given)  # type: ignore[misc]


@lru_cache(maxsize=4)
def _client(account: str, token: str, base: str, timeout: int) -> Any:
    """Twilio's client is slow to import, so only those who send pay for it."""
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    http = type("Http", (_Http, TwilioHttpClient), {})(base, timeout=timeout)
    return Client(account, token, http_client=http)


def _create(message: Message) -> Any:
    client = _client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_API_URL, settings.TWILIO_TIMEOUT)
    to, sender = _ends(message)
    token = selectors.hook_token(message)
    home = settings.BASE_URL.rstrip("/")
    callback = f"{home}{reverse('twilio-status', args=[token])}"
    if message.channel == Channel.VOICE:
        events = ["initiated", "answered", "completed"]
        spoken = twiml(message.body, f"{home}{reverse('twilio-keypress', args=[token])}")
        return client.calls.create(to=to, from_=sender, twiml=spoken, status_callback=callback, status_callback_event=events)
    if message.channel == Channel.WHATSAPP and message.template and message.template.content_sid:
        variables = json.dumps(message.content_variables)
        return client.messages.create(
            to=to, from_=sender, content_sid=message.template.content_sid, content_variables=variables, status_callback=callback
        )
    return client.messages.create(to=to, from_=sender, body=message.body, status_callback=callback)


def text(number: str, body: str) -> Result:
    """A text to somebody of ours; nobody calls back about it."""
    if not _NUMBER.fullmatch(number):
        return Result(Outcome.REFUSED, code="bad_number", detail=f"{number!r} is no telephone number in international form (+15551234567).")
    client = _client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_API_URL, settings.TWILIO_TIMEOUT)
    try:
        made = client.messages.create(to=number, from_=settings.TWILIO_SMS_FROM, body=body)
    except Exception as error:
        return classify(error)
    return Result(Outcome.OK, provider_message_id=str(made.sid))


def _ends(message: Message) -> tuple[str, str]:
    """(to, from) as Twilio writes them."""
    prefix = "whatsapp:" if message.channel == Channel.WHATSAPP else ""
    return prefix + message.address, prefix + getattr(settings, _SENDERS[Channel(message.channel)])


def twiml(text: str, answered: str) -> str:
    """The words read aloud; one key pressed while they are read, or in the ten seconds after, is told to `answered`."""
    from twilio.twiml.voice_response import Gather, VoiceResponse

    response = VoiceResponse()
    gather = Gather(num_digits=1, action=answered, method="POST", timeout=10)
    for paragraph in text.split("\n\n"):
        if words := one_line(paragraph):
            gather.say(words)
    response.append(gather)
    return str(response)


def classify(error: Exception) -> Result:
    """What an error of the client means for the message: with an answer of Twilio the answer decides, without one whether the line stood."""
    from twilio.base.exceptions import TwilioRestException

    if isinstance(error, TwilioRestException):
        return _by_status(error)
    return unanswered(error)


def _by_status(error: Any) -> Result:
    status, code, words = int(error.status), int(error.code or 0), one_line(str(error.msg))
    label = str(code or status)
    if status == 429:
        return Result(Outcome.REFUSED, code=label, detail=words, retry=True, trouble=True)
    # 503 is said before the work begins; after any other failure of theirs the message may be on its way.
    if status == 503:
        return Result(Outcome.REFUSED, code=label, detail=words, retry=True, trouble=True)
    if status >= 500 or status < 400:
        return Result(Outcome.AMBIGUOUS, code=label, detail=words, trouble=True)
    # 401 and 403 are our own set-up: everybody's messages wait until it is mended.
    ours = status in (401, 403) and code != 21610
    return Result(Outcome.REFUSED, code=label, detail=words, retry=ours, trouble=ours, suppress=code in _GONE)
