"""People decide what the rules are in doubt of, each with a reason."""

from datetime import datetime

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Refused

from ..models import Referral
from ..types import ReferralState
from . import maturing, moving


def approve(referral: Referral, *, reason: str, actor: Actor, now: datetime) -> Referral:
    """Somebody looked and it is right: it goes on as if nothing had spoken against it."""
    _reason(reason)
    with transaction.atomic():
        moving.move(referral, ReferralState.PENDING, reason=reason.strip(), actor=actor, now=now, cleared=True)
        maturing.look([referral.pk], actor=actor, now=now)
    referral.refresh_from_db()
    return referral


def refuse(referral: Referral, *, reason: str, actor: Actor, now: datetime) -> Referral:
    """It does not count: nothing is given for it."""
    _reason(reason)
    with transaction.atomic():
        moving.move(referral, ReferralState.REFUSED, reason=reason.strip(), actor=actor, now=now)
    referral.refresh_from_db()
    return referral


def _reason(words: str) -> None:
    if not words.strip():
        raise Refused("no_reason", "Say why; the advocate may ask.")
