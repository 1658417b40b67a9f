"""The figures of an account that rules look at: what each means, and its value at the end of any day. Set-based; a day is a UTC day.

A value is what was known of that day by today's rows: a look at a past day says the same whenever it is taken. None is not nought: nothing is known.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.db import connection

from apps.accounts.types import Meaning
from apps.churn.types import Band as RiskBand
from apps.core.errors import Refused
from apps.health.types import Band as HealthBand
from apps.metrics.types import Metric, Point, Unit

# Activity of these meanings is trouble or paperwork, not use.
_NOT_USE = (Meaning.SUPPORT, Meaning.PAYMENT, Meaning.LEAVING, Meaning.BILLING)
HEALTH_BANDS = (HealthBand.POOR, HealthBand.FAIR, HealthBand.GOOD)
RISK_BANDS = (RiskBand.LOW, RiskBand.MEDIUM, RiskBand.HIGH)
# So long an answer to a survey, and a person who left, are news.
_NPS_DAYS, _LEFT_DAYS = 30, 30

Values = dict[int, list[float | None]]
Days = list[date]


class UnknownFigure(Refused):
    def __init__(self, key: str) -> None:
        super().__init__("no_such_figure", f"There is no figure {key!r}. There are: {', '.join(sorted(_FIGURES))}.")


@dataclass(frozen=True)
class Figure:
    """`counts`: things counted on one day, so a day is complete only when it is over; `bands`: the words of its values 0, 1, 2."""

    metric: Metric
    read: Callable[[list[int], Days, datetime], Values]
    counts: bool = False
    bands: tuple[str, ...] = ()


def figures() -> list[Figure]:
    return list(_FIGURES.values())


def figure(key: str) -> Figure:
    if key not in _FIGURES:
        raise UnknownFigure(key)
    return _FIGURES[key]


def daily(key: str, account_ids: Collection[int], *, start: date, end: date, until: datetime | None = None) -> dict[int, list[Point]]:
    """Of each account its value at the end of every day from start to end; `until` makes the last day end at that moment.

    Before an account began and after it left nothing is known of it.
    """
    ids, days = sorted(account_ids), [start + timedelta(days=one) for one in range((end - start).days + 1)]
    if not ids or not days:
        return {}
    last = until or _end(end)
    values = figure(key).read(ids, days, last)
    there = {key: (began, left) for key, began, left in _rows(_THERE, ids=ids)}
    return {
        one: [
            Point(day, value if (began is None or began <= day) and (left is None or day < left) else None)
            for day, value in zip(days, values[one], strict=True)
        ]
        for one, (began, left) in there.items()
    }


def of_accounts(key: str, account_ids: Collection[int], *, now: datetime, as_of: date | None = None) -> Iterator[tuple[int, float | None]]:
    """The value of each account now, or at the end of a day."""
    day = as_of or now.astimezone(UTC).date()
    for one, points in daily(key, account_ids, start=day, end=day, until=None if as_of else now).items():
        yield one, points[0].value


_THERE = """
select id, coalesce(started_on, (created_at at time zone 'UTC')::date), churned_on from accounts_account
where id = any(%(ids)s) and (stage <> 'churned' or churned_on is not null)
"""


def _end(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(0), UTC)


def _ends(days: Days, last: datetime) -> list[datetime]:
    """The moments at which the days end; the last one may end early."""
    return [*(_end(day) for day in days[:-1]), last]


def _rows(sql: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _per_day(sql: str, ids: list[int], days: Days, last: datetime) -> Values:
    """Counts per account and day; a day on which the whole house told nothing is not known."""
    names = [name for (name,) in _rows("select name from accounts_eventname where meaning = any(%(m)s)", m=[str(one) for one in _NOT_USE])]
    found = {(one, day): float(count) for one, day, count in _rows(sql, ids=ids, start=days[0], end=days[-1], names=names)}
    told = {day for (day,) in _rows(_TOLD, start=days[0], end=days[-1])}
    return {one: [found.get((one, day), 0.0) if day in told else None for day in days] for one in ids}


_USAGE = """
select account_id, day, sum(count) from accounts_dailyrollup
where account_id = any(%(ids)s) and day between %(start)s and %(end)s and not (name = any(%(names)s::text[])) group by account_id, day
"""
_TOLD = """
select d::date from generate_series(%(start)s::date, %(end)s::date, interval '1 day') d
where exists (select 1 from accounts_dailyrollup where day = d::date)
"""


def _carried(before: str, within: str, ids: list[int], days: Days, last: datetime) -> Values:
    """What was last said by the end of each day: (account, at, value) rows, the one that stood when the days begin and those within them."""
    begin = datetime.combine(days[0], time(0), UTC)
    stood = {one: value for one, _, value in _rows(before, ids=ids, begin=begin)}
    said: dict[int, list[tuple[datetime, Any]]] = {}
    for one, at, value in _rows(within, ids=ids, begin=begin, last=last):
        said.setdefault(one, []).append((at, value))
    ends = _ends(days, last)
    found: Values = {}
    for one in ids:
        words = said.get(one, [])
        moments = [at for at, _ in words]
        row = []
        for end in ends:
            place = bisect_right(moments, end)
            value = words[place - 1][1] if place else stood.get(one)
            row.append(None if value is None else float(value))
        found[one] = row
    return found


def _said(table: str, value: str, where: str = "true") -> Callable[[list[int], Days, datetime], Values]:
    # Tables, columns and conditions are written below, in this module.
    before = f"""select distinct on (account_id) account_id, as_of, {value} from {table}
        where account_id = any(%(ids)s) and as_of < %(begin)s and {where} order by account_id, as_of desc, id desc"""  # noqa: S608
    within = f"""select account_id, as_of, {value} from {table}
        where account_id = any(%(ids)s) and as_of >= %(begin)s and as_of <= %(last)s and {where} order by account_id, as_of, id"""  # noqa: S608
    return partial(_carried, before, within)


def _over_time(
    sql: str, judge: Callable[[list[tuple[Any, ...]], date, datetime], float | None], ids: list[int], days: Days, last: datetime
) -> Values:
    """Rows of each account, judged at the end of each day."""
    rows: dict[int, list[tuple[Any, ...]]] = {}
    for one, *row in _rows(sql, ids=ids, first=days[0], begin=datetime.combine(days[0], time(0), UTC), end=days[-1], last=last):
        rows.setdefault(one, []).append(tuple(row))
    ends = _ends(days, last)
    return {one: [judge(rows.get(one, []), day, end) for day, end in zip(days, ends, strict=True)] for one in ids}


_SPOKEN = """
select c.account_id, s.at from accounts_contact c cross join lateral (
    select c.last_two_way_at as at union all
    select n.at from accounts_note n join accounts_note_contacts p on p.note_id = n.id
        where p.contact_id = c.id and n.kind in ('call', 'meeting', 'email') union all
    select m.replied_at from messaging_message m where m.contact_id = c.id and m.replied_at is not null
) s where c.account_id = any(%(ids)s) and c.role in ('sponsor', 'champion') and s.at <= %(last)s order by 1, 2
"""


def _silent(rows: Iterable[tuple[Any, ...]], day: date, end: datetime) -> float | None:
    spoken = [at for (at,) in rows if at <= end]
    return float((end - spoken[-1]).days) if spoken else None


def _left(rows: Iterable[tuple[Any, ...]], day: date, end: datetime) -> float | None:
    return float(sum(day - timedelta(days=_LEFT_DAYS) < left <= day for (left,) in rows))


def _oldest_p1(rows: Iterable[tuple[Any, ...]], day: date, end: datetime) -> float | None:
    return max(((end - opened).total_seconds() / 3600 for opened, solved in rows if opened <= end and (solved is None or solved > end)), default=0.0)


def _late_answers(rows: Iterable[tuple[Any, ...]], day: date, end: datetime) -> float | None:
    return float(sum(due < end and (answered is None or answered > end) and (solved is None or solved > end) for due, answered, solved in rows))


def _overdue(rows: Iterable[tuple[Any, ...]], day: date, end: datetime) -> float | None:
    return float(max(((day - due).days for due, paid in rows if due < day and (paid is None or paid > day)), default=0))


def _nps(rows: Iterable[tuple[Any, ...]], day: date, end: datetime) -> float | None:
    """The lowest of the last weeks: a happy colleague does not make an unhappy one well."""
    return min((float(score) for at, score in rows if end - timedelta(days=_NPS_DAYS) < at <= end), default=None)


def _unplanned(rows: Iterable[tuple[Any, ...]], day: date, end: datetime) -> float | None:
    """Days to the next renewal of which its success manager has said nothing; a year where there is none."""
    ahead = ((due - day).days for due, decided, said in rows if day <= due and (decided is None or decided > day) and (said is None or said > end))
    return float(min(ahead, default=366))


def _metric(key: str, name: str, group: str, unit: Unit, words: str, better: str = "") -> Metric:
    return Metric(key, name, group, unit, words, better=better)


def _band(names: tuple[str, ...]) -> str:
    return f"array_position(array[{', '.join(repr(str(name)) for name in names)}]::text[], band::text) - 1"


_ALL = (
    Figure(
        _metric("usage", "Usage", "Use", Unit.COUNT, "Activity of a day; support, payment and billing are not use.", "up"),
        partial(_per_day, _USAGE),
        counts=True,
    ),
    Figure(_metric("health", "Health", "Health", Unit.SCORE, "The health score, 0 to 100.", "up"), _said("health_healthscore", "score")),
    Figure(
        _metric("health_band", "Health band", "Health", Unit.SCORE, "Poor up to 50, fair up to 75, good above.", "up"),
        _said("health_healthscore", _band(HEALTH_BANDS)),
        bands=tuple(str(band.value) for band in HEALTH_BANDS),
    ),
    Figure(
        _metric("risk", "Risk", "Risk", Unit.SHARE, "The probability that the customer leaves, by the default definition.", "down"),
        _said(
            "churn_prediction",
            "probability",
            "model_id in (select v.id from churn_modelversion v join churn_churndefinition d on d.id = v.definition_id where d.is_default)",
        ),
    ),
    Figure(
        _metric("risk_band", "Risk band", "Risk", Unit.SCORE, "Low, watch or high.", "down"),
        _said(
            "churn_prediction",
            _band(RISK_BANDS),
            "model_id in (select v.id from churn_modelversion v join churn_churndefinition d on d.id = v.definition_id where d.is_default)",
        ),
        bands=tuple(str(band.value) for band in RISK_BANDS),
    ),
    Figure(
        _metric("sponsor_silent_days", "Sponsor silent", "People", Unit.DAYS, "Days since a sponsor or champion and we exchanged words.", "down"),
        partial(_over_time, _SPOKEN, _silent),
    ),
    Figure(
        _metric("sponsors_left", "Sponsors who left", "People", Unit.COUNT, f"Sponsors who left in the last {_LEFT_DAYS} days.", "down"),
        partial(
            _over_time,
            "select account_id, departed_on from accounts_contact where account_id = any(%(ids)s) and departed_on is not null "
            "and departed_on <= %(end)s and role in ('sponsor', 'champion') order by 1, 2",
            _left,
        ),
    ),
    Figure(
        _metric("p1_hours", "Oldest open P1 ticket", "Support", Unit.COUNT, "Hours since the oldest P1 ticket that is open was opened.", "down"),
        partial(
            _over_time,
            "select account_id, opened_at, solved_at from accounts_ticket where account_id = any(%(ids)s) and priority = 'p1' "
            "and opened_at <= %(last)s and (solved_at is null or solved_at > %(begin)s) order by 1, 2",
            _oldest_p1,
        ),
    ),
    Figure(
        _metric("late_answers", "Late answers", "Support", Unit.COUNT, "Open tickets whose answer is later than the service level allows.", "down"),
        partial(
            _over_time,
            "select account_id, due_at, answered_at, solved_at from accounts_ticket where account_id = any(%(ids)s) and due_at <= %(last)s "
            "and (solved_at is null or solved_at > %(begin)s) and (answered_at is null or answered_at > due_at) order by 1, 2",
            _late_answers,
        ),
    ),
    Figure(
        _metric("overdue_days", "Invoice overdue", "Money", Unit.DAYS, "Days that the oldest unpaid invoice is over its due day.", "down"),
        partial(
            _over_time,
            "select account_id, due_on, paid_on from accounts_invoice where account_id = any(%(ids)s) and state <> 'void' "
            "and due_on <= %(end)s and (paid_on is null or paid_on > %(first)s) order by 1, 2",
            _overdue,
        ),
    ),
    Figure(
        _metric("nps", "NPS answer", "People", Unit.SCORE, f"The lowest NPS answer of the last {_NPS_DAYS} days, 0 to 10.", "up"),
        partial(
            _over_time,
            "select account_id, at, score from accounts_surveyresponse where account_id = any(%(ids)s) and kind = 'nps' "
            "and at > %(begin)s - interval '31 days' and at <= %(last)s order by 1, 2",
            _nps,
        ),
    ),
    Figure(
        _metric(
            "unplanned_renewal_days",
            "Renewal without a plan",
            "Money",
            Unit.DAYS,
            "Days to the next renewal of which its success manager has not said what they expect; 366 where there is none.",
            "up",
        ),
        partial(
            _over_time,
            "select r.account_id, r.due_on, r.decided_on, (select min(c.at) from accounts_renewalcall c where c.renewal_id = r.id and c.by = 'csm' "
            "and c.withdrawn_at is null) from accounts_renewal r where r.account_id = any(%(ids)s) and r.due_on >= %(first)s order by 1, 2",
            _unplanned,
        ),
    ),
)
_FIGURES: Mapping[str, Figure] = {one.metric.key: one for one in _ALL}
