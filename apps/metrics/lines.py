"""Figures over days."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from apps.accounts.types import Stage
from apps.churn.types import Band as RiskBand
from apps.health.types import Band as HealthBand

from . import forecasting, reading
from .declared import Declared, Source
from .measures import CELLS
from .models import Reckoned
from .reading import Amounts, Scope
from .types import Point, Series, Unit

# What people read for the values of dimensions that have few.
WORDS: Mapping[str, Mapping[str, str]] = {
    "band": {**{str(value): str(label) for value, label in RiskBand.choices}, "unscored": "not scored yet"},
    "health": {str(value): str(label) for value, label in HealthBand.choices},
    "stage": {str(value): str(label) for value, label in Stage.choices},
}


def word(dimension: str, value: str) -> str:
    """What people read for a value of a dimension."""
    return WORDS.get(dimension, {}).get(value) or value or "none"


def cells(filters: Mapping[str, str], one: Declared) -> dict[str, str]:
    """The filters on an account's own cells that this figure heeds; those it does not know are left out."""
    return {name: value for name, value in filters.items() if name in CELLS and name in one.metric.dimensions}


def start_of(one: Declared, end: date) -> date:
    """The first day of the window that ends with a day."""
    return end - timedelta(days=one.days - 1)


def known_on(measures: Sequence[str], day: date) -> set[str]:
    return {measure for measure in measures if reading.known_days([measure], start=day, end=day)}


def on_day(scope: Scope, measures: Sequence[str], found: Mapping[str, str], day: date, *, by: str) -> dict[str, Amounts] | None:
    groups = reading.days(scope, measures, found, start=day, end=day, by=by)
    return None if groups is None else {value: days.get(day, {}) for value, days in groups.items()}


def lines(
    one: Declared, scope: Scope, found: Mapping[str, str], *, start: date, end: date, now: datetime, by: str, currency: str
) -> list[tuple[str, Series]]:
    """By value of `by`, every day from `start` to `end`; the last one is the present where it is today."""
    if one.source == Source.HOUSE:
        return [("", _of_house(one, start=start, end=end))]
    if one.source == Source.HAPPENINGS:
        return _of_happenings(one, scope, start=start, end=end, by=by)
    return _of_sums(one, scope, found, start=start, end=end, now=now, by=by, currency=currency)


def with_forecast(line: Series, label: str, *, days: int, one: Declared) -> Series:
    expected, covered = (
        forecasting.expect(line.points, days=days, bounded=one.metric.unit == Unit.SHARE and not one.key.startswith("nrr")) if days else ((), None)
    )
    return Series(line.key, label, line.points, line.since, expected, covered, line.currency)


def _of_house(one: Declared, *, start: date, end: date) -> Series:
    rows = {row.day: row for row in Reckoned.objects.filter(key=one.key, day__range=(start, end))}
    points = tuple(Point(day, rows[day].value, rows[day].of) if day in rows else Point(day, None) for day in _days(start, end))
    since = Reckoned.objects.filter(key=one.key).order_by("day").values_list("day", flat=True).first()
    return Series(one.key, one.metric.name, points, since)


def _of_happenings(one: Declared, scope: Scope, *, start: date, end: date, by: str) -> list[tuple[str, Series]]:
    since = reading.first_known(one.formula.reads)
    groups = reading.happenings(scope, one.formula.reads, start=start_of(one, start), end=end, by=by)
    if not by:
        groups.setdefault("", {})
    told = []
    for value, by_measure in groups.items():
        points = []
        for day in _days(start, end):
            window = [day - timedelta(days=back) for back in range(one.days)]
            if since is None or window[-1] < since:
                points.append(Point(day, None))
                continue
            counted = {m: Decimal(sum(by_measure.get(m, {}).get(at, 0) for at in window)) for m in one.formula.reads}
            points.append(Point(day, float(counted[one.formula.reads[0]])))
        told.append((value, Series(one.key, value, tuple(points), since)))
    return sorted(told, key=lambda pair: -(pair[1].points[-1].value or 0) if pair[1].points else 0)


def _of_sums(
    one: Declared, scope: Scope, found: Mapping[str, str], *, start: date, end: date, now: datetime, by: str, currency: str
) -> list[tuple[str, Series]]:
    reads = one.formula.reads
    known, since = reading.known_days(reads, start=start, end=end), reading.first_known(reads)
    past = reading.days(scope, reads, found, start=start, end=end, by=by)
    today = reading.sums(scope, reads, found, by=by) if end == now.date() else {}
    if past is None:
        known, past = set(), {}
    values = list(dict.fromkeys([*past, *today])) if by else [""]
    told = []
    for value in values:
        own = value if by == "currency" else currency
        exchange = reading.exchange(now, own)
        points = []
        for day in _days(start, end):
            if day == now.date():
                amounts: Amounts = today.get(value, {})
            elif day in known:
                amounts = past.get(value, {}).get(day, {})
            else:
                points.append(Point(day, None))
                continue
            it = one.formula.make(exchange.whole(one.formula, amounts)[0])
            points.append(Point(day, None if it.value is None else float(it.value), it.of))
        told.append((value, Series(one.key, value, tuple(points), since, currency=exchange.into if one.metric.unit == Unit.MONEY else "")))
    return sorted(told, key=lambda pair: -(next((p.value for p in reversed(pair[1].points) if p.value is not None), 0) or 0))


def _days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=number) for number in range((end - start).days + 1)]
