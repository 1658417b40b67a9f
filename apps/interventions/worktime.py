"""Working time, pure: from a moment so many working minutes on, across nights, weekends, holidays and clock changes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from . import public_holidays

# So far ahead a working day is looked for; a calendar that has none for so long is treated as if it had no rules.
_FURTHEST = timedelta(days=400)


@dataclass(frozen=True)
class Hours:
    """Somebody's working week in their own zone; `days` counts from Monday 0. `region` (`DE-BY`) has public holidays of its own."""

    zone: str = "UTC"
    days: frozenset[int] = frozenset(range(5))
    begins: time = time(9)
    ends: time = time(17)
    holidays: frozenset[date] = field(default_factory=frozenset)
    region: str = ""

    def works_on(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.holidays and not public_holidays.name_of(self.region, day)

    def window(self, day: date) -> tuple[datetime, datetime] | None:
        """A day's working time in UTC, None where it has none. On the day of a clock change it is as long as the clock on the wall makes it."""
        if not self.works_on(day):
            return None
        zone = ZoneInfo(self.zone)
        begins, ends = (datetime.combine(day, clock, zone).astimezone(UTC) for clock in (self.begins, self.ends))
        return (begins, ends) if begins < ends else None

    def windows(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working times that end after `start`, cut off before it, for the next 400 days."""
        day = start.astimezone(ZoneInfo(self.zone)).date()
        for ahead in range(_FURTHEST.days):
            window = self.window(day + timedelta(days=ahead))
            if window is not None and window[1] > start:
                yield max(window[0], start.astimezone(UTC)), window[1]


def after(start: datetime, minutes: float, hours: Hours) -> datetime:
    """The moment when so many working minutes have passed since `start`, in UTC; with 0 minutes the first working moment from `start` on.

    Where no working day comes within 400 days, minutes are counted by the clock.
    """
    left = timedelta(minutes=minutes)
    for begins, ends in hours.windows(start):
        if begins + left <= ends:
            return begins + left
        left -= ends - begins
    return start.astimezone(UTC) + timedelta(minutes=minutes)


def between(start: datetime, end: datetime, hours: Hours) -> float:
    """Working minutes from `start` to `end`; 0 where `end` is not later."""
    total = timedelta()
    for begins, ends in hours.windows(start):
        if begins >= end:
            break
        total += min(ends, end) - begins
    return total.total_seconds() / 60


def day_to_plan(now: datetime, hours: Hours) -> tuple[date, float]:
    """The day a plan made at `now` is for, in the person's zone, and its working minutes that are left: today, or the next working day."""
    for begins, ends in hours.windows(now):
        return begins.astimezone(ZoneInfo(hours.zone)).date(), (ends - begins).total_seconds() / 60
    return now.astimezone(ZoneInfo(hours.zone)).date(), 0.0
