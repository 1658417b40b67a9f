"""What customers say back by telephone: keywords are obeyed at once, other words are threaded to the message they answer, and nothing is dropped."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from apps.accounts.models import Contact

from . import consents, keywords, replies
from .models import Message, ProviderEvent, Suppression
from .types import Channel, HookKind

STOPPED = "They wrote STOP."


def receive(*, provider: str, event_id: str, channel: str, sender: str, text: str, raw: Mapping[str, Any], now: datetime) -> bool:
    """Take one message from a telephone number; False when it is known already."""
    with transaction.atomic():
        last = Message.objects.filter(channel=channel, address=sender).exclude(claimed_at=None).order_by("-claimed_at").first()
        contacts = _contacts(channel, sender)
        contact = last.contact if last else next(iter(contacts), None)
        _, created = ProviderEvent.objects.get_or_create(
            provider=provider,
            event_id=event_id[:200],
            defaults={
                "kind": HookKind.INBOUND,
                "channel": channel,
                "message": last,
                "contact": contact,
                "detail": text[:250],
                "raw": dict(raw),
                "received_at": now,
            },
        )
        if not created:
            return False
        word = keywords.of(text)
        if word == keywords.Word.STOP:
            _stop(channel, sender, contacts, now)
        elif word == keywords.Word.START:
            _start(channel, sender, contacts, now)
        elif word is None and last is not None and text.strip():
            replies.record_reply(token=last.reply_token, text=text, now=now)
    return True


def pressed(*, provider: str, event_id: str, message: Message, digits: str, raw: Mapping[str, Any], now: datetime) -> bool:
    """Take the key pressed in a call as its answer; False when it is known already."""
    with transaction.atomic():
        _, created = ProviderEvent.objects.get_or_create(
            provider=provider,
            event_id=event_id[:200],
            defaults={
                "kind": HookKind.KEYPRESS,
                "message": message,
                "contact": message.contact,
                "detail": digits[:250],
                "raw": dict(raw),
                "received_at": now,
            },
        )
        if created:
            replies.record_reply(token=message.reply_token, text=f"Pressed {digits}", now=now)
    return created


def _contacts(channel: str, number: str) -> list[Contact]:
    """Everybody who has this number, or was written to at it: people write numbers with blanks and dashes, messages carry them without."""
    written_to = Message.objects.filter(channel=channel, address=number).values("contact")
    return list(Contact.objects.filter(Q(phone=number) | Q(pk__in=written_to)).select_related("account").order_by("pk"))


def _stop(channel: str, number: str, contacts: list[Contact], now: datetime) -> None:
    """The number is barred, whoever it belongs to and whatever any import says; what waits for it is taken back."""
    Suppression.objects.get_or_create(channel=channel, address=number, defaults={"reason": STOPPED, "at": now})
    for contact in contacts:
        for topic in consents.topics():
            consents.record_consent(contact=contact, channel=channel, topic=topic, allowed=False, source=f"STOP by {Channel(channel).label}", now=now)


def _start(channel: str, number: str, contacts: list[Contact], now: datetime) -> None:
    """Only what STOP barred is opened again: a number that does not exist stays barred."""
    Suppression.objects.filter(channel=channel, address=number, reason=STOPPED).delete()
    for contact in contacts:
        for topic in consents.topics():
            consents.record_consent(contact=contact, channel=channel, topic=topic, allowed=True, source=f"START by {Channel(channel).label}", now=now)
