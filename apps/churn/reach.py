"""How far a success manager's hours reach into what is at risk: the present scores, ranked by probability x value x savability."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.accounts.models import Account, User
from apps.accounts.selectors import rates, revenue

from .models import AccountRisk, ChurnDefinition, Prediction
from .registry import describe, is_static

# Nobody works through more accounts in a week.
MOST = 240
# What an account is and when it renews cannot be called away, but somebody who calls may still keep it.
LEAST_SAVABLE = 0.2
_CALENDAR = "renewal"


@dataclass(frozen=True)
class Ranked:
    """One account of the list. `value` is its ARR in the workspace's currency, `at_risk` the part of it that is likely to go."""

    account: Account
    probability: float
    low: float | None
    high: float | None
    band: str
    reasons: Sequence[Mapping[str, Any]]
    value: float
    savability: float

    @property
    def at_risk(self) -> float:
        return self.value * self.probability

    @property
    def worth(self) -> float:
        return self.at_risk * self.savability


@dataclass(frozen=True)
class Reach:
    """The top of the list, and what the whole book has: `rows` hold the first MOST accounts, `at_risk` sums all of them.

    `missing` are the currencies without a rate: their accounts are in none of the sums.
    """

    rows: list[Ranked]
    accounts: int
    at_risk: float
    value: float
    currency: str
    missing: list[str]

    def reached(self, count: int) -> float:
        """The share of what is at risk that the first `count` accounts of the list hold."""
        return sum(row.at_risk for row in self.rows[:count]) / self.at_risk if self.at_risk else 0.0

    @property
    def points(self) -> list[float]:
        """The share reached by 0, 1, 2 ... accounts."""
        found, total = [0.0], 0.0
        for row in self.rows:
            total += row.at_risk
            found.append(total / self.at_risk if self.at_risk else 0.0)
        return found


def reach(user: User, definition: ChurnDefinition, *, now: datetime) -> Reach:
    """The present scores of this person's book by a definition, best use of time first."""
    rate_of = revenue.rates_on(now.date(), known_at=now)
    found = _scores(user, definition).values_list("account_id", "probability", "account__arr", "account__currency")
    stakes, missing, value, accounts = [], set(), 0.0, 0
    for account_id, probability, arr, currency in found:
        accounts += 1
        if currency not in rate_of:
            missing.add(currency)
            continue
        worth = float(arr * rate_of[currency])
        value += worth
        stakes.append((probability * worth, account_id))
    return Reach(
        rows=_best(user, definition, stakes, rate_of),
        accounts=accounts,
        at_risk=sum(stake for stake, _ in stakes),
        value=value,
        currency=rates.workspace(),
        missing=sorted(missing),
    )


def _scores(user: User, definition: ChurnDefinition) -> Any:
    """One present score for each customer: the default definition keeps it as the account's risk, the others in their newest prediction."""
    customers = Account.objects.at_risk()
    if definition.is_default:
        return AccountRisk.objects.for_user(user).filter(probability__isnull=False, account__in=customers)
    newest = Prediction.objects.filter(model__definition=definition).order_by("account_id", "-as_of", "-id").distinct("account_id")
    return Prediction.objects.for_user(user).filter(pk__in=newest.values("pk"), account__in=customers)


def _best(user: User, definition: ChurnDefinition, stakes: list[tuple[float, int]], rate_of: Mapping[str, Decimal]) -> list[Ranked]:
    """The MOST best. Reasons are read only where they can matter: savability takes at most 1 - LEAST_SAVABLE of a stake away."""
    stakes.sort(reverse=True)
    least = LEAST_SAVABLE * stakes[min(MOST, len(stakes)) - 1][0] if stakes else 0.0
    chosen = [account_id for stake, account_id in stakes if stake >= least]
    rows = [
        Ranked(
            account=score.account,
            probability=score.probability,
            low=score.low,
            high=score.high,
            band=score.band,
            reasons=score.reasons,
            value=float(score.account.arr * rate_of[score.account.currency]),
            savability=savability(score.reasons),
        )
        for score in _scores(user, definition).filter(account__in=chosen).select_related("account")
    ]
    rows.sort(key=lambda row: (-row.worth, row.account.pk))
    return rows[:MOST]


def savability(reasons: Iterable[Mapping[str, Any]]) -> float:
    """How much of what raises a risk somebody could change: LEAST_SAVABLE where it is only what the account is (size, plan, age, traits) and the
    renewal date, 1 where it is all in what people do. Without a raising reason half way, since nothing is known."""
    raising = [(str(reason["feature"]), float(reason["contribution"])) for reason in reasons if float(reason["contribution"]) > 0]
    total = sum(size for _, size in raising)
    if not total:
        return (1 + LEAST_SAVABLE) / 2
    moved = sum(size for feature, size in raising if is_movable(feature))
    return LEAST_SAVABLE + (1 - LEAST_SAVABLE) * moved / total


def is_movable(feature: str) -> bool:
    family = describe(feature).family
    return family != _CALENDAR and not is_static(family)
