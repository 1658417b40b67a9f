"""Messages of which nobody knows whether they left: providers that can be asked are asked; the rest is for a person."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import MessageSent

from . import providers
from .models import Message
from .states import move_one
from .types import MessageState, Outcome

log = logging.getLogger(__name__)
_ACTOR = Actor.job("messaging.reconcile")
# A provider needs a moment until its list shows what it took; after the last look a person must find out.
GRACE, LAST_LOOK = timedelta(minutes=2), timedelta(hours=1)


def reconcile(*, now: datetime, limit: int = 100) -> int:
    """Ask about doubts between two minutes and an hour old; returns how many were cleared up. What is not found stays in doubt: never sent again."""
    able = [name for name, provider in providers.PROVIDERS.items() if provider.can.looks_up]
    doubtful = Message.objects.filter(
        state=MessageState.UNKNOWN, provider__in=able, claimed_at__lte=now - GRACE, claimed_at__gt=now - LAST_LOOK
    ).select_related("template")
    cleared = 0
    for message in doubtful.order_by("claimed_at")[:limit]:
        try:
            found = providers.of(message.provider).look_up(message)
        except Exception:
            # Asked again with the next round.
            log.warning("%s could not be asked about message %s", message.provider, message.pk, exc_info=True)
            continue
        if found and found.outcome == Outcome.OK:
            cleared += _found(message, found.provider_message_id, now)
    return cleared


def _found(message: Message, provider_message_id: str, now: datetime) -> bool:
    with transaction.atomic():
        row = Message.objects.select_related("cause").select_for_update(of=("self",)).get(pk=message.pk)
        if row.state != MessageState.UNKNOWN:
            return False
        asked: dict[str, Any] = {"now": now, "actor": _ACTOR, "why": f"{row.provider} was asked and has it."}
        move_one(row, MessageState.SENT, sent_at=row.claimed_at, provider_message_id=provider_message_id[:250], reason="", **asked)
        events.publish(MessageSent(account_id=row.account_id, message_id=row.pk, channel=row.channel), actor=_ACTOR, now=now, cause=row.cause)
    return True
