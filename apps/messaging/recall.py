"""Taking back what has not been handed over, and drafts that leave at their hour unless somebody stops them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.jobs import after_commit
from apps.events import services as events
from apps.events.vocabulary import MessageNotSent

from .models import Message, MessageAttempt
from .states import move, move_one
from .types import RECALLABLE, MessageState

_APPROVED = "Approved; it leaves with the next round."


def cancel_waiting(*, message_ids: Collection[int], reason: str, actor: Actor, now: datetime) -> int:
    """Take back what has not been claimed yet; returns how many were taken back."""
    with transaction.atomic():
        waiting = list(Message.objects.filter(pk__in=message_ids, state__in=RECALLABLE).order_by("pk").select_for_update(of=("self",)))
        reason = reason[:250]
        move(Message.objects.filter(pk__in=[row.pk for row in waiting]), MessageState.CANCELLED, reason=reason, now=now, actor=actor)
        said = [
            MessageNotSent(account_id=row.account_id, message_id=row.pk, channel=row.channel, state=MessageState.CANCELLED.value, reason=reason)
            for row in waiting
        ]
        events.publish_all(said, actor=actor, now=now)
    return len(waiting)


def recall(*, message: Message, reason: str, actor: Actor, now: datetime) -> None:
    """Take back one message that no provider has been given yet, also one that a worker has just claimed. Refused where it is too late.

    The worker opens its attempt under the row's lock before it calls the provider: whoever comes first decides, and the other one finds out.
    """
    words = (reason.strip() or f"Recalled by {actor}.")[:250]
    with transaction.atomic():
        row = Message.objects.select_related("cause").select_for_update(of=("self",)).get(pk=message.pk)
        begun = row.state == MessageState.SENDING and MessageAttempt.objects.filter(message=row, number=row.attempt).exists()
        if begun or not move_one(row, MessageState.CANCELLED, now=now, actor=actor, reason=words, owner="", lease_until=None):
            what = "being handed over right now" if begun else row.get_state_display()
            raise Refused("too_late", f"“{row.subject}” is {what}; only what nobody has been given yet can be taken back.")
        said = MessageNotSent(account_id=row.account_id, message_id=row.pk, channel=row.channel, state=MessageState.CANCELLED.value, reason=words)
        events.publish(said, actor=actor, now=now, cause=row.cause)


def approve(*, message: Message, actor: Actor, now: datetime) -> None:
    """Let a draft leave now instead of at its hour; the governor still has its say. Refused where it no longer waits for anybody."""
    with transaction.atomic():
        row = Message.objects.select_for_update(of=("self",)).get(pk=message.pk)
        if not row.is_draft or row.due_at <= now:
            raise Refused("no_draft", f"“{row.subject}” is {row.get_state_display()} and waits for nobody's word.")
        approved: dict[str, Any] = {"due_at": now, "approved_at": now, "approved_by": str(actor)[:80]}
        move_one(row, MessageState.HELD, now=now, actor=actor, reason=_APPROVED, **approved)
        after_commit("messaging.send", row.channel)
