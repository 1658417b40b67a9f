"""An account's own figures, which alert rules watch: each declared once, read for any number of accounts by one statement, now or on a past day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection

from apps.core.errors import Refused

from .types import Metric, Point, Unit

_RISK_THEN = """(
    select p.{column} from churn_prediction p join churn_modelversion v on v.id = p.model_id join churn_churndefinition c on c.id = v.definition_id
    where p.account_id = a.id and c.is_default and p.as_of < %(cut)s order by p.as_of desc, p.id desc limit 1)"""
_HEALTH_THEN = """(
    select p.{column} from health_healthscore p where p.account_id = a.id and p.as_of < %(cut)s order by p.as_of desc, p.id desc limit 1)"""
_SUM = (
    "(select coalesce(sum(r.count), 0) from accounts_dailyrollup r where r.account_id = a.id and r.day > %(day)s::date - {days} and r.day <= %(day)s)"
)
_LAST_DAY = """(
    select r.day from accounts_dailyrollup r where r.account_id = a.id and r.day <= %(day)s order by r.account_id, r.day desc limit 1)"""
# The last exchange of words with a sponsor: what contacts say, calls and meetings, answers. With a sponsor and none of it: since they came.
_SPONSOR = """(
    select %(day)s::date - (greatest(
        max(c.last_two_way_at) filter (where c.last_two_way_at < %(cut)s),
        max((select max(n.at) from accounts_note n join accounts_note_contacts w on w.note_id = n.id
             where w.contact_id = c.id and n.kind in ('call', 'meeting') and n.at < %(cut)s)),
        max((select max(m.replied_at) from messaging_message m where m.contact_id = c.id and m.replied_at < %(cut)s)),
        (coalesce(a.started_on, (a.created_at at time zone 'UTC')::date)::timestamp at time zone 'UTC')
    ) at time zone 'UTC')::date
    from accounts_contact c
    where c.account_id = a.id and c.role = 'sponsor' and (c.departed_on is null or c.departed_on > %(day)s) having count(*) > 0)"""
_TICKETS = """(select count(*) from accounts_ticket s where s.account_id = a.id and s.opened_at < %(cut)s
    and (s.solved_at is null or s.solved_at >= %(cut)s))"""
_URGENT = _TICKETS.replace("s.opened_at", "s.priority = 'p1' and s.opened_at")
_NPS = (
    """(select s.score from accounts_surveyresponse s where s.account_id = a.id and s.kind = 'nps' and s.at < %(cut)s order by s.at desc limit 1)"""
)
_ARR_THEN = """(select coalesce(sum(m.amount), 0) from accounts_arrmovement m
    where m.account_id = a.id and m.currency = a.currency and m.effective_on <= %(day)s)"""
_OVERDUE = """(select count(*) from interventions_task k where k.account_id = a.id and k.due_at < %(cut)s and k.created_at < %(cut)s
    and (k.closed_at is null or k.closed_at >= %(cut)s))"""
_BEHIND = "(select count(*) from milestones_progress p where p.account_id = a.id and p.state = 'open' and p.pace in ('behind', 'stuck'))"
_UNPAID = """(select coalesce(max(%(day)s::date - i.due_on), 0) from accounts_invoice i where i.account_id = a.id and i.state in ('open', 'failed')
    and i.due_on < %(day)s)"""
_SEATS = "case when a.seats > 0 and a.seats_used is not null then a.seats_used::float8 / a.seats end"


@dataclass(frozen=True)
class Own:
    """`now` and `then` are SQL over account `a`; no `then`: the past is not on record. `hidden` ones only make up other figures."""

    metric: Metric
    now: str
    then: str = ""
    hidden: bool = False


def _own(key: str, name: str, group: str, unit: Unit, words: str, now: str, *, then: str | None = "", better: str = "", hidden: bool = False) -> Own:
    return Own(Metric(key, name, group, unit, words, better=better), now, now if then is None else then, hidden)


_HIGH, _POOR = "case when {} = 'high' then 1 else 0 end", "case when {} = 'poor' then 1 else 0 end"
_ALL = (
    _own("usage", "Activity per day", "Use", Unit.COUNT, "Activity events of a day (UTC).", _SUM.format(days=1), then=None, better="up"),
    _own("usage_7", "Activity in 7 days", "Use", Unit.COUNT, "Activity events of 7 days (UTC).", _SUM.format(days=7), then=None, better="up"),
    _own("usage_28", "Activity in 28 days", "Use", Unit.COUNT, "Activity events of 28 days (UTC).", _SUM.format(days=28), then=None, better="up"),
    _own(
        *("days_silent", "Days without activity", "Use", Unit.DAYS, "Days since the last day with any activity.", f"(%(day)s::date - {_LAST_DAY})"),
        then=None,
        better="down",
    ),
    _own(
        *(
            "health",
            "Health",
            "Health",
            Unit.SCORE,
            "The health score, 0 to 100.",
            "(select h.score from health_accounthealth h where h.account_id = a.id)",
        ),
        then=_HEALTH_THEN.format(column="score"),
        better="up",
    ),
    _own(
        *("risk", "Risk of leaving", "Risk", Unit.SHARE, "The chance that the customer leaves within the model's horizon."),
        "(select r.probability from churn_accountrisk r where r.account_id = a.id)",
        then=_RISK_THEN.format(column="probability"),
        better="down",
    ),
    _own("arr", "ARR", "Revenue", Unit.MONEY, "Yearly recurring revenue in the account's currency.", "a.arr", then=_ARR_THEN, better="up"),
    _own("days_to_renewal", "Days to the renewal", "Revenue", Unit.DAYS, "Days until the term ends.", "(a.renews_on - %(day)s::date)", then=None),
    _own(
        "days_overdue",
        "Days a bill is overdue",
        "Revenue",
        Unit.DAYS,
        "Days since the oldest unpaid bill was due; 0 for none.",
        _UNPAID,
        better="down",
    ),
    _own("seats_share", "Seats in use", "Use", Unit.SHARE, "Seats in use, of those bought.", _SEATS, better="up"),
    _own(
        *("days_since_sponsor", "Days since the sponsor was heard", "Voice", Unit.DAYS, "Days since words were exchanged with a sponsor.", _SPONSOR),
        then=None,
        better="down",
    ),
    _own("open_tickets", "Open tickets", "Voice", Unit.COUNT, "Questions to support that are not solved.", _TICKETS, then=None, better="down"),
    _own(
        "urgent_tickets",
        "Open urgent tickets",
        "Voice",
        Unit.COUNT,
        "P1 questions to support that are not solved.",
        _URGENT,
        then=None,
        better="down",
    ),
    _own("nps_last", "Last NPS answer", "Voice", Unit.SCORE, "The newest answer, 0 to 10.", _NPS, then=None, better="up"),
    _own(
        "milestones_behind",
        "Milestones behind",
        "Milestones",
        Unit.COUNT,
        "Milestones that take longer than those of their cohort.",
        _BEHIND,
        better="down",
    ),
    _own("overdue_tasks", "Overdue tasks", "Work", Unit.COUNT, "Open tasks whose time is over.", _OVERDUE, then=None, better="down"),
    _own(
        *(
            "risk_high",
            "High risk",
            "Risk",
            Unit.COUNT,
            "1 where the risk is high.",
            _HIGH.format("(select r.band from churn_accountrisk r where r.account_id = a.id)"),
        ),
        then=_HIGH.format(_RISK_THEN.format(column="band")),
        hidden=True,
    ),
    _own(
        *(
            "health_poor",
            "Poor health",
            "Health",
            Unit.COUNT,
            "1 where it is poor.",
            _POOR.format("(select h.band from health_accounthealth h where h.account_id = a.id)"),
        ),
        then=_POOR.format(_HEALTH_THEN.format(column="band")),
        hidden=True,
    ),
)
_BY_KEY = {own.metric.key: own for own in _ALL}
_FETCHED = 2_000

_OF = """
select f.id, f.value::float8 from (
    select a.id, {value} as value from accounts_account a
    where (%(ids)s::bigint[] is null or a.id = any(%(ids)s)) and case when %(past)s
        then coalesce(a.started_on, (a.created_at at time zone 'UTC')::date) <= %(day)s
            and ((a.stage <> 'churned' and a.churned_on is null) or a.churned_on > %(day)s)
        else a.stage <> 'churned' end
) f where f.value is not null order by f.id
"""
_USAGE = """
select r.account_id, r.day, sum(r.count) from accounts_dailyrollup r
where r.account_id = any(%(ids)s) and r.day between %(start)s and %(end)s group by 1, 2
"""
_LIVES = """
select a.id, least(coalesce(a.started_on, (a.created_at at time zone 'UTC')::date),
                   (select min(r.day) from accounts_dailyrollup r where r.account_id = a.id)), a.churned_on
from accounts_account a where a.id = any(%(ids)s)
"""
# The last word of each day, and the last one before the first.
_WORDS = {
    "risk": """
select p.account_id, (p.as_of at time zone 'UTC')::date, p.probability::float8 from churn_prediction p
join churn_modelversion v on v.id = p.model_id join churn_churndefinition c on c.id = v.definition_id and c.is_default
where p.account_id = any(%(ids)s) and p.as_of < (%(end)s::date + 1)::timestamp at time zone 'UTC' order by p.account_id, p.as_of, p.id""",
    "health": """
select p.account_id, (p.as_of at time zone 'UTC')::date, p.score::float8 from health_healthscore p
where p.account_id = any(%(ids)s) and p.as_of < (%(end)s::date + 1)::timestamp at time zone 'UTC' order by p.account_id, p.as_of, p.id""",
}


class UnknownFigure(Refused):
    def __init__(self, key: str) -> None:
        super().__init__(
            "unknown_figure", f"There is no figure {key[:60]!r} of an account. There are: {', '.join(one.key for one in account_figures())}."
        )


def account_figures() -> list[Metric]:
    """What a rule can watch of an account."""
    return [own.metric for own in _ALL if not own.hidden]


def account_figure(key: str) -> Metric:
    return _own_of(key).metric


def has_past(key: str) -> bool:
    """Whether it can be told of past days."""
    return bool(_own_of(key).then)


def of_accounts(key: str, account_ids: Sequence[int] | None, *, now: datetime, as_of: date | None = None) -> Iterator[tuple[int, float]]:
    """(account, value) of present customers by id (None: of all), or of those of a past day as it stood at its end. Who has none is left out.

    One statement; nothing comes for a past day of a figure whose past is not on record.
    """
    own, past = _own_of(key), as_of is not None and as_of < now.date()
    value = own.then if past else own.now
    if not value:
        return
    day = as_of if past and as_of is not None else now.date()
    cut = datetime.combine(day + timedelta(days=1), time.min, UTC) if past else now + timedelta(microseconds=1)
    with connection.cursor() as cursor:
        cursor.execute(_OF.format(value=value), {"ids": None if account_ids is None else list(account_ids), "day": day, "cut": cut, "past": past})
        while rows := cursor.fetchmany(_FETCHED):
            yield from rows


def daily(key: str, account_ids: Sequence[int], *, start: date, end: date) -> dict[int, list[Point]]:
    """The value at the end of each day from `start` to `end`, both included, by account. A day on which it was not known, or on which the account
    was no customer, is None; a day without activity is nought. One or two statements for activity, risk and health, one per day for others."""
    own, ids = _own_of(key), list(account_ids)
    days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
    if key == "usage":
        return _usage(ids, days)
    if key in _WORDS:
        return _carried(key, ids, days)
    found: dict[int, list[Point]] = {account: [] for account in ids}
    midnight = datetime.combine(end + timedelta(days=1), time.min, UTC)
    for day in days:
        values = dict(of_accounts(key, ids, now=midnight, as_of=day)) if own.then else {}
        for account in ids:
            found[account].append(Point(day, values.get(account)))
    return found


def _usage(ids: Sequence[int], days: Sequence[date]) -> dict[int, list[Point]]:
    counted: dict[tuple[int, date], int] = {}
    params = {"ids": list(ids), "start": days[0], "end": days[-1]} if days else {}
    if not days:
        return {account: [] for account in ids}
    with connection.cursor() as cursor:
        cursor.execute(_USAGE, params)
        for account, day, count in cursor.fetchall():
            counted[account, day] = int(count)
    lives = _lives(ids)
    return {
        account: [Point(day, float(counted.get((account, day), 0)) if _lived(lives.get(account), day) else None) for day in days] for account in ids
    }


def _carried(key: str, ids: Sequence[int], days: Sequence[date]) -> dict[int, list[Point]]:
    """What was said last holds until the next word."""
    if not days:
        return {account: [] for account in ids}
    said: dict[int, list[tuple[date, float | None]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_WORDS[key], {"ids": list(ids), "end": days[-1]})
        for account, day, value in cursor.fetchall():
            said.setdefault(account, []).append((day, value))
    lives = _lives(ids)
    found: dict[int, list[Point]] = {}
    for account in ids:
        words, place, value = said.get(account, []), 0, None
        points = []
        for day in days:
            while place < len(words) and words[place][0] <= day:
                value, place = words[place][1], place + 1
            points.append(Point(day, value if _lived(lives.get(account), day) else None))
        found[account] = points
    return found


def _lives(ids: Sequence[int]) -> dict[int, tuple[date, date | None]]:
    with connection.cursor() as cursor:
        cursor.execute(_LIVES, {"ids": list(ids)})
        return {account: (first, last) for account, first, last in cursor.fetchall()}


def _lived(life: tuple[date, date | None] | None, day: date) -> bool:
    return life is not None and life[0] <= day and (life[1] is None or day < life[1])


def _own_of(key: str) -> Own:
    found = _BY_KEY.get(key)
    if found is None:
        raise UnknownFigure(key)
    return found
