"""From a cause to a grant: what is asked, what it is multiplied by, and whether it is granted, waits for a person or is left out, with the reason."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import RewardGranted, RewardHeld
from apps.experiments import selectors as experiments

from ..models import RewardBudget, RewardClaim, RewardRule, Streak
from ..types import REWARDS_HOLDOUT, ClaimState, Move, Signal, Step, Unit
from . import budgets, ledger, signals
from .amounts import Factors, rounded, streak_factor, varied
from .signals import Sign


@dataclass(frozen=True)
class Cause:
    """What is paid for: `key` is unique per account and rule, `at` is when it happened, `asked` what the rule says it is worth."""

    account_id: int
    key: str
    at: datetime
    asked: Decimal
    contact_id: int | None = None
    proven: bool = True
    activity: str = ""
    took: timedelta | None = None


@dataclass
class _Judged:
    """A claim in the making."""

    state: str = ClaimState.GRANTED
    amount: Decimal = Decimal()
    factors: dict[str, Any] = field(default_factory=dict)
    reasons: list[Sign] = field(default_factory=list)
    budget: RewardBudget | None = None


def settle(rule: RewardRule, cause: Cause, *, actor: Actor, now: datetime, event: Event | None = None, looked: bool = False) -> RewardClaim | None:
    """Settle one cause under one rule for good; None where it was settled before. Repeats, late and parallel tellings change nothing.

    `looked`: the caller holds the account, and has seen since that this cause was not settled.
    """
    with transaction.atomic(savepoint=not looked):
        if not looked:
            ledger.hold_accounts([cause.account_id])
            if RewardClaim.objects.filter(account=cause.account_id, rule=rule, cause=cause.key).exists():
                return None
        judged = _judge(rule, cause, now=now)
        expires_at = _expiry(rule, now) if judged.state == ClaimState.GRANTED else None
        claim = RewardClaim.objects.create(
            account_id=cause.account_id,
            contact_id=cause.contact_id,
            rule=rule,
            cause=cause.key,
            day=cause.at.astimezone(UTC).date(),
            at=cause.at,
            asked=rounded(cause.asked, rule.unit),
            factors=judged.factors,
            amount=judged.amount,
            state=judged.state,
            reasons=[sign.as_json() for sign in judged.reasons],
            budget=judged.budget,
            created_at=now,
            expires_at=expires_at,
        )
        if judged.state == ClaimState.GRANTED:
            _enter(claim, Move.GRANT, actor=actor, now=now, event=event)
        elif judged.state == ClaimState.HELD:
            _enter(claim, Move.HOLD, actor=actor, now=now, event=event)
    return claim


def _judge(rule: RewardRule, cause: Cause, *, now: datetime) -> _Judged:
    if cause.account_id in experiments.held_out(REWARDS_HOLDOUT, [cause.account_id], now):
        return _Judged(ClaimState.HELD_OUT, reasons=[Sign("holdout", "Held out, so that it can be said what rewards are worth.")])
    asked = rounded(cause.asked, rule.unit)
    room = _room(rule, cause)
    if room is not None and room <= 0:
        return _Judged(ClaimState.CAPPED, reasons=[Sign("cap", f"At most {rule.daily_cap} a day by this rule.")])
    budget = budgets.at(now, unit=rule.unit, currency=rule.currency)
    if budget is None:
        return _Judged(ClaimState.DENIED, reasons=[Sign("budget", "This month has no budget.")])
    factors, said = _factors(rule, cause, budget, now=now)
    # From here on nobody else takes from this budget until we are done. The multiplier is kept before: who plans a budget takes its row first too.
    left = budgets.left(budget, lock=True)
    amount = factors.applied(asked, rule.unit)
    if room is not None:
        amount = min(amount, rounded(room, rule.unit))
    if amount > left:
        # The last grant of a month takes what there is.
        amount = left if left > 0 else Decimal()
    if amount <= 0:
        return _Judged(ClaimState.DENIED, factors=said, reasons=[Sign("budget", "Nothing is left of this month's budget.")])
    reasons = _doubts(rule, cause, amount, now=now)
    return _Judged(ClaimState.HELD if reasons else ClaimState.GRANTED, amount, said, reasons, budget)


def _room(rule: RewardRule, cause: Cause) -> Decimal | None:
    """What the day's cap leaves; None without one."""
    if rule.daily_cap is None:
        return None
    had = RewardClaim.objects.filter(account=cause.account_id, rule=rule, day=cause.at.astimezone(UTC).date(), state__in=_COUNT)
    return rule.daily_cap - (had.aggregate(sum=Sum("amount"))["sum"] or Decimal())


# What counts against a cap: also what waits, and what was taken back, which would otherwise be earned again the same day.
_COUNT = [ClaimState.GRANTED, ClaimState.HELD, ClaimState.REVERSED]


def _factors(rule: RewardRule, cause: Cause, budget: RewardBudget, *, now: datetime) -> tuple[Factors, dict[str, Any]]:
    streak = odds = 1.0
    said: dict[str, Any] = {}
    if rule.streak_counts:
        weeks = Streak.objects.filter(account=cause.account_id, step=Step.WEEK).values_list("length", flat=True).first() or 0
        streak = streak_factor(weeks)
    if rule.varies and rule.unit == Unit.POINTS:
        said["seed"] = f"{rule.key}:{cause.account_id}:{cause.key}"
        odds = varied(said["seed"])
    # Money and perks are promised, so they are not scaled; only their budget bounds them.
    pacing = budgets.paced(budget, now=now) if rule.unit == Unit.POINTS else 1.0
    factors = Factors(streak, odds, pacing)
    return factors, {**factors.as_json(), **said}


def _doubts(rule: RewardRule, cause: Cause, amount: Decimal, *, now: datetime) -> list[Sign]:
    found = []
    if rule.needs_proof and not cause.proven:
        found.append(Sign(Signal.PROOF, "Nothing shows yet that it happened."))
    if rule.approve_above is not None and amount > rule.approve_above:
        found.append(Sign(Signal.LIMIT, f"{_plain(amount)} is above {_plain(rule.approve_above)}, which a person approves."))
    facts = signals.facts_of(cause.account_id, at=cause.at, now=now, activity=cause.activity, took=cause.took)
    suspicious = signals.signs(facts)
    if suspicious:
        let_through = signals.cleared(cause.account_id, now=now)
        found += [sign for sign in suspicious if sign.signal not in let_through]
    return found


def _plain(amount: Decimal) -> str:
    """Without noughts behind the point."""
    return f"{amount.normalize():f}"


def _enter(claim: RewardClaim, kind: Move, *, actor: Actor, now: datetime, event: Event | None) -> None:
    reason = claim.rule.name if kind == Move.GRANT else "; ".join(one["words"] for one in claim.reasons)
    row = ledger.post(entry_of(claim, kind, reason=reason), actor=actor, now=now, savepoint=False)
    if row is None:
        return
    if kind == Move.GRANT:
        granted(claim, row.pk, actor=actor, now=now, event=event)
    else:
        events.publish(RewardHeld(account_id=claim.account_id, claim_id=claim.pk, reason=reason[:250]), actor=actor, now=now, cause=event)


def entry_of(claim: RewardClaim, kind: str, *, reason: str = "", amount: Decimal | None = None, reverses_id: int | None = None) -> ledger.Entry:
    """A movement of a claim's value; each kind comes once per claim."""
    return ledger.Entry(
        kind=kind,
        unit=claim.rule.unit,
        currency=claim.rule.currency,
        amount=claim.amount if amount is None else amount,
        key=f"claim:{claim.pk}:{kind}",
        account_id=claim.account_id,
        budget_id=claim.budget_id,
        claim_id=claim.pk,
        reverses_id=reverses_id,
        reason=reason,
    )


def _expiry(rule: RewardRule, now: datetime) -> datetime | None:
    return now + timedelta(days=rule.expires_days) if rule.expires_days else None


def granted(claim: RewardClaim, entry_id: int, *, actor: Actor, now: datetime, event: Event | None = None) -> None:
    """The value is theirs: from now on it may expire, and everybody is told."""
    expires_at = _expiry(claim.rule, now)
    if claim.expires_at != expires_at:
        claim.expires_at = expires_at
        RewardClaim.objects.filter(pk=claim.pk).update(expires_at=expires_at)
    said = RewardGranted(
        account_id=claim.account_id,
        entry_id=entry_id,
        unit=claim.rule.currency or claim.rule.unit,
        amount=str(claim.amount),
        reason=claim.rule.name,
    )
    events.publish(said, actor=actor, now=now, cause=event)
