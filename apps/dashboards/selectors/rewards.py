"""The Rewards page: how the month's budgets go, what waits for a person, what is offered and asked for, and the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from apps.accounts.models import User
from apps.milestones import selectors as milestones
from apps.milestones.models import CatalogueItem, Redemption, RewardBudget, RewardClaim, RewardMovement, RewardRule
from apps.milestones.types import ClaimState, ItemState, Move, RedemptionState, Unit, month_bounds

PAGE, LINES = 25, 8
_BY_DAY = """
select (at at time zone 'UTC')::date, sum(case when source = 'budget' and target <> 'company' then amount
    when target = 'budget' and source <> 'company' then -amount else 0 end)
from milestones_rewardmovement where budget_id = %(budget)s group by 1 order by 1
"""


@dataclass(frozen=True)
class Line:
    """A budget of this month as a picture: points of lines in a box 100 wide and 40 high, and the same in words."""

    budget: RewardBudget
    granted: Decimal
    left: Decimal
    percent: int
    plan: str
    so_far: str
    ahead: str
    words: str
    tone: str
    denied: int
    asked: int
    days: Sequence[tuple[str, Decimal]]

    @property
    def denied_percent(self) -> float:
        return 100.0 * self.denied / self.asked if self.asked else 0.0


@dataclass(frozen=True)
class Desk:
    verdict: str
    proof: str
    budgets: list[Line]
    rules: list[RewardRule]
    items: list[CatalogueItem]
    worth: milestones.Worth | None
    odds: Sequence[tuple[float, float]] = field(default_factory=tuple)


def desk(*, now: datetime) -> Desk:
    """Company-wide figures; whose claims and movements a reader sees is `waiting` and `ledger`."""
    month = now.astimezone(UTC).date().replace(day=1)
    lines = [_line(budget, now) for budget in RewardBudget.objects.filter(month=month).order_by("unit", "currency")]
    told = milestones.worth_of_rewards(now=now)
    return Desk(
        verdict=_verdict(lines, now),
        proof=told.words if told else "Nobody is held out from rewards, so nothing says what a milestone more costs.",
        budgets=lines,
        rules=list(RewardRule.objects.select_related("milestone").order_by("state", "key")),
        items=list(CatalogueItem.objects.filter(state=ItemState.OFFERED)),
        worth=told,
        odds=[(times, share * 100) for times, share in milestones.ODDS],
    )


def _verdict(lines: list[Line], now: datetime) -> str:
    if not lines:
        return f"{now:%B} has no reward budget, so nothing is granted."
    worst = max(lines, key=lambda line: (line.tone != "good", -line.left))
    return worst.words


def _line(budget: RewardBudget, now: datetime) -> Line:
    start, end = month_bounds(budget.month)
    span = (end - start) / timedelta(days=1)
    pace, left = milestones.pace_of(budget, now=now), milestones.left_of(budget)
    granted = budget.amount - left
    today = min(max((now - start) / timedelta(days=1), 0.0), span)
    with connection.cursor() as cursor:
        cursor.execute(_BY_DAY, {"budget": budget.pk})
        moved = cursor.fetchall()
    total, points, days = Decimal(), [(0.0, Decimal())], []
    for day, amount in moved:
        if amount:
            total += amount
            # A month may be planned before it begins, and what waited may be refused after it ended.
            points.append((min(max((day - budget.month).days + 1.0, 0.0), today), total))
            days.append((f"{day:%-d %B}", total))
    points.append((today, granted))
    expected = granted + Decimal(repr(min(pace.forecast * pace.multiplier, float(left))))
    top = max(float(budget.amount), float(granted), 1.0)

    def at(day: float, amount: Decimal) -> str:
        return f"{100 * day / span:.2f},{40 - 38 * float(amount) / top:.2f}"

    denied, asked = milestones.denied_share(budget)
    used = 100 * expected / budget.amount if budget.amount else Decimal()
    unit = budget.currency or budget.get_unit_display()
    words = (
        f"{granted:,.0f} of {budget.amount:,.0f} {unit} are granted on day {int(today) + 1} of {span:.0f}; "
        f"at this rate {used:.0f} % are by the end of {budget.month:%B}."
    )
    tone = "bad" if left <= 0 else "warn" if pace.multiplier <= 0.6 or used < 80 else "good"
    return Line(
        budget=budget,
        granted=granted,
        left=left,
        percent=int(100 * granted / budget.amount) if budget.amount else 0,
        plan=f"{at((budget.counts_from - start) / timedelta(days=1), Decimal())} {at(span, budget.amount)}",
        so_far=" ".join(at(day, amount) for day, amount in points),
        ahead=f"{at(today, granted)} {at(span, expected)}",
        words=words,
        tone=tone,
        denied=denied,
        asked=asked,
        days=days,
    )


def waiting(user: User) -> list[RewardClaim]:
    """Claims of one's own book that a person decides, the oldest first; the rest follows as these are decided."""
    rows: QuerySet[Any] = RewardClaim.objects.for_user(user).filter(state=ClaimState.HELD)
    return list(rows.select_related("account", "rule", "contact").order_by("created_at", "pk")[:LINES])


def counts(user: User) -> dict[str, int]:
    """How many claims wait, and how many pieces are to be handed over."""
    open_states = [RedemptionState.ASKED, RedemptionState.APPROVED]
    return {
        "waits": RewardClaim.objects.for_user(user).filter(state=ClaimState.HELD).count(),
        "asked": Redemption.objects.for_user(user).filter(state__in=open_states).count(),
    }


def asked_for(user: User) -> list[Redemption]:
    """What is to be handed over in one's own book, the oldest first."""
    rows = Redemption.objects.for_user(user).filter(state__in=[RedemptionState.ASKED, RedemptionState.APPROVED])
    return list(rows.select_related("account", "item", "contact").order_by("asked_at", "pk")[:LINES])


@dataclass(frozen=True)
class Ledger:
    rows: list[RewardMovement]
    kind: str
    older: int | None


def ledger(user: User, said: Mapping[str, str]) -> Ledger:
    """The newest movements of one's own book, walked by their number; `before` begins the next page."""
    kind, before = said.get("kind", ""), said.get("before", "")
    rows = RewardMovement.objects.for_user(user).filter(account__isnull=False)
    if kind in Move.values:
        rows = rows.filter(kind=kind)
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.select_related("account").order_by("-pk")[: PAGE + 1])
    return Ledger(found[:PAGE], kind if kind in Move.values else "", found[PAGE - 1].pk if len(found) > PAGE else None)


def kinds() -> list[tuple[str, str]]:
    """The kinds of movements that concern a customer."""
    return [(value, label) for value, label in Move.choices if value not in (Move.FUND, Move.RETURN)]


def units() -> list[tuple[str, str]]:
    return list(Unit.choices)
