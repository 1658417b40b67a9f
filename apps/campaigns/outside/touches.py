"""What an outside marketing tool tells us that it did, and what came of it there: taken many at a time, each with a verdict of its own.

- who: a person by their id or email address, an account by its id; a person alone brings their account along
- told twice, it counts once (source and id); told differently, the later moment wins
- an unsubscribe always wins, and becomes our own record of the person's word
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as part
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.messaging import services as messaging
from apps.messaging.types import Channel

from ..models import Campaign, OutsideTouch
from ..types import TouchKind
from . import people


@dataclass(frozen=True)
class Said:
    """One touch as it was told. `topic` of an unsubscribe: what they want no more of; empty: nothing more on this channel."""

    external_id: str
    kind: str
    at: datetime
    account: str = ""
    contact: str = ""
    email: str = ""
    channel: str = ""
    topic: str = ""
    campaign_name: str = ""
    utm: Mapping[str, str] = part(default_factory=dict)
    value: Decimal | None = None
    currency: str = ""


@dataclass
class Outcome:
    """created, changed, same or refused; `left` are (field, reason) of what was not taken."""

    status: str
    id: int | None = None
    field: str = ""
    reason: str = ""
    left: list[tuple[str, str]] = part(default_factory=list)


_WRITTEN = ("account_id", "contact_id", "kind", "at", "channel", "campaign_name", "campaign_id", "value", "currency")
_UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content")
_LATER = "A later word on this touch is known; it stands."
_GONE = "They have unsubscribed; nothing takes that back but their own word."


def take(rows: Sequence[Said], *, caller: Any, source: str, actor: Actor, now: datetime) -> list[Outcome]:
    """Keep what was told, within the caller's book; one outcome per row, in order. The number of statements grows only with unsubscribes."""
    with transaction.atomic(), connection.cursor() as cursor:
        # One tool speaks at a time: the same batch sent twice at once is taken once.
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"campaigns.touches:{source}"])
        known = people.find(rows, Account.objects.for_user(caller))
        campaigns = dict(Campaign.objects.filter(key__in={row.utm.get("utm_campaign", "") for row in rows}).values_list("key", "pk"))
        present = {row.external_id: row for row in OutsideTouch.objects.filter(source=source, external_id__in=[row.external_id for row in rows])}
        fresh: dict[str, OutsideTouch] = {}
        changed: dict[str, OutsideTouch] = {}
        words: list[tuple[OutsideTouch, Said]] = []
        outcomes: list[Outcome] = []
        for said in rows:
            who = known.who(said)
            if isinstance(who, people.Nobody):
                outcomes.append(Outcome("refused", field=who.field, reason=who.reason))
                continue
            before = present.get(said.external_id)
            told = _told(said, who, campaigns, source=source, now=now)
            outcome = Outcome("created", left=list(who.left)) if before is None else _judge(before, told)
            if outcome.status == "created":
                present[said.external_id] = fresh[said.external_id] = told
            elif outcome.status == "changed" and before is not None:
                for name in (*_WRITTEN, *_UTM, "told_at"):
                    setattr(before, name, getattr(told, name))
                if said.external_id not in fresh:
                    changed[said.external_id] = before
            if outcome.status in ("created", "changed") and said.kind == TouchKind.UNSUBSCRIBED:
                words.append((present[said.external_id], said))
            outcomes.append(outcome)
        OutsideTouch.objects.bulk_create([fresh[key] for key in sorted(fresh)])
        OutsideTouch.objects.bulk_update([changed[key] for key in sorted(changed)], [*_WRITTEN, *_UTM, "told_at"])
        for outcome, said in zip(outcomes, rows, strict=True):
            outcome.id = present[said.external_id].pk if outcome.status != "refused" else None
        _write_words(words, source=source, actor=actor, now=now)
    return outcomes


def _told(said: Said, who: people.Somebody, campaigns: Mapping[str, int], *, source: str, now: datetime) -> OutsideTouch:
    return OutsideTouch(
        source=source,
        external_id=said.external_id,
        account_id=who.account_id,
        contact_id=who.contact_id,
        kind=said.kind,
        at=said.at,
        channel=said.channel,
        campaign_name=said.campaign_name,
        campaign_id=campaigns.get(said.utm.get("utm_campaign", "")),
        value=said.value,
        currency=said.currency,
        told_at=now,
        **{name: said.utm.get(name, "") for name in _UTM},
    )


def _judge(before: OutsideTouch, told: OutsideTouch) -> Outcome:
    if all(getattr(before, name) == getattr(told, name) for name in (*_WRITTEN, *_UTM)):
        return Outcome("same")
    if told.kind == TouchKind.UNSUBSCRIBED and before.kind != TouchKind.UNSUBSCRIBED:
        return Outcome("changed")
    if before.kind == TouchKind.UNSUBSCRIBED and told.kind != TouchKind.UNSUBSCRIBED:
        return Outcome("same", left=[("kind", _GONE)])
    return Outcome("same", left=[("at", _LATER)]) if told.at < before.at else Outcome("changed")


def _write_words(words: Sequence[tuple[OutsideTouch, Said]], *, source: str, actor: Actor, now: datetime) -> None:
    """In the order of the people, so that two calls about the same ones queue up."""
    every = messaging.topics() if words else []
    for touch, said in sorted(words, key=lambda one: (one[0].contact_id or 0, one[0].external_id)):
        if touch.contact is None:
            continue
        channel = said.channel if said.channel in Channel.values else Channel.EMAIL.value
        for topic in [said.topic] if said.topic else every:
            messaging.record_consent(
                contact=touch.contact, channel=channel, topic=topic, allowed=False, source=f"outside tool {source}", actor=actor, now=now
            )
