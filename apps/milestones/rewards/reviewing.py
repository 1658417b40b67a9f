"""What waits for a person is let through or refused; what was granted wrongly is taken back. Each is one movement, once."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import RewardReversed

from ..models import RewardClaim, RewardMovement
from ..types import Book, ClaimState, Move
from . import ledger
from .granting import entry_of, granted


def approve(claim: RewardClaim, *, note: str = "", actor: Actor, now: datetime) -> RewardClaim:
    """Somebody looked and it is right: the value goes to the customer."""
    with transaction.atomic():
        ledger.hold_accounts([claim.account_id])
        row = _decided(claim, ClaimState.HELD, ClaimState.GRANTED, note=note, actor=actor, now=now)
        moved = ledger.post(entry_of(row, Move.APPROVE, reason=note or "Approved"), actor=actor, now=now)
        if moved is not None:
            granted(row, moved.pk, actor=actor, now=now)
    return row


def refuse(claim: RewardClaim, *, note: str, actor: Actor, now: datetime) -> RewardClaim:
    """It is not given: the value goes back to the budget. Says why."""
    if not note.strip():
        raise Refused("no_reason", "Say why it is refused; the customer may ask.")
    with transaction.atomic():
        ledger.hold_accounts([claim.account_id])
        row = _decided(claim, ClaimState.HELD, ClaimState.REFUSED, note=note, actor=actor, now=now)
        ledger.post(entry_of(row, Move.REFUSE, reason=note), actor=actor, now=now)
    return row


def reverse(claim: RewardClaim, *, reason: str, actor: Actor, now: datetime, event: Event | None = None) -> RewardClaim:
    """Take a grant back, as far as it is still there: what was handed over already stays theirs, and the reason says how much that was."""
    with transaction.atomic():
        ledger.hold_accounts([claim.account_id])
        row = _decided(claim, ClaimState.GRANTED, ClaimState.REVERSED, note=reason, actor=actor, now=now)
        there = ledger.balance(Book.ACCOUNT, unit=row.rule.unit, currency=row.rule.currency, account_id=row.account_id)
        taken = min(row.amount, there)
        first = RewardMovement.objects.filter(claim=row, kind__in=[Move.GRANT, Move.APPROVE]).order_by("pk").first()
        if taken > 0 and first is not None:
            entry = entry_of(row, Move.REVERSE, reason=_told(reason, row.amount - taken), amount=taken, reverses_id=first.pk)
            moved = ledger.post(entry, actor=actor, now=now)
            if moved is not None:
                said = RewardReversed(account_id=row.account_id, entry_id=moved.pk, reverses_id=first.pk, reason=reason[:250])
                events.publish(said, actor=actor, now=now, cause=event)
    return row


def reverse_for_milestone(*, account_id: int, milestone_id: int, reason: str, actor: Actor, now: datetime, event: Event | None = None) -> int:
    """A milestone does not hold any more: what it paid is taken back, what waited for it is refused. Returns how many claims that were."""
    with transaction.atomic():
        ledger.hold_accounts([account_id])
        mine = RewardClaim.objects.filter(account=account_id, cause__startswith=f"milestone:{milestone_id}:").select_related("rule").order_by("pk")
        claims = list(mine.filter(state__in=[ClaimState.GRANTED, ClaimState.HELD]))
        for claim in claims:
            if claim.state == ClaimState.GRANTED:
                reverse(claim, reason=reason, actor=actor, now=now, event=event)
            else:
                refuse(claim, note=reason, actor=actor, now=now)
    return len(claims)


def _told(reason: str, kept: Decimal) -> str:
    return f"{reason} ({kept} of it had been used and stay)" if kept > 0 else reason


def _decided(claim: RewardClaim, source: str, target: str, *, note: str, actor: Actor, now: datetime) -> RewardClaim:
    """The only place where a claim's state changes."""
    fields = {"state": target, "decided_at": now, "decided_by": str(actor), "decision": note.strip()[:250]}
    moved = RewardClaim.objects.filter(pk=claim.pk, state=source).update(**fields)
    row = RewardClaim.objects.select_related("rule").get(pk=claim.pk)
    if not moved:
        raise Refused("decided_already", f"This claim is {row.get_state_display()}; nothing was changed.")
    return row
