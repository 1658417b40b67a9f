"""Messages of one kind to one contact gather in a window; when it closes they leave as one message.

The window is a row, at most one open for each contact, channel and key. Adding locks it, so does closing: a message is in the digest or in the next.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.core.jobs import after_commit
from apps.events import services as events
from apps.events.vocabulary import MessageNotSent

from . import holding, languages, policy
from .addresses import address_of
from .models import Digest, Message
from .states import begin, move, move_one
from .types import LANE_RANKS, Lane, MessageState

_ACTOR = Actor.job("messaging.digests")
_JOIN = """
insert into messaging_digest (contact_id, channel, key, opened_at, closes_at)
select contact, channel, key, %(now)s, closes
from unnest(%(contacts)s::bigint[], %(channels)s::text[], %(keys)s::text[], %(closes)s::timestamptz[]) as d(contact, channel, key, closes)
order by contact, channel, key
on conflict (contact_id, channel, key) where closed_at is null do update set closes_at = least(messaging_digest.closes_at, excluded.closes_at)
returning contact_id, channel, key, id, closes_at
"""
_BETWEEN = "\n\n----\n\n"
# Time left for the digest itself before the first of its messages is worth nothing any more.
_SPARE = timedelta(hours=1)


def waiting_in(
    *, contact: Contact, channel: str, lane: str, topic: str, key: str, promotion: bool = False, expires_at: datetime, now: datetime
) -> dict[str, Any]:
    """The columns of a message that waits in a digest; none where it goes alone. Call it in the transaction that writes the message."""
    if not policy.may_gather(channel, lane):
        return {}
    rules = policy.current()
    if not key and not rules.gathers(channel, lane):
        return {}
    place = (contact.pk, channel, key_of(topic, key, promotion))
    return gathered({place: closing(rules, expires_at, now)}, now=now)[place]


def key_of(topic: str, key: str, promotion: bool) -> str:
    """One topic to a digest, so that its link unsubscribes from what it says; and what sells apart from what does not, as only that is kept back."""
    return f"{topic}/{key or 'all'}{'/offers' if promotion else ''}"[:125]


def closing(rules: policy.Policy, expires_at: datetime, now: datetime) -> datetime:
    return max(now, min(now + rules.digest_window, expires_at - _SPARE))


Place = tuple[int, str, str]


def gathered(closing_at: Mapping[Place, datetime], *, now: datetime) -> dict[Place, dict[str, Any]]:
    """By (contact, channel, key) the columns of messages that wait there; one statement for all, in one order for every worker."""
    rows = [[*place, closes_at] for place, closes_at in sorted(closing_at.items())]
    if not rows:
        return {}
    people, channels, keys, closes = (list(column) for column in zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_JOIN, {"contacts": people, "channels": channels, "keys": keys, "closes": closes, "now": now})
        found = {(contact, channel, key): (digest, closes_at) for contact, channel, key, digest, closes_at in cursor.fetchall()}
    return {
        place: {
            "state": MessageState.GATHERED,
            "digest_id": digest,
            "due_at": closes_at,
            "reason": f"Leaves in a digest at {closes_at:%-d %b %H:%M} UTC.",
        }
        for place, (digest, closes_at) in found.items()
    }


def close_digests(*, now: datetime, limit: int = 200) -> int:
    """Close the windows whose time has come; returns how many. Called twice, or by two at once, each closes once."""
    due = list(Digest.objects.filter(closed_at=None, closes_at__lte=now).order_by("closes_at").values_list("pk", flat=True)[:limit])
    return sum(_close(key, now) for key in due)


def _close(digest_id: int, now: datetime) -> bool:
    with transaction.atomic():
        open_ones = Digest.objects.filter(pk=digest_id, closed_at=None).select_related("contact__account")
        window = open_ones.select_for_update(of=("self",), skip_locked=True).first()
        if window is None:
            return False
        waiting = Message.objects.filter(digest=window, state=MessageState.GATHERED).select_related("cause").order_by("pk")
        every = list(waiting.select_for_update(of=("self",)))
        # What is kept back is ruled alone, so that it keeps nothing else.
        kept = {key for key, said in holding.over(every).items() if any(said)}
        items = [item for item in every if item.pk not in kept]
        move(Message.objects.filter(pk__in=kept), MessageState.QUEUED, now=now, actor=_ACTOR, due_at=now, digest=None, reason="")
        if len(items) == 1:
            move_one(items[0], MessageState.QUEUED, now=now, actor=_ACTOR, due_at=now, digest=None, reason="")
        elif items:
            _merge(window, items, now)
        Digest.objects.filter(pk=window.pk).update(closed_at=now)
        if every:
            after_commit("messaging.send", window.channel)
    return True


def _merge(window: Digest, items: Sequence[Message], now: datetime) -> None:
    first = min(items, key=lambda item: item.lane_rank)
    said = languages.words(languages.for_mail(window.contact))
    subject = str(said["digest"]).format(count=len(items), first=items[0].subject)
    whole = Message.objects.create(
        account_id=items[0].account_id,
        contact=window.contact,
        channel=window.channel,
        lane=first.lane,
        lane_rank=LANE_RANKS[Lane(first.lane)],
        topic=first.topic,
        promotion=any(item.promotion for item in items),
        locale=items[0].locale,
        address=address_of(window.contact, window.channel),
        subject=subject if len(subject) <= 250 else f"{subject[:249]}…",
        body=_BETWEEN.join(f"{item.subject}\n\n{item.body}" for item in items),
        idem_key=f"digest:{window.pk}",
        due_at=now,
        expires_at=max(item.expires_at for item in items),
        reply_token=secrets.token_hex(16),
        cause=first.cause,
        created_at=now,
    )
    begin(whole, now=now, actor=_ACTOR, why=f"It gathers {len(items)} messages.")
    reason = f"It leaves in the digest “{whole.subject}” (message {whole.pk})."[:250]
    move(Message.objects.filter(pk__in=[item.pk for item in items]), MessageState.MERGED, now=now, actor=_ACTOR, reason=reason)
    told = [
        MessageNotSent(account_id=item.account_id, message_id=item.pk, channel=item.channel, state=MessageState.MERGED.value, reason=reason)
        for item in items
    ]
    events.publish_all(told, actor=_ACTOR, now=now)
