"""What is read of figures: one, many at once, split, over days, and the rows behind them. Nothing here writes.

`user` None is the whole house, as jobs read it. A figure that cannot be told has no value and says why.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal

from apps.accounts.models import Team, User

from . import behind, lines, reading
from .declared import DECLARED, Declared, Source, UnknownMetric, declared
from .formulas import Found
from .measures import CELLS
from .models import HourTally, Reckoned
from .types import Because, Figure, Metric, Part, Series, Unit, exact

__all__ = ["UnknownMetric", "catalogue", "figure", "figures", "hours", "metric", "parts", "rows", "series"]

_HOUSE_ONLY = "Only who sees all accounts may read it."
_NOT_KEPT = "It was not kept for that day."


def catalogue(user: User | None) -> list[Metric]:
    """Every figure that this person may read, by group and name."""
    house = reading.sees_house(user)
    return sorted((one.metric for one in DECLARED.values() if one.metric.own or house), key=lambda metric: (metric.group, metric.name))


def metric(key: str) -> Metric:
    """Raises UnknownMetric."""
    return declared(key).metric


def figure(user: User | None, key: str, *, now: datetime, as_of: date | None = None, filters: Mapping[str, str] | None = None) -> Figure:
    """A figure now, or as it stood at the end of a day."""
    return _figures(user, [declared(key)], now=now, as_of=as_of, filters=filters or {})[key]


def figures(user: User | None, keys: Sequence[str], *, now: datetime, filters: Mapping[str, str] | None = None) -> dict[str, Figure]:
    """Many figures of one book: at most seven statements, whatever their number."""
    return _figures(user, [declared(key) for key in dict.fromkeys(keys)], now=now, as_of=None, filters=filters or {})


def parts(
    user: User | None, key: str, dimension: str, *, now: datetime, as_of: date | None = None, filters: Mapping[str, str] | None = None
) -> list[Part]:
    """The figure of each value of a dimension, the largest first."""
    one, filters = declared(key), filters or {}
    if dimension not in one.metric.dimensions or not _may(user, one) or _strange(one, filters):
        return []
    scope, cells = reading.scope_of(user, filters), lines.cells(filters, one)
    day = _past(as_of, now)
    found: dict[str, Found] = {}
    exchange = reading.exchange(now, filters.get("currency", ""))
    if one.source == Source.HAPPENINGS:
        end = day or now.date()
        for value, by_measure in reading.happenings(scope, one.formula.reads, start=lines.start_of(one, end), end=end, by=dimension).items():
            found[value] = one.formula.make({measure: Decimal(sum(by_measure[measure].values())) for measure in one.formula.reads})
    else:
        groups = (
            reading.sums(scope, one.formula.reads, cells, by=dimension)
            if day is None
            else lines.on_day(scope, one.formula.reads, cells, day, by=dimension) or {}
        )
        for value, amounts in groups.items():
            own = reading.exchange(now, value) if dimension == "currency" else exchange
            found[value] = one.formula.make(own.whole(one.formula, amounts)[0])
    labels = _labels(dimension, list(found))
    told = [
        Part(value, labels[value], _told(one, it, now, day, value if dimension == "currency" else exchange.into))
        for value, it in found.items()
        if it.value or it.of or dimension in lines.WORDS
    ]
    return sorted(told, key=lambda part: (part.figure.value is None, -(part.figure.value or 0), part.label))


def series(
    user: User | None,
    key: str,
    *,
    start: date,
    end: date,
    now: datetime,
    filters: Mapping[str, str] | None = None,
    dimension: str = "",
    forecast_days: int = 0,
) -> list[Series]:
    """The figure at the end of every day from `start` to `end`, both included: one line, or one per value of a dimension. Money is told at today's
    exchange rates throughout. With `forecast_days` what is expected after the last day."""
    one, filters = declared(key), filters or {}
    if not _may(user, one) or (dimension and dimension not in one.metric.dimensions) or _strange(one, filters):
        return []
    scope = reading.scope_of(user, filters)
    found = lines.lines(
        one, scope, lines.cells(filters, one), start=start, end=min(end, now.date()), now=now, by=dimension, currency=filters.get("currency", "")
    )
    labels = _labels(dimension, [value for value, _ in found]) if dimension else {"": one.metric.name}
    return [lines.with_forecast(line, labels.get(value, value), days=forecast_days, one=one) for value, line in found]


def hours(user: User | None, key: str, *, day: date, filters: Mapping[str, str] | None = None) -> list[int | None]:
    """How often it happened in each hour (UTC) of a day; None for hours of a day of which only the sum is known."""
    one = declared(key)
    if one.source != Source.HAPPENINGS or not _may(user, one):
        return [None] * 24
    scope = reading.scope_of(user, filters or {})
    rows = HourTally.objects.filter(measure=one.formula.reads[0], day=day)
    if scope.owners is not None:
        rows = rows.filter(owner_id__in=scope.owners)
    told = [0] * 24
    for hour, amount in rows.values_list("hour", "amount"):
        if hour < 0:
            return [None] * 24
        told[hour] += amount
    return list(told)


def rows(
    user: User | None,
    key: str,
    *,
    now: datetime,
    as_of: date | None = None,
    filters: Mapping[str, str] | None = None,
    dimension: str = "",
    part: str = "",
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[Because], int]:
    """The accounts behind a figure with what each brings to it, the largest first, and how many there are."""
    one = declared(key)
    asked = {**(filters or {}), **({dimension: part} if dimension else {})}
    if not _may(user, one) or _strange(one, asked):
        return [], 0
    scope, day = reading.scope_of(user, asked), _past(as_of, now)
    if one.source == Source.HOUSE:
        return [], 0
    if key in behind.OF_THE_YEAR:
        return behind.moved(one, user, asked, day=day or now.date(), now=now, limit=limit, offset=offset)
    if one.source == Source.HAPPENINGS:
        end = day or now.date()
        return behind.happened(one, scope, start=lines.start_of(one, end), end=end, limit=limit, offset=offset)
    if day is not None:
        return behind.then(one, scope, lines.cells(asked, one), day=day, limit=limit, offset=offset)
    return behind.now_(one, scope, lines.cells(asked, one), reading.exchange(now, asked.get("currency", "")), limit=limit, offset=offset)


def _figures(user: User | None, asked: Sequence[Declared], *, now: datetime, as_of: date | None, filters: Mapping[str, str]) -> dict[str, Figure]:
    day = _past(as_of, now)
    scope, exchange = reading.scope_of(user, filters), reading.exchange(now, filters.get("currency", ""))
    found: dict[str, Figure] = {}
    for one in asked:
        if strange := _strange(one, filters):
            found[one.key] = _told(one, Found(None, words=f"It cannot be narrowed by {', '.join(strange)}."), now, day, "")
    sums = [one for one in asked if one.source == Source.SUMS and _may(user, one) and one.key not in found]
    for cells, those in _by_cells(sums, filters):
        measures = sorted({measure for one in those for measure in one.formula.reads})
        if day is None:
            amounts = reading.sums(scope, measures, cells).get("", {})
            known = set(measures)
        else:
            groups = reading.days(scope, measures, cells, start=day, end=day)
            amounts = {} if groups is None else groups.get("", {}).get(day, {})
            known = set() if groups is None else reading.known_on(measures, day)
        for one in those:
            if known >= set(one.formula.reads):
                told, missing = exchange.whole(one.formula, amounts)
                found[one.key] = _told(one, one.formula.make(told), now, day, exchange.into, missing)
            else:
                found[one.key] = _told(one, Found(None, words=_NOT_KEPT), now, day, exchange.into)
    happened = [one for one in asked if one.source == Source.HAPPENINGS and _may(user, one) and one.key not in found]
    if happened:
        end = day or now.date()
        start = min(lines.start_of(one, end) for one in happened)
        names = sorted({measure for one in happened for measure in one.formula.reads})
        by_measure = reading.happenings(scope, names, start=start, end=end).get("", {})
        for one in happened:
            counted = {m: Decimal(sum(n for at, n in by_measure.get(m, {}).items() if at >= lines.start_of(one, end))) for m in one.formula.reads}
            found[one.key] = _told(one, one.formula.make(counted), now, day, "")
    house = [one for one in asked if one.source == Source.HOUSE and _may(user, one) and one.key not in found]
    if house:
        newest = Reckoned.objects.filter(key__in=[one.key for one in house], day__lte=day or now.date()).order_by("key", "-day").distinct("key")
        by_key = {row.key: row for row in newest}
        for one in house:
            row = by_key.get(one.key)
            kept = Found(row.value, row.of, row.low, row.high, row.words) if row else Found(None, words="It has not been reckoned yet.")
            found[one.key] = _told(one, kept, row.at if row else now, day, "")
    for one in asked:
        found.setdefault(one.key, _told(one, Found(None, words=_HOUSE_ONLY), now, day, ""))
    return {one.key: found[one.key] for one in asked}


def _by_cells(asked: Sequence[Declared], filters: Mapping[str, str]) -> list[tuple[dict[str, str], list[Declared]]]:
    """Figures that heed the same filters are read together."""
    groups: dict[tuple[tuple[str, str], ...], list[Declared]] = {}
    for one in asked:
        groups.setdefault(tuple(sorted(lines.cells(filters, one).items())), []).append(one)
    return [(dict(cells), those) for cells, those in groups.items()]


def _may(user: User | None, one: Declared) -> bool:
    return one.metric.own or reading.sees_house(user)


def _strange(one: Declared, filters: Mapping[str, str]) -> list[str]:
    """Filters that this figure does not know: to leave them out would tell another figure."""
    return sorted(set(filters) - set(one.metric.dimensions))


def _past(as_of: date | None, now: datetime) -> date | None:
    return None if as_of is None or as_of >= now.date() else as_of


def _told(one: Declared, found: Found, now: datetime, day: date | None, currency: str, missing: Sequence[str] = ()) -> Figure:
    at = now if day is None else datetime.combine(day, time.max, UTC)
    words = found.words or (f"What is in {', '.join(missing)} is left out: there is no exchange rate." if missing else "")
    money = currency if one.metric.unit == Unit.MONEY else ""
    return Figure(one.key, exact(one.metric.unit, found.value), at, found.of, found.low, found.high, money, words)


def _labels(dimension: str, values: Sequence[str]) -> dict[str, str]:
    if dimension == "owner":
        names = {str(user.pk): str(user) for user in User.objects.filter(pk__in=[int(one) for one in values if one.isdecimal()])}
        return {one: names.get(one, "nobody") for one in values}
    if dimension == "team":
        teams = {str(pk): name for pk, name in Team.objects.values_list("pk", "name")}
        return {one: teams.get(one, "no team") for one in values}
    return {one: lines.word(dimension, one) for one in values} if dimension in CELLS else {one: one for one in values}
