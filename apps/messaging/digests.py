"""Messages of one kind to one contact gather in a window; when it closes they leave as one message.

The window is a row, at most one open for each contact, channel and key. Adding locks it, so does closing: a message is in the digest or in the next.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.core.jobs import after_commit
from apps.events import services as events
from apps.events.vocabulary import MessageNotSent

from . import languages, policy
from .addresses import address_of
from .models import Digest, Message
from .states import begin, move, move_one
from .types import LANE_RANKS, Lane, MessageState

_ACTOR = Actor.job("messaging.digests")
_JOIN = """
insert into messaging_digest (contact_id, channel, key, opened_at, closes_at) values (%(contact)s, %(channel)s, %(key)s, %(now)s, %(closes_at)s)
on conflict (contact_id, channel, key) where closed_at is null do update set closes_at = least(messaging_digest.closes_at, %(closes_at)s)
returning id, closes_at
"""
_BETWEEN = "\n\n----\n\n"
# Time left for the digest itself before the first of its messages is worth nothing any more.
_SPARE = timedelta(hours=1)


def waiting_in(*, contact: Contact, channel: str, lane: str, topic: str, key: str, expires_at: datetime, now: datetime) -> dict[str, Any]:
    """The columns of a message that waits in a digest; none where it goes alone. Call it in the transaction that writes the message."""
    if not policy.may_gather(channel, lane):
        return {}
    rules = policy.current()
    if not key and not rules.gathers(channel, lane):
        return {}
    closes_at = max(now, min(now + rules.digest_window, expires_at - _SPARE))
    with connection.cursor() as cursor:
        # One topic to a digest, so that its link unsubscribes from what it says.
        named: dict[str, Any] = {
            "contact": contact.pk,
            "channel": channel,
            "key": f"{topic}/{key or 'all'}"[:125],
            "now": now,
            "closes_at": closes_at,
        }
        cursor.execute(_JOIN, named)
        digest_id, closes_at = cursor.fetchone()
    reason = f"Leaves in a digest at {closes_at:%d %b %H:%M} UTC."
    return {"state": MessageState.GATHERED, "digest_id": digest_id, "due_at": closes_at, "reason": reason}


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
        gathered = Message.objects.filter(digest=window, state=MessageState.GATHERED).select_related("cause").order_by("pk")
        items = list(gathered.select_for_update(of=("self",)))
        if len(items) == 1:
            move_one(items[0], MessageState.QUEUED, now=now, actor=_ACTOR, due_at=now, digest=None, reason="")
        elif items:
            _merge(window, items, now)
        Digest.objects.filter(pk=window.pk).update(closed_at=now)
        if items:
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
