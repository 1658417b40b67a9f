"""Quiet hours on the recipient's own clock."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EVENING = time(20)
MORNING = time(8)
WORKDAYS = frozenset(range(5))
_MINUTE = timedelta(minutes=1)


def zone_of(*names: str) -> tuple[ZoneInfo, str]:
    """The first name given, or UTC, and a note when the name is not a zone."""
    for name in names:
        if name:
            try:
                return ZoneInfo(name), ""
            except (ZoneInfoNotFoundError, ValueError, OSError):
                return ZoneInfo("UTC"), f"Unknown time zone {name!r}, so UTC counts."
    return ZoneInfo("UTC"), ""


def is_quiet(moment: datetime, zone: ZoneInfo, *, start: time = EVENING, end: time = MORNING, days: Collection[int] = WORKDAYS) -> bool:
    """Whether the wall clock there shows a quiet time, [start, end) over midnight, or a day off."""
    local = moment.astimezone(zone)
    clock = local.time()
    by_hour = start != end and ((start <= clock < end) if start < end else (clock >= start or clock < end))
    return by_hour or local.weekday() not in days


def next_open(moment: datetime, zone: ZoneInfo, *, start: time = EVENING, end: time = MORNING, days: Collection[int] = WORKDAYS) -> datetime:
    """`moment` itself when it is not quiet there, else the first instant (UTC) that is not."""
    if not days:
        raise ValueError("no day is left to send on")
    moment = moment.astimezone(UTC)
    if not is_quiet(moment, zone, start=start, end=end, days=days):
        return moment
    day = moment.astimezone(zone).date()
    # A week has every weekday; the rest covers a day that a zone skipped (Samoa, 30 December 2011).
    for ahead in range(16):
        # A day ends its quiet time at `end`; where days off matter, a day may also open at midnight.
        for clock in sorted({time(0), end}):
            instant = first_instant(day + timedelta(days=ahead), clock, zone)
            if instant >= moment and not is_quiet(instant, zone, start=start, end=end, days=days):
                return instant
    raise AssertionError(f"no open hour within 16 days in {zone}")


def first_instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When that zone's wall clock first shows this day and time; where DST skips it, the first instant after the gap."""
    wanted = datetime.combine(day, clock)
    instant = wanted.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wanted:
        return instant
    # fold=1 reads the gap with the later offset, which lands before the jump.
    instant = wanted.replace(tzinfo=zone, fold=1).astimezone(UTC).replace(second=0, microsecond=0)
    while instant.astimezone(zone).replace(tzinfo=None) < wanted:
        instant += _MINUTE
    return instant
