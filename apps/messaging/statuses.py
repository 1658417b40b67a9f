"""What providers tell about messages afterwards.

Calls come twice, late, in any order and before our own row says that it sent: each is kept once, and the message's state is folded from all of them
by what outweighs what, so the order never matters.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import MessageNotSent, MessageSent

from .models import Message, ProviderEvent
from .states import move_one
from .types import Channel, HookKind, MessageState, Told

_RANK = {told: rank for rank, told in enumerate(Told)}
_STATES = {
    Told.SENT: MessageState.SENT,
    Told.RETURNED: MessageState.RETURNED,
    Told.DELIVERED: MessageState.DELIVERED,
    Told.READ: MessageState.DELIVERED,
}
_ACTOR = Actor.job("messaging.statuses")


def record(
    *,
    provider: str,
    event_id: str,
    message: Message,
    told: Told,
    detail: str = "",
    raw: Mapping[str, Any],
    provider_message_id: str = "",
    now: datetime,
) -> bool:
    """Keep one call of a provider and fold the message anew; False when it is known already."""
    with transaction.atomic():
        row = Message.objects.select_related("cause").select_for_update(of=("self",)).get(pk=message.pk)
        _, created = ProviderEvent.objects.get_or_create(
            provider=provider,
            event_id=event_id[:200],
            defaults={"kind": HookKind.STATUS, "message": row, "told": told, "detail": detail[:250], "raw": dict(raw), "received_at": now},
        )
        if not created:
            return False
        if provider_message_id and not row.provider_message_id:
            row.provider_message_id = provider_message_id[:250]
            Message.objects.filter(pk=row.pk).update(provider_message_id=row.provider_message_id)
        fold(row, now=now)
    return True


def fold(row: Message, *, now: datetime) -> bool:
    """Bring a locked message to what all calls about it say together; True when that moved it. While it is being sent nothing moves: the sender folds
    when it is done."""
    told = list(ProviderEvent.objects.filter(message=row, kind=HookKind.STATUS).order_by("received_at", "id"))
    if not told or row.state == MessageState.SENDING:
        return False
    most = max(told, key=lambda event: _RANK[Told(event.told)])
    first = {event.told: event.received_at for event in reversed(told)}
    moments: dict[str, datetime] = {}
    if arrived := min((first[word] for word in (Told.DELIVERED, Told.READ) if word in first), default=None):
        moments["delivered_at"] = row.delivered_at or arrived
    if Told.READ in first:
        moments["read_at"] = row.read_at or first[Told.READ]
    if moments:
        Message.objects.filter(pk=row.pk).update(**moments)
        row.delivered_at, row.read_at = moments.get("delivered_at", row.delivered_at), moments.get("read_at", row.read_at)
    to = _STATES.get(Told(most.told))
    if to is None or to == row.state:
        return False
    before = row.state
    extra: dict[str, Any] = {"reason": f"Came back: {most.detail}"[:250] if to == MessageState.RETURNED else ""}
    if before == MessageState.UNKNOWN and to != MessageState.RETURNED:
        extra["sent_at"] = row.claimed_at
    by, why = Actor.source(most.provider), f"{most.provider} told: {Told(most.told).label}. {most.detail}".strip()
    if not move_one(row, to, now=now, actor=by, why=why, **extra):
        return False
    _tell(row, before, to, now)
    return True


def _tell(row: Message, before: str, to: MessageState, now: datetime) -> None:
    if to == MessageState.RETURNED:
        said = MessageNotSent(account_id=row.account_id, message_id=row.pk, channel=Channel(row.channel).value, state=to.value, reason=row.reason)
        events.publish(said, actor=_ACTOR, now=now, cause=row.cause)
    elif before == MessageState.UNKNOWN:
        events.publish(MessageSent(account_id=row.account_id, message_id=row.pk, channel=row.channel), actor=_ACTOR, now=now, cause=row.cause)
