"""When a campaign goes out, and when it is whose turn: arithmetic on wall clocks, over every change of them. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from apps.messaging.selectors import first_instant, zone_of

from ..definition import Definition, Once, Recurring

# The clocks that are furthest ahead of UTC and behind it.
_AHEAD, _BEHIND = timedelta(hours=14), timedelta(hours=12)
_DAY = timedelta(days=1)


def next_due(says: Definition, *, after: datetime) -> datetime | None:
    """The first moment from `after` on at which an occurrence has to be made; None: never by the clock. A single one that has passed is made at once,
    so that everybody is told why they got nothing."""
    when = says.when
    if isinstance(when, Once):
        return max(begins(when.wall, when.local), after)
    if not isinstance(when, Recurring):
        return None
    # The day before: where clocks are ahead, an occurrence begins on the UTC day before its own.
    for ahead in range(-1, 64):
        day = after.astimezone(UTC).date() + ahead * _DAY
        if when.falls_on(day) and (moment := begins(datetime.combine(day, when.clock), when.local)) > after:
            return moment
    raise AssertionError("a month without its day")


def begins(wall: datetime, local: bool) -> datetime:
    """When the first clock of the earth shows this, or UTC's."""
    return wall.replace(tzinfo=UTC) - (_AHEAD if local else timedelta())


def ends(wall: datetime, local: bool) -> datetime:
    """When the last clock of the earth shows it."""
    return wall.replace(tzinfo=UTC) + (_BEHIND if local else timedelta())


def wall_of(says: Definition, key: str) -> datetime | None:
    """The wall clock that an occurrence of this name is meant for; None where it goes by no clock."""
    if not isinstance(says.when, Once | Recurring):
        return None
    try:
        return datetime.fromisoformat(key)
    except ValueError:
        # Started by hand, besides its hours.
        return None


def key_of(says: Definition, due_at: datetime) -> str:
    """The name of the occurrence that is due then: its wall clock."""
    when = says.when
    if isinstance(when, Once):
        return when.at
    assert isinstance(when, Recurring)
    moment = due_at.astimezone(UTC) + (_AHEAD if when.local else timedelta())
    return f"{moment.date()}T{when.at}"


def is_single(says: Definition) -> bool:
    return isinstance(says.when, Once)


def is_local(says: Definition) -> bool:
    return isinstance(says.when, Once | Recurring) and says.when.local


def turns(wall: datetime, zones: Iterable[str]) -> dict[str, datetime]:
    """By zone when its clock first shows this; where the clock skips it, the first instant after the gap. What is no zone counts as UTC."""
    known: dict[str, datetime] = {}
    found = {}
    for name in zones:
        zone, _ = zone_of(name)
        if zone.key not in known:
            known[zone.key] = first_instant(wall.date(), wall.time(), zone)
        found[name] = known[zone.key]
    return found


def midnight_after(moment: datetime) -> datetime:
    """The end of that day in UTC."""
    return datetime.combine(moment.astimezone(UTC).date() + _DAY, time(0), UTC)
