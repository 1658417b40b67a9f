"""Small lines of weekly activity."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Sum

from apps.accounts.models import DailyRollup
from apps.core.reading import Reading

from ..types import Spark

WEEKS = 12
_WIDE, _HIGH, _EDGE = 100.0, 28.0, 3.0


def line(values: Sequence[float], *, words: str, most: float | None = None) -> Spark:
    """Points of a polyline; flat lines stay at the bottom instead of dividing by zero."""
    top = most or max(values, default=0) or 1.0
    step = _WIDE / max(1, len(values) - 1)
    points = [(round(index * step, 1), round(_HIGH - _EDGE - (value / top) * (_HIGH - 2 * _EDGE), 1)) for index, value in enumerate(values)]
    return Spark(" ".join(f"{x},{y}" for x, y in points), tuple(values), words, points[-1] if points else None)


def first_day(today: date) -> date:
    """The first day of the twelve weeks that end today."""
    return today - timedelta(days=7 * WEEKS - 1)


def filled(weeks: dict[str, float]) -> list[float] | None:
    """{"11": 3} as twelve values; None where nothing happened at all."""
    return None if not weeks else [float(weeks.get(str(week), 0)) for week in range(WEEKS)]


def line_of(values: list[float]) -> Spark:
    return line(values, words=_words(values))


def weekly(account_ids: Sequence[int], *, today: date) -> Reading[dict[int, Spark]]:
    """Twelve weeks of activity per account, the running week last."""
    first = first_day(today)
    days = (
        DailyRollup.objects.filter(account__in=account_ids, day__gte=first, day__lte=today)
        .values_list("account_id", "day")
        .annotate(events=Sum("count"))
        .order_by("account_id", "day")
    )
    yield days
    weeks: dict[int, list[float]] = defaultdict(lambda: [0.0] * WEEKS)
    for account_id, day, events in days:
        weeks[account_id][(day - first).days // 7] += events
    return {account_id: line_of(values) for account_id, values in weeks.items()}


def _words(values: list[float]) -> str:
    before = sum(values[:-4]) / (WEEKS - 4)
    lately = sum(values[-4:]) / 4
    if not before:
        return f"{lately:.0f} actions a week over the last 4 weeks, none before"
    return f"{lately:.0f} actions a week over the last 4 weeks, {before:.0f} a week in the 8 before ({(lately - before) / before:+.0%})"
