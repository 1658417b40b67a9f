"""Who owes whom: what people did for us, and what we thanked them for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Max

from apps.accounts.models import Account, Contact
from apps.core.actor import Actor
from apps.core.errors import Refused

from ..models import Ask, Favour
from ..types import AskKind, AskState

QUARTER = timedelta(days=91)


@dataclass(frozen=True)
class Owing:
    """A person as a reference: `uses` in 91 days, when they were asked last, what they did, and how much of it we owe them thanks for."""

    uses: int
    last_asked_at: datetime | None
    given: int
    owed: int


def owed_by(contact_ids: Collection[int]) -> dict[int, int]:
    """How many favours of each person we have not thanked them for."""
    rows = Favour.objects.filter(contact__in=contact_ids, thanked_at=None).order_by().values_list("contact_id").annotate(count=Count("id"))
    return {person: count for person, count in rows if person}


def owing(contact: Contact, *, now: datetime) -> Owing:
    asks = Ask.objects.filter(contact=contact, asked_at__isnull=False)
    used = asks.filter(kind=AskKind.REFERENCE, asked_at__gt=now - QUARTER, state__in=[AskState.AGREED, AskState.DONE]).count()
    favours = Favour.objects.filter(contact=contact)
    return Owing(used, asks.aggregate(at=Max("asked_at"))["at"], favours.count(), favours.filter(thanked_at=None).count())


def record_favour(
    *, account: Account, contact: Contact | None, kind: str, key: str, at: datetime, source: str, actor: Actor, now: datetime
) -> Favour:
    """Somebody did something for us, asked or not; the same key again is the same favour."""
    if kind not in AskKind.values:
        raise Refused("unknown_kind", f"A favour is one of {', '.join(AskKind.values)}.")
    if at > now:
        raise Refused("not_yet", "A favour is written down once it was done.")
    told = {"account": account, "contact": contact, "kind": kind, "at": at, "source": source[:60]}
    with transaction.atomic():
        return Favour.objects.get_or_create(key=key, defaults=told)[0]


def thank(*, favour: Favour, actor: Actor, now: datetime) -> bool:
    """We returned it. True when nobody had before."""
    return bool(Favour.objects.filter(pk=favour.pk, thanked_at=None).update(thanked_at=now))


def note_referral(*, account_id: int, referral_id: int, at: datetime, actor: Actor, now: datetime) -> Favour:
    """They brought us a customer, whoever of them it was."""
    account = Account.objects.get(pk=account_id)
    key = f"referral:{referral_id}"
    return record_favour(account=account, contact=None, kind=AskKind.REFERRAL, key=key, at=min(at, now), source="referrals", actor=actor, now=now)
