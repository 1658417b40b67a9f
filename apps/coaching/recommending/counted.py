"""How much of some activity accounts had in windows of days, and the events that show it; set-based."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import connection

# Of each (place, account, names): the sum within [first, until).
_WINDOWS = """
select w.place, coalesce(sum(r.count), 0)
from unnest(%(places)s::int[], %(accounts)s::bigint[], %(firsts)s::date[], %(untils)s::date[], %(names)s::text[])
    as w(place, account, first, until, names)
left join accounts_dailyrollup r
    on r.account_id = w.account and r.day >= w.first and r.day < w.until and r.name = any(string_to_array(w.names, E'\\x1f'))
group by w.place
"""
_BY_NAME = """
select account_id, name, sum(count) filter (where day >= %(middle)s::date), sum(count) filter (where day < %(middle)s::date)
from accounts_dailyrollup
where account_id = any(%(ids)s) and name = any(%(names)s) and day >= %(first)s::date and day < %(until)s::date
group by account_id, name
"""
_NEWEST = """
select w.place, e.id
from unnest(%(places)s::int[], %(accounts)s::bigint[], %(names)s::text[]) as w(place, account, names)
cross join lateral (
    select id, at from accounts_activityevent
    where account_id = w.account and at < %(until)s and (w.names = '' or name = any(string_to_array(w.names, E'\\x1f')))
    order by at desc, id desc limit %(limit)s
) e order by w.place, e.at desc, e.id desc
"""
_BETWEEN = "\x1f"

Window = tuple[int, date, date, Sequence[str]]


def in_windows(windows: Sequence[Window]) -> list[float]:
    """The sum of each (account, first day, day after the last, names), in their order."""
    if not windows:
        return []
    parameters: dict[str, Any] = {
        "places": list(range(len(windows))),
        "accounts": [account for account, *_ in windows],
        "firsts": [first for _, first, *_ in windows],
        "untils": [until for _, _, until, _ in windows],
        "names": [_BETWEEN.join(names) for *_, names in windows],
    }
    with connection.cursor() as cursor:
        cursor.execute(_WINDOWS, parameters)
        found = dict(cursor.fetchall())
    return [float(found.get(place, 0)) for place in range(len(windows))]


def by_name(account_ids: Sequence[int], names: Iterable[str], *, until: date, days: int) -> dict[tuple[int, str], tuple[float, float]]:
    """(account, name) -> its sums in the `days` before `until`, and in as many days before those."""
    middle = until - timedelta(days=days)
    parameters: dict[str, Any] = {"ids": list(account_ids), "names": sorted(set(names)), "middle": middle, "until": until}
    parameters["first"] = middle - timedelta(days=days)
    with connection.cursor() as cursor:
        cursor.execute(_BY_NAME, parameters)
        return {(account, name): (float(late or 0), float(early or 0)) for account, name, late, early in cursor.fetchall()}


def newest(asked: Sequence[tuple[int, Sequence[str]]], *, until: date, limit: int = 3) -> list[list[int]]:
    """The keys of the newest activity events of each (account, names) before a day, newest first; no names: of any name."""
    if not asked:
        return []
    parameters: dict[str, Any] = {
        "places": list(range(len(asked))),
        "accounts": [account for account, _ in asked],
        "names": [_BETWEEN.join(names) for _, names in asked],
        "until": until,
        "limit": limit,
    }
    found: list[list[int]] = [[] for _ in asked]
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, parameters)
        for place, key in cursor.fetchall():
            found[place].append(key)
    return found
