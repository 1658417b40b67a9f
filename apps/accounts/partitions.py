"""The months of the activity table: made before they are needed, or when the default partition holds enough of one."""

import logging
from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from django.db import OperationalError, connection, transaction

log = logging.getLogger(__name__)

TABLE = "accounts_activityevent"
_DEFAULT = f"{TABLE}_default"
# Fewer rows of a month are no burden where they are, and a few wrong dates must not make a hundred tables.
WORTH = 10_000
_AHEAD = 2
_LOCK_KEY = 7_130_432
# Whoever waits for the default partition makes others wait behind it: rather try again another time.
_PATIENCE = "2s"

_CROWDED = """
select date_trunc('month', at at time zone 'UTC')::date from accounts_activityevent_default group by 1 having count(*) >= %s order by 1
"""
_MONTHS = "select relid::regclass::text from pg_partition_tree(%s::regclass) where isleaf"
_MAKE = """
create table {table} (like {parent} including all);
with gone as (delete from {default} where at >= '{start}' and at < '{end}' returning *) insert into {table} select * from gone;
alter table {parent} attach partition {table} for values from ('{start}') to ('{end}')
"""


def keep(*, now: datetime) -> list[str]:
    """This month, the next two, and every month that has become crowded in the default partition; returns the names of those made."""
    this = now.astimezone(UTC).date().replace(day=1)
    ahead = [_later(this, months) for months in range(_AHEAD + 1)]
    with connection.cursor() as cursor:
        cursor.execute(_CROWDED, [WORTH])
        crowded = [row[0] for row in cursor.fetchall()]
    return ensure([*ahead, *crowded])


def ensure(days: Iterable[date]) -> list[str]:
    """A partition for the month of each of these days. A month that could not be had without waiting stays in the default partition for now."""
    made = []
    there = _names()
    for first in sorted({day.replace(day=1) for day in days}):
        if _name(first) not in there and _make(first):
            made.append(_name(first))
    return made


def _names() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS, [TABLE])
        return {row[0] for row in cursor.fetchall()}


def _make(first: date) -> bool:
    start, end = (datetime.combine(day, time(), UTC).isoformat() for day in (first, _later(first, 1)))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"set local lock_timeout = '{_PATIENCE}'")
            cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK_KEY])
            if _name(first) in _names():
                return False
            # Checks that wait for the commit would forbid to change the table.
            cursor.execute(f"set constraints all immediate; set constraints all deferred; lock table {_DEFAULT} in access exclusive mode")
            cursor.execute(_MAKE.format(table=_name(first), parent=TABLE, default=_DEFAULT, start=start, end=end))
            cursor.execute("set local lock_timeout = default")
    except OperationalError as error:
        log.warning("the partition %s was not made now: %s", _name(first), error)
        return False
    return True


def _name(first: date) -> str:
    return f"{TABLE}_{first:%Y_%m}"


def _later(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)
