"""What pacing, caps and decay do in a simulated company whose truth is known. The arithmetic is the product's own (apps/milestones/rewards).

Pacing: months of 30 days in which demand is not what was planned (0.6 to 1.6 times, with weekly waves, a drift and shocks); each morning the
multiplier is reckoned anew. A month's budget is never passed; it should be used to at least 90 %, and few claims should find nothing left.
Farmers: 2 % of 2,000 customers act twenty times as often as others (64 against 3.2 acts a day, as in ML.md 4). What share of the points do they
take, and what do honest customers lose?
It proves that the arithmetic does what it says; it proves no lift at any company. REWARD_MONTHS sets how many months are lived.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from apps.milestones.rewards.amounts import acts_worth, day_amount, usual_acts
from apps.milestones.rewards.pacing import LOOK_BACK, pace

MONTHS = int(os.environ.get("REWARD_MONTHS", "400"))
DAYS = 30
# What docs/rewards.md advises for `daily_cap`: a quarter above what nine of ten honest days stay within.
CAP_OVER_USUAL = Decimal("1.25")
_START = datetime(2026, 4, 1, tzinfo=UTC)
_EACH, _CLAIMS_PER_DAY = 10.0, 100.0


@dataclass(frozen=True)
class Month:
    """`spent` is a share of the budget, `denied` a share of the claims."""

    spent: float
    denied: float


def live_month(seed: int, *, paced: bool = True, hourly: bool = False) -> Month:
    """A month after one of which the demand is known. With `hourly` the multiplier is reckoned 24 times a day, as the job does."""
    draw = np.random.default_rng(seed)
    level = draw.uniform(0.6, 1.6)
    budget = left = _EACH * _CLAIMS_PER_DAY * DAYS
    drift = draw.normal(0, 0.006)
    history: list[float] = [_EACH * draw.poisson(_CLAIMS_PER_DAY * _level(draw, level, 0.0, day)) for day in range(-LOOK_BACK, 0)]
    claims = denied = 0
    multiplier = 1.0
    for day in range(DAYS):
        wanted = int(draw.poisson(_CLAIMS_PER_DAY * _level(draw, level, drift, day)))
        for number in range(wanted):
            if paced and (number % max(wanted // 24, 1) == 0 if hourly else number == 0):
                now = _START + timedelta(days=day + number / max(wanted, 1))
                looked = history[-LOOK_BACK:]
                multiplier = pace(
                    planned=budget,
                    left=left,
                    asked=sum(looked),
                    asked_days=len(looked),
                    start=_START,
                    end=_START + timedelta(days=DAYS),
                    now=now,
                ).multiplier
            claims += 1
            grant = min(_EACH * multiplier, left)
            left -= grant
            denied += grant <= 0
        history.append(_EACH * wanted)
    return Month(1 - left / budget, denied / max(claims, 1))


def _level(draw: np.random.Generator, level: float, drift: float, day: int) -> float:
    """Weekends are quieter, demand drifts, and on one day in thirty it doubles."""
    weekend = 0.4 if day % 7 in (5, 6) else 1.24
    shock = 2.0 if draw.random() < 1 / 30 else 1.0
    return float(max(level * weekend * shock * (1 + drift * max(day, 0)), 0.05))


@dataclass(frozen=True)
class Shares:
    """Of all points: what farmers took; `lost` is what honest customers get less than by plain counting."""

    farmers: float
    lost: float


def farm(seed: int, *, kind: str, customers: int = 2_000, days: int = 60) -> Shares:
    """`kind`: plain (every act counts), cap (ten acts a day), decay from the first repeat, product (decay beyond what is
    usual, and a cap a quarter above that)."""
    draw = np.random.default_rng(seed)
    farming = np.arange(customers) < customers // 50
    rates = np.where(farming, draw.uniform(48, 80, customers), draw.gamma(4.0, 0.8, customers))
    acts = draw.poisson(rates, (days, customers))
    usual = usual_acts([int(one) for one in acts[:30].ravel() if one])
    most = int(acts.max())
    worth = np.array([_worth(number, kind, usual) for number in range(most + 1)])
    points, plain = worth[acts].sum(0), acts.sum(0)
    return Shares(float(points[farming].sum() / points.sum()), float(1 - points[~farming].sum() / plain[~farming].sum()))


def _worth(acts: int, kind: str, usual: int) -> float:
    if kind == "plain":
        return float(acts)
    if kind == "cap":
        return float(min(acts, 10))
    if kind == "decay":
        return acts_worth(acts, usual=1, decay=0.85)
    return float(day_amount(acts, each=Decimal(1), usual=usual, decay=0.85, cap=Decimal(usual) * CAP_OVER_USUAL))


def _mean(values: list[float]) -> float:
    return round(float(np.mean(values)), 4)


def run() -> dict[str, float]:
    paced = [live_month(seed) for seed in range(MONTHS)]
    plain = [live_month(seed, paced=False) for seed in range(MONTHS)]
    spent = np.array([month.spent for month in paced])
    farms = {kind: [farm(seed, kind=kind) for seed in range(5)] for kind in ("plain", "cap", "decay", "product")}
    return {
        "spend_mean": _mean([month.spent for month in paced]),
        "spend_p5": round(float(np.quantile(spent, 0.05)), 4),
        "spend_most": round(float(spent.max()), 4),
        "months_90_to_100": round(float(np.mean((spent >= 0.9) & (spent <= 1.0 + 1e-9))), 4),
        "denied": _mean([month.denied for month in paced]),
        "denied_without_pacing": _mean([month.denied for month in plain]),
        "spend_p5_without_pacing": round(float(np.quantile([month.spent for month in plain], 0.05)), 4),
        "farmers_share_plain": _mean([one.farmers for one in farms["plain"]]),
        "farmers_share_cap": _mean([one.farmers for one in farms["cap"]]),
        "farmers_share_decay": _mean([one.farmers for one in farms["decay"]]),
        "farmers_share": _mean([one.farmers for one in farms["product"]]),
        "honest_loss_cap": _mean([one.lost for one in farms["cap"]]),
        "honest_loss_decay": _mean([one.lost for one in farms["decay"]]),
        "honest_loss": _mean([one.lost for one in farms["product"]]),
    }


if __name__ == "__main__":
    for name, value in run().items():
        print(f"{name:28} {value}")
