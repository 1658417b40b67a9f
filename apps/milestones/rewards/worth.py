"""What a milestone more costs: accounts that may be rewarded against those held out, drawn by chance."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Sum

from apps.experiments import selectors as experiments

from ..models import Progress, RewardBudget, RewardClaim
from ..types import REWARDS_HOLDOUT, ClaimState, ProgressState, Unit

# Below this many held-out accounts an interval would say nothing.
LEAST_HELD_OUT = 30


@dataclass(frozen=True)
class Worth:
    """Milestones per account since the draw, in both groups, and what the difference cost. Money in the workspace's currency."""

    treated: int
    held_out: int
    per_treated: float
    per_held_out: float
    difference: float | None
    low: float | None
    high: float | None
    spent: Decimal
    per_incremental: Decimal | None
    words: str


def worth(*, now: datetime) -> Worth | None:
    """None where no holdout of rewards was ever drawn."""
    holdout = experiments.holdout_at(REWARDS_HOLDOUT, now)
    if holdout is None:
        return None
    treated, out = experiments.compared(REWARDS_HOLDOUT, now)
    reached = dict(
        Progress.objects.filter(state=ProgressState.ACHIEVED, achieved_at__gte=holdout.starts_at, achieved_at__lte=now)
        .values_list("account_id")
        .annotate(count=Count("pk"))
        .order_by()
    )
    spent = _spent(holdout.starts_at, now, treated)
    here, there = [reached.get(pk, 0) for pk in treated], [reached.get(pk, 0) for pk in out]
    mean = _mean(here), _mean(there)
    if len(out) < LEAST_HELD_OUT or len(treated) < LEAST_HELD_OUT:
        words = f"Cannot tell yet: {len(out)} accounts are held out, it takes {LEAST_HELD_OUT} at least."
        return Worth(len(treated), len(out), *mean, None, None, None, spent, None, words)
    told = experiments.difference(_counted(there), _counted(here))
    if told is None:
        words = "Cannot tell yet: nobody in either group has reached a milestone since the draw."
        return Worth(len(treated), len(out), *mean, None, None, None, spent, None, words)
    (low, high), more = told.interval(), told.effect * len(treated)
    if low <= 0:
        words = f"Cannot tell yet whether rewards bring milestones: {told.effect:+.2f} per account, between {low:+.2f} and {high:+.2f}."
        return Worth(len(treated), len(out), *mean, told.effect, low, high, spent, None, words)
    each = (spent / Decimal(repr(more))).quantize(Decimal("0.01"))
    words = f"Rewards brought {more:.0f} milestones more ({low:+.2f} to {high:+.2f} per account), at {each} each."
    return Worth(len(treated), len(out), *mean, told.effect, low, high, spent, each, words)


def _mean(values: list[int]) -> float:
    return sum(values) / len(values) if values else 0.0


def _counted(values: list[int]) -> experiments.Mean:
    return experiments.Mean(len(values), float(sum(values)), float(sum(value * value for value in values)))


def _spent(since: datetime, now: datetime, accounts: set[int]) -> Decimal:
    """What was granted and not taken back, at what the unit costs by the budget it came from."""
    granted = RewardClaim.objects.filter(state=ClaimState.GRANTED, created_at__gte=since, created_at__lte=now, account__in=accounts)
    total = Decimal()
    for budget, amount in granted.values_list("budget").annotate(sum=Sum("amount")).order_by():
        row = RewardBudget.objects.get(pk=budget)
        total += amount * (Decimal(1) if row.unit == Unit.CREDITS else row.unit_worth)
    return total.quantize(Decimal("0.01"))
