"""Features of many accounts at one moment, by one SQL statement. Nothing later than `as_of` can reach a row."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
from django.db import connection

from apps.accounts.types import Meaning
from apps.core.statements import prepared_table

from . import story, ties, undone
from .figures import Figures, Row
from .registry import ACCOUNT, COUNTED, DATED, NAME, SUMS, TRAIT, TROUBLES, YEAR

# Events that are trouble or bookkeeping are no use of the product.
NOT_USE = (Meaning.SUPPORT, Meaning.PAYMENT, Meaning.LEAVING, Meaning.BILLING)
_NOT_USE = "(" + ", ".join(f"'{meaning}'" for meaning in NOT_USE) + ")"
# How each of SUMS is made of daily rollups `r`.
_OVER = {"uses": "sum(r.count)", "active": "count(distinct r.day)", "worth": "sum(r.value)"}

# The past is read from the daily rollups. Of the present day, which is not over, only what can be judged before it ends is read, event by event:
# whether the account was active, and trouble. A moment at midnight has no present day.
# Sums stand in tables of their own: a planner without statistics yet (fresh rows) would make them anew for every account.
_STATEMENT = """
with people as materialized (
    select a.id, a.renews_on, today.*, coalesce(a.started_on, least(
        (select min(r.day) from accounts_dailyrollup r where r.account_id = a.id and r.day < %(cut)s::date), (a.created_at at time zone 'UTC')::date
    )) as start
    from accounts_account a
    cross join lateral (
        select bool_or(coalesce(e.meaning, 'other') not in {not_use}) as used,
            count(*) filter (where e.meaning = 'support') as support,
            count(*) filter (where e.meaning = 'payment') as payment,
            count(*) filter (where e.meaning = 'leaving') as leaving
        from accounts_activityevent v left join accounts_eventname e on e.name = v.name
        where %(today)s and v.account_id = a.id and v.at >= %(midnight)s and v.at <= %(as_of)s
    ) today
    where (a.churned_on >= %(known)s::date or (a.churned_on is null and a.stage <> 'churned')) {people_filter}
), figures as materialized (
    select r.account_id, min(r.day) as first, max(r.day) as last, {figures},
        count(distinct r.name) filter (where r.day >= %(cut)s::date - 28) as names
    from accounts_dailyrollup r
    where r.day >= %(cut)s::date - {year} and r.day < %(cut)s::date {and_account}
        and r.name not in (select name from accounts_eventname where meaning in {not_use})
    group by r.account_id
), troubles as materialized (
    select r.account_id, {troubles}
    from accounts_dailyrollup r join accounts_eventname e on e.name = r.name and e.meaning in {trouble}
    where r.day >= %(cut)s::date - {trouble_days} and r.day < %(cut)s::date {and_account}
    group by r.account_id
){named}, {story}, made as (
    select p.id, {expressions}
    from people p
    left join figures d on d.account_id = p.id
    left join troubles g on g.account_id = p.id
    {named_join}
    {story_joins}
    where p.start < %(known)s::date
)
select made.*, {account} from made join accounts_account a on a.id = made.id
{account_joins}
order by made.id
"""


def moment(as_of: datetime) -> dict[str, Any]:
    """The bounds that a moment gives: `cut` is the first day not read from rollups, `known` the first day of which nothing is known, `last` the one
    before it (28 days end with it and begin at `since_28`), `seen` the last instant known: midnight itself belongs to the day that begins."""
    as_of = as_of.astimezone(UTC)
    cut = as_of.date()
    midnight = datetime.combine(cut, time(), UTC)
    today = as_of > midnight
    known = cut + timedelta(days=1) if today else cut
    seen = as_of if today else midnight - timedelta(microseconds=1)
    last = known - timedelta(days=1)
    since = datetime.combine(last - timedelta(days=27), time(), UTC)
    bounds = {"cut": cut, "known": known, "last": last, "since_28": since, "today": today, "midnight": midnight}
    return bounds | {"as_of": as_of, "seen": seen}


def end_of(day: date) -> datetime:
    """The moment at which a day is over: a score as of a date knows that whole day and nothing later."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


class Whom(StrEnum):
    """The accounts that a statement speaks of, as the condition that their key meets."""

    ALL = ""
    SOME = "= any(%(ids)s)"
    ONE = "= %(id)s"


@lru_cache(maxsize=50)
def statement(whom: Whom, names: int = 0) -> str:
    """The one statement for all accounts, some (parameter `ids`) or one (`id`), with counts of so many activity names (parameters `name_0`...)."""
    expressions = [f"{feature.sql} as {feature.key}" for feature in COUNTED]
    expressions += [f"coalesce(n.name_{place}, 0)::float8 as name_{place}" for place in range(names)]
    and_account = whom and f"and r.account_id {whom}"
    return _STATEMENT.format(
        people_filter=whom and f"and a.id {whom}",
        and_account=and_account,
        figures=_each(_figure(what, back) for what, windows in SUMS.items() for back in windows),
        troubles=_each(_trouble(meaning, back) for meaning, back in TROUBLES.items()),
        trouble="(" + ", ".join(f"'{meaning}'" for meaning in TROUBLES) + ")",
        trouble_days=max(TROUBLES.values()),
        named=", " + _named(names, and_account) if names else "",
        named_join="left join named n on n.account_id = p.id" if names else "",
        story=", ".join(part.tables(whom) for part in (undone, story, ties)),
        story_joins=f"{story.JOINS}\n    {ties.JOINS}",
        not_use=_NOT_USE,
        year=YEAR,
        expressions=_each(expressions),
        account=f"{undone.ARR} as arr, {undone.SEATS} as seats, {undone.PLAN} as plan, {undone.TRAITS} as traits",
        account_joins=undone.JOINS,
    )


def _each(expressions: Iterable[str]) -> str:
    return ",\n        ".join(expressions)


def _figure(what: str, back: int) -> str:
    return f"coalesce({_OVER[what]} filter (where r.day >= %(cut)s::date - {back}), 0) as {what}_{back}"


def _trouble(meaning: str, back: int) -> str:
    return f"sum(r.count) filter (where e.meaning = '{meaning}' and r.day >= %(cut)s::date - {back}) as {meaning}_{back}"


def _named(names: int, and_account: str) -> str:
    counts = _each(f"sum(r.count) filter (where r.name = %(name_{place})s) as name_{place}" for place in range(names))
    asked = ", ".join(f"%(name_{place})s" for place in range(names))
    return f"""named as materialized (
    select r.account_id, {counts}
    from accounts_dailyrollup r
    where r.day >= %(cut)s::date - 28 and r.day < %(cut)s::date and r.name in ({asked}) {and_account}
    group by r.account_id
)"""  # noqa: S608


def figures(*, as_of: datetime, account_ids: Sequence[int] | None = None, names: Sequence[str] = ()) -> Figures:
    """Raw features of every account that is a customer at `as_of`: started, not churned. Traits stand under `trait:NAME`."""
    parameters = moment(as_of) | {f"name_{place}": name for place, name in enumerate(names)}
    columns, found = _read(parameters, account_ids, names)
    known_as = {f"name_{place}": NAME + name for place, name in enumerate(names)}
    columns = [known_as.get(name, name) for name in columns]
    return _turned(columns, found, parameters["cut"])


def _read(parameters: Mapping[str, Any], account_ids: Sequence[int] | None, names: Sequence[str]) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Names of the columns, and rows. For one account planning the statement costs several times what running it does, so it is planned once."""
    if account_ids is not None and len(account_ids) == 1:
        return prepared_table(statement(Whom.ONE, len(names)), {**parameters, "id": account_ids[0]})
    with connection.cursor() as cursor:
        if account_ids is None:
            cursor.execute(statement(Whom.ALL, len(names)), parameters)
        else:
            cursor.execute(statement(Whom.SOME, len(names)), {**parameters, "ids": list(account_ids)})
        return [column.name for column in cursor.description], cursor.fetchall()


def rows(*, as_of: datetime, account_ids: Sequence[int] | None = None, names: Sequence[str] = ()) -> list[Row]:
    """The same, account by account."""
    return figures(as_of=as_of, account_ids=account_ids, names=names).rows()


def attributes(account_ids: Sequence[int] | None = None) -> Figures:
    """What is known of accounts apart from their activity, for definitions that read a column: churned customers included, `churned` tells them."""
    only = "where a.id = any(%(ids)s)" if account_ids is not None else ""
    account = ", ".join(f"{feature.sql} as {feature.key}" for feature in ACCOUNT)
    with connection.cursor() as cursor:
        cursor.execute(
            f"select a.id, (a.stage = 'churned')::int as churned, {account}, a.plan, a.traits from accounts_account a {only} order by a.id",  # noqa: S608
            {"ids": list(account_ids or ())},
        )
        return _turned([column.name for column in cursor.description], cursor.fetchall())


def _turned(names: Sequence[str], found: Sequence[tuple[Any, ...]], cut: date | None = None) -> Figures:
    """Rows turned on their side; where they belong to a moment, a trait that is a date becomes the days that have passed since."""
    held = dict(zip(names, zip(*found, strict=True) if found else [()] * len(names), strict=True))
    ids, plan, traits = held.pop("id"), held.pop("plan"), held.pop("traits")
    columns: dict[str, Any] = {name: np.array(values, float) for name, values in held.items()}
    columns["plan"] = list(plan)
    unknown: list[Any] = [None] * len(ids)
    for place, told in enumerate(traits):
        for name, value in json.loads(told).items():
            day = _day(value) if cut is not None and isinstance(value, str) else None
            key = f"{TRAIT if day is None else DATED}{name}"
            if key not in columns:
                columns[key] = unknown.copy() if day is None else np.full(len(ids), np.nan)
            columns[key][place] = value if cut is None or day is None else (cut - day).days
    return Figures(np.array(ids, int), columns)


def _day(text: str) -> date | None:
    if text[4:5] != "-" or text[7:8] != "-" or not (len(text) == 10 or text[10:11] in ("T", " ")):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
