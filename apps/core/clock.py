"""The one reader of the time for business decisions. Edges (views, tasks, commands) read it once and pass `now` down."""

import os
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime


def now() -> datetime:
    """The current moment, UTC, shifted by CS_CLOCK_SHIFT seconds where a simulation or a replay sets it."""
    shift = os.environ.get("CS_CLOCK_SHIFT")
    return timezone.now() + timedelta(seconds=float(shift)) if shift else timezone.now()


def read(words: str) -> datetime:
    """A moment from a command line: `2026-03-01` (midnight UTC) or `2026-03-01T14:30:00+01:00`; ValueError says what was expected."""
    try:
        moment = parse_datetime(words)
        day: date | None = None if moment else parse_date(words)
    except ValueError as error:
        raise ValueError(f"{words!r} is no date: {error}. Write 2026-03-01 or 2026-03-01T14:30:00Z.") from error
    if moment is None and day is None:
        raise ValueError(f"{words!r} is no date. Write 2026-03-01 or 2026-03-01T14:30:00Z.")
    if moment is None:
        assert day is not None
        moment = datetime(day.year, day.month, day.day)
    return moment if timezone.is_aware(moment) else moment.replace(tzinfo=timezone.get_default_timezone())
