"""Pacing: grants are scaled a little, so that a month's budget lasts to its end and is used. Pure arithmetic; ML.md 4.

multiplier = what is left / what would be asked for at multiplier 1 until the month ends, within 0.5 and 1.5.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .amounts import LEAST, MOST

# Days of demand that are looked back on, and what the plan itself weighs beside them (in days) while little is known.
LOOK_BACK = 28
_PLAN_DAYS = 5.0


@dataclass(frozen=True)
class Pace:
    """`forecast` is what would be asked for until the end at multiplier 1."""

    multiplier: float
    left: float
    forecast: float
    days_left: float


def pace(*, planned: float, left: float, asked: float, asked_days: float, start: datetime, end: datetime, now: datetime) -> Pace:
    """`asked` is what was asked for at multiplier 1 within the last `asked_days` days (at most LOOK_BACK); `start` and `end` are the budget's."""
    days_left = max((end - max(now, start)) / timedelta(days=1), 0.0)
    daily_plan = planned / ((end - start) / timedelta(days=1))
    daily = (asked + daily_plan * _PLAN_DAYS) / (asked_days + _PLAN_DAYS)
    forecast = daily * days_left
    wanted = left / forecast if forecast > 0 else MOST
    return Pace(min(max(wanted, LEAST), MOST), left, forecast, days_left)
