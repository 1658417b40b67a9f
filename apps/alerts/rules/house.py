"""Figures of the house itself that rules look at: the few about deliveries and data, and every metric of the registry."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection

from apps.metrics.types import Metric, Point, Unit

# Fewer mails say nothing of a rate of one in a thousand.
_FEWEST_SENT = 100

SILENT_DATA = Metric("days_without_activity", "Days without activity", "Data", Unit.DAYS, "Days since any customer's activity came in.", own=False)
COMPLAINTS = Metric(
    "complaint_share",
    "Complaints",
    "Messages",
    Unit.SHARE,
    f"Mails of the last 7 days that were reported as spam, of all sent; not known under {_FEWEST_SENT}.",
    of="mails sent",
    better="down",
    own=False,
)
_OURS = {one.key: one for one in (SILENT_DATA, COMPLAINTS)}

_SILENT_DATA = """
select d::date, (select d::date - r.day from (
    select p::date as day from generate_series(d, d - interval '60 days', interval '-1 day') p
    where exists (select 1 from accounts_dailyrollup where day = p::date) limit 1) r)
from generate_series(%(start)s::date, %(end)s::date, interval '1 day') d order by 1
"""
_COMPLAINTS = """
select d::date, count(*), count(*) filter (where exists (
    select 1 from messaging_providerevent p where p.message_id = m.id and p.raw ->> 'type' = 'complained'))
from generate_series(%(start)s::date, %(end)s::date, interval '1 day') d
join messaging_message m on m.channel = 'email' and m.sent_at >= (d - interval '6 days') at time zone 'UTC'
    and m.sent_at < (d + interval '1 day') at time zone 'UTC' and m.sent_at <= %(until)s
group by 1 order by 1
"""


def figures() -> list[Metric]:
    return list(_OURS.values())


def known(key: str) -> bool:
    return key in _OURS


def daily(key: str, *, start: date, end: date, filters: Mapping[str, str], until: datetime | None = None) -> list[Point]:
    """The value of the house at the end of every day; None: not known."""
    days = [start + timedelta(days=one) for one in range((end - start).days + 1)]
    found = _read(key, start, end, until or datetime.combine(end + timedelta(days=1), time(0), UTC))
    return [Point(day, found.get(day)) for day in days]


def _read(key: str, start: date, end: date, until: datetime) -> dict[date, float | None]:
    with connection.cursor() as cursor:
        if key == SILENT_DATA.key:
            cursor.execute(_SILENT_DATA, {"start": start, "end": end})
            return {day: None if silent is None else float(silent) for day, silent in cursor.fetchall()}
        cursor.execute(_COMPLAINTS, {"start": start, "end": end, "until": until})
        return {day: bad / sent if sent >= _FEWEST_SENT else None for day, sent, bad in cursor.fetchall()}
