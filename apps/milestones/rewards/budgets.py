"""A month's budget: how much there is, how fast it goes, and what is left over at the end."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Count, Q, Sum

from apps.core.actor import Actor
from apps.core.errors import Refused

from ..models import RewardBudget, RewardClaim
from ..types import CENT, Book, ClaimState, Move, Unit, month_bounds
from . import ledger, pacing

# Between two reckonings of a multiplier; sooner where so much of the month's budget went meanwhile, as when many reach something at once.
PACED_EVERY, PACED_SHARE = timedelta(hours=1), Decimal("0.02")


def plan(
    *, month: date, amount: Decimal, actor: Actor, now: datetime, unit: str = Unit.POINTS, currency: str = "", unit_worth: Decimal | None = None
) -> RewardBudget:
    """Set what may be granted in a month. More is put in; less is taken out as far as it is still there, otherwise refused."""
    month = month.replace(day=1)
    if amount < 0:
        raise Refused("below_nought", "A budget is nought or more.")
    if (unit != Unit.POINTS) != bool(currency):
        raise Refused("currency", "Credits have a currency, perks a key; points have neither.")
    with transaction.atomic():
        RewardBudget.objects.get_or_create(
            month=month, unit=unit, currency=currency, defaults={"amount": 0, "counts_from": max(now, month_bounds(month)[0])}
        )
        row = RewardBudget.objects.select_for_update(no_key=True).get(month=month, unit=unit, currency=currency)
        more = amount - row.amount
        if more:
            kind = Move.FUND if more > 0 else Move.RETURN
            key = f"plan:{row.pk}:{row.version}"
            entry = ledger.Entry(kind, unit, currency, abs(more), key, budget_id=row.pk, reason=f"{month:%B %Y} is planned at {amount}")
            try:
                ledger.post(entry, actor=actor, now=now)
            except Refused as refusal:
                left = ledger.balance(Book.BUDGET, unit=unit, currency=currency, budget_id=row.pk)
                words = f"Only {left} of this month's budget are left: it cannot be planned lower than {row.amount - left}. Nothing was changed."
                raise Refused("already_granted", words) from refusal
        row.amount, row.version = amount, row.version + 1
        if unit_worth is not None:
            row.unit_worth = unit_worth
        row.save(update_fields=["amount", "version", "unit_worth"])
        _repace(row, now=now)
    return row


def at(moment: datetime, *, unit: str, currency: str) -> RewardBudget | None:
    """The budget of the month a moment falls in (UTC)."""
    return RewardBudget.objects.filter(month=moment.astimezone(UTC).date().replace(day=1), unit=unit, currency=currency).first()


def left(budget: RewardBudget, *, lock: bool = False) -> Decimal:
    """What may still be granted. With `lock` nobody else grants from it until the transaction ends."""
    if lock:
        with connection.cursor() as cursor:
            cursor.execute("select amount from milestones_rewardbalance where book = 'budget' and budget_id = %s for no key update", [budget.pk])
            found = cursor.fetchone()
        return found[0] if found else Decimal()
    return ledger.balance(Book.BUDGET, unit=budget.unit, currency=budget.currency, budget_id=budget.pk)


def paced(budget: RewardBudget, *, now: datetime) -> float:
    """The multiplier at present; reckoned anew once an hour or once a fiftieth of the budget is gone, so that a grant is no sum over a month."""
    gone = budget.paced_left - left(budget)
    if budget.paced_at is None or now - budget.paced_at >= PACED_EVERY or gone > PACED_SHARE * budget.amount:
        _repace(budget, now=now)
    return budget.multiplier


def repace_all(*, now: datetime) -> int:
    """The hourly job: the multipliers of this month's budgets."""
    rows = list(RewardBudget.objects.filter(month=now.astimezone(UTC).date().replace(day=1)).order_by("pk"))
    for row in rows:
        _repace(row, now=now)
    return len(rows)


def _repace(budget: RewardBudget, *, now: datetime) -> None:
    found = pace_of(budget, now=now)
    budget.multiplier, budget.paced_at, budget.paced_left = found.multiplier, now, Decimal(repr(found.left)).quantize(CENT)
    RewardBudget.objects.filter(pk=budget.pk).update(multiplier=budget.multiplier, paced_at=now, paced_left=budget.paced_left)


def pace_of(budget: RewardBudget, *, now: datetime) -> pacing.Pace:
    """How a budget stands: what is left against what would be asked for at multiplier 1 until the month ends."""
    since = now - timedelta(days=pacing.LOOK_BACK)
    asked = RewardClaim.objects.filter(rule__unit=budget.unit, rule__currency=budget.currency, created_at__gt=since, created_at__lte=now)
    asked = asked.exclude(state__in=[ClaimState.CAPPED, ClaimState.HELD_OUT, ClaimState.REFUSED, ClaimState.REVERSED])
    total = asked.aggregate(total=Sum("asked"))["total"] or Decimal()
    first = (
        RewardClaim.objects.filter(rule__unit=budget.unit, rule__currency=budget.currency)
        .order_by("created_at")
        .values_list("created_at", flat=True)
        .first()
    )
    days = min((now - first) / timedelta(days=1), pacing.LOOK_BACK) if first else 0.0
    return pacing.pace(
        planned=float(budget.amount),
        left=float(left(budget)),
        asked=float(total),
        # What came within a day is a day's demand at least, not a moment's.
        asked_days=max(days, 1.0) if first else 0.0,
        start=budget.counts_from,
        end=month_bounds(budget.month)[1],
        now=now,
    )


def close_months(*, actor: Actor, now: datetime) -> int:
    """What is left of months that are over goes back to the company, so that nothing is granted from them any more. Returns how many were closed."""
    this_month, closed = now.astimezone(UTC).date().replace(day=1), 0
    over = RewardBudget.objects.filter(month__lt=this_month, balances__book=Book.BUDGET, balances__amount__gt=0).order_by("pk")
    for budget in over:
        with transaction.atomic():
            rest = left(budget, lock=True)
            if rest:
                key = f"close:{budget.pk}:{now:%Y-%m-%d}"
                entry = ledger.Entry(Move.RETURN, budget.unit, budget.currency, rest, key, budget_id=budget.pk, reason="The month is over")
                closed += ledger.post(entry, actor=actor, now=now) is not None
    return closed


def denied_share(budget: RewardBudget) -> tuple[int, int]:
    """(claims denied for want of budget, claims that asked) of a month, by the day they happened."""
    start, end = month_bounds(budget.month)
    claims = RewardClaim.objects.filter(rule__unit=budget.unit, rule__currency=budget.currency, created_at__gte=start, created_at__lt=end)
    claims = claims.exclude(state__in=[ClaimState.CAPPED, ClaimState.HELD_OUT])
    found = claims.aggregate(denied=Count("pk", filter=Q(state=ClaimState.DENIED)), all=Count("pk"))
    return found["denied"], found["all"]
