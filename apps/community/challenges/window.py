"""When a challenge begins, ends and closes: its days are days of its own zone, also over a change of the clocks. Pure."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ..models import Challenge


def starts_at(challenge: Challenge) -> datetime:
    return _midnight(challenge.first_day, challenge.zone)


def ends_at(challenge: Challenge) -> datetime:
    """The midnight after the last day."""
    return _midnight(challenge.last_day + timedelta(days=1), challenge.zone)


def closes_at(challenge: Challenge) -> datetime:
    """What we learn after this is late."""
    return ends_at(challenge) + timedelta(hours=challenge.grace_hours)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
