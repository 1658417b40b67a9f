"""Taking back what has not been handed over."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import MessageNotSent

from .models import Message
from .states import move
from .types import WAITING, MessageState


def cancel_waiting(*, message_ids: Collection[int], reason: str, actor: Actor, now: datetime) -> int:
    """Take back what has not been claimed yet; returns how many were taken back."""
    with transaction.atomic():
        waiting = list(Message.objects.filter(pk__in=message_ids, state__in=WAITING).order_by("pk").select_for_update(of=("self",)))
        reason = reason[:250]
        move(Message.objects.filter(pk__in=[row.pk for row in waiting]), MessageState.CANCELLED, reason=reason)
        said = [
            MessageNotSent(account_id=row.account_id, message_id=row.pk, channel=row.channel, state=MessageState.CANCELLED.value, reason=reason)
            for row in waiting
        ]
        events.publish_all(said, actor=actor, now=now)
    return len(waiting)
