"""What milestones are judged by, read for some accounts at a time: counts from the daily rollups, the exact moments from the events of the day that
matters, traits and metrics since they were as asked."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from .definition import AUDIENCE, METRICS, Criterion
from .judging import Counted, Known, held_key

# An account begins on its first day as a customer; where nobody says which, with its first activity or its row.
BEGINNING = """coalesce(a.started_on::timestamp at time zone 'UTC', least(
    (select min(r.day) from accounts_dailyrollup r where r.account_id = a.id)::timestamp at time zone 'UTC', a.created_at))"""

# `run`: what had come together by the end of each day, ever and within each window that some leaf asks for.
# `first`: the first day on which it was enough. The moment is the event of that day that made the number full; where the events of a rollup are gone,
# the end of that day.
_COUNTS = """
with leaf as materialized (
    select * from jsonb_to_recordset(%(leaves)s::jsonb) as l(key int, name text, by_value bool, days int, asked numeric)
), run as materialized (
    select r.account_id, r.name, r.day, r.count, r.value,
        sum(r.count) over w as n, sum(r.value) over w as v {windows}
    from accounts_dailyrollup r
    where r.account_id = any(%(ids)s) and r.name in (select name from leaf) and r.day <= %(last)s
    window w as (partition by r.account_id, r.name order by r.day)
), so_far as (
    select run.account_id, l.key, l.name, l.by_value, l.asked, run.day, {reached} as enough,
        case when l.by_value then run.value else run.count end as of_day
    from run join leaf l on l.name = run.name
), first as (
    select distinct on (account_id, key) * from so_far where enough >= asked order by account_id, key, day
)
select f.account_id, f.key, coalesce(e.at, (f.day + 1)::timestamp at time zone 'UTC' - interval '1 microsecond')
from first f left join lateral (
    select d.at from (
        select a.at, sum(case when f.by_value then a.value::numeric else 1 end) over (order by a.at, a.id) as n
        from accounts_activityevent a
        where a.account_id = f.account_id and a.name = f.name
          and a.at >= f.day::timestamp at time zone 'UTC' and a.at < (f.day + 1)::timestamp at time zone 'UTC'
    ) d where f.enough - f.of_day + d.n >= f.asked order by d.at limit 1
) e on true
"""
_AMOUNTS = """
select r.account_id, w.name, w.by_value, w.days, sum(case when w.by_value then r.value else r.count end)::float8
from accounts_dailyrollup r
join jsonb_to_recordset(%(wanted)s::jsonb) as w(name text, by_value bool, days int) on w.name = r.name
where r.account_id = any(%(ids)s) and r.day <= %(last)s and (w.days is null or r.day > %(last)s::date - w.days)
group by 1, 2, 3, 4
"""
_HOLD = """
insert into milestones_held (account_id, what, since)
select a.id, %(what)s, coalesce(
    (select max(c.at) from events_change c where c.subject = 'account:' || a.id and c.field = any(%(fields)s)), {beginning})
from accounts_account a where {which} and ({condition})
on conflict (account_id, what) do nothing
"""
# The first event of some names after a moment: on the moment's own day by the events, on a later one by the rollups first.
_STARTED = """
select i.row, coalesce(same.at, later.at, (day.day + 1)::timestamp at time zone 'UTC' - interval '1 microsecond')
from jsonb_to_recordset(%(rows)s::jsonb) as i(row int, account bigint, names jsonb, opened timestamptz)
cross join lateral (select array(select jsonb_array_elements_text(i.names)) as names, (i.opened at time zone 'UTC')::date as opened_on) n
left join lateral (
    select min(a.at) as at from accounts_activityevent a
    where a.account_id = i.account and a.at > i.opened and a.at <= %(now)s
      and a.at < (n.opened_on + 1)::timestamp at time zone 'UTC' and a.name = any(n.names)
) same on true
left join lateral (
    select r.day from accounts_dailyrollup r
    where same.at is null and r.account_id = i.account and r.day > n.opened_on and r.day <= %(last)s and r.name = any(n.names) order by r.day limit 1
) day on true
left join lateral (
    select min(a.at) as at from accounts_activityevent a
    where a.account_id = i.account and a.name = any(n.names)
      and a.at >= day.day::timestamp at time zone 'UTC' and a.at < (day.day + 1)::timestamp at time zone 'UTC'
) later on day.day is not null
where same.at is not null or day.day is not null
"""
_CUSTOMERS = f"select a.id, {BEGINNING} as began, a.tier, a.segment, a.plan, a.stage from accounts_account a where a.id = any(%s) order by a.id"  # noqa: S608


@dataclass(frozen=True)
class Customer:
    """What decides whose path a milestone is on, and when the path begins."""

    id: int
    began: datetime
    tier: str
    segment: str
    plan: str
    stage: str


@dataclass
class Facts:
    """Of some accounts, by account."""

    counts: dict[int, dict[Counted, datetime]] = field(default_factory=dict)
    held: dict[int, dict[str, datetime]] = field(default_factory=dict)
    amounts: dict[int, dict[tuple[str, bool, int | None], float]] = field(default_factory=dict)

    def known(self, account_id: int, reached: dict[str, datetime]) -> Known:
        return Known(self.counts.get(account_id, {}), self.held.get(account_id, {}), reached, self.amounts.get(account_id, {}))


def customers(account_ids: Sequence[int]) -> list[Customer]:
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS, [list(account_ids)])
        return [Customer(*row) for row in cursor.fetchall()]


def gather(account_ids: Sequence[int], *, counts: Iterable[Counted], states: Iterable[Criterion], now: datetime) -> Facts:
    """Everything that these leaves ask of these accounts, as of a moment: four statements, and one more for each trait or metric."""
    found, ids, last = Facts(), list(account_ids), now.date()
    leaves = sorted(set(counts), key=str)
    with connection.cursor() as cursor:
        if leaves:
            said = [
                {"key": key, "name": leaf.name, "by_value": leaf.by_value, "days": leaf.days, "asked": leaf.asked} for key, leaf in enumerate(leaves)
            ]
            cursor.execute(_counts({leaf.days for leaf in leaves}), {"ids": ids, "leaves": json.dumps(said), "last": last})
            for account_id, key, at in cursor.fetchall():
                if at <= now:
                    found.counts.setdefault(account_id, {})[leaves[key]] = at
            wanted = sorted({(leaf.name, leaf.by_value, leaf.days) for leaf in leaves}, key=str)
            asked = [{"name": name, "by_value": by_value, "days": days} for name, by_value, days in wanted]
            cursor.execute(_AMOUNTS, {"ids": ids, "wanted": json.dumps(asked), "last": last})
            for account_id, name, by_value, days, amount in cursor.fetchall():
                found.amounts.setdefault(account_id, {})[name, by_value, days] = amount
    if kept := {held_key(leaf): leaf for leaf in states}:
        hold(kept.values(), account_ids=ids)
        with connection.cursor() as cursor:
            cursor.execute(
                "select account_id, what, since from milestones_held where account_id = any(%s) and what = any(%s) and since <= %s",
                [ids, list(kept), now],
            )
            for account_id, what, since in cursor.fetchall():
                found.held.setdefault(account_id, {})[what] = since
    return found


def hold(states: Iterable[Criterion], *, account_ids: Sequence[int] | None = None) -> None:
    """Remember since when traits and metrics are as these leaves ask, for some accounts or all; what is remembered stays."""
    for leaf in states:
        condition, fields, parameters = _state(leaf)
        which = "a.id = any(%(ids)s)" if account_ids is not None else "true"
        statement = _HOLD.format(beginning=BEGINNING, which=which, condition=condition)
        with connection.cursor() as cursor:
            ids = list(account_ids) if account_ids is not None else None
            cursor.execute(statement, {"what": held_key(leaf), "fields": fields, "ids": ids, **parameters})


def _state(leaf: Criterion) -> tuple[str, list[str], dict[str, Any]]:
    """The condition over `a` of a trait or a metric, the fields whose change moves it, and its parameters."""
    if leaf.trait is not None:
        return "a.traits -> %(trait)s = %(value)s::jsonb", [f"traits.{leaf.trait}"], {"trait": leaf.trait, "value": json.dumps(leaf.equals)}
    assert leaf.metric is not None
    formula, fields = METRICS[leaf.metric]
    joint, value = (">=", leaf.at_least) if leaf.at_least is not None else ("<=", leaf.at_most)
    return f"{formula} {joint} %(value)s", list(fields), {"value": value}


def started(rows: Sequence[tuple[int, list[str], datetime]], *, now: datetime) -> dict[int, datetime]:
    """By place in `rows` (account, names, opened): the first event of these names after it opened."""
    if not rows:
        return {}
    said = [{"row": place, "account": account, "names": names, "opened": str(opened)} for place, (account, names, opened) in enumerate(rows)]
    with connection.cursor() as cursor:
        cursor.execute(_STARTED, {"rows": json.dumps(said), "now": now, "last": now.date()})
        return {place: at for place, at in cursor.fetchall() if at <= now}


def _counts(windows: Iterable[int | None]) -> str:
    """The statement for leaves with these windows (days)."""
    days = sorted(own for own in windows if own is not None)
    sums = "".join(
        f", sum(r.{column}) over (w range between interval '{own - 1} days' preceding and current row) as {short}{own}"
        for own in days
        for column, short in (("count", "n"), ("value", "v"))
    )
    whens = "".join(f" when l.days = {own} then (case when l.by_value then run.v{own} else run.n{own} end)" for own in days)
    return _COUNTS.format(windows=sums, reached=f"(case{whens} when l.by_value then run.v else run.n end)")


assert set(AUDIENCE) <= set(Customer.__dataclass_fields__)
