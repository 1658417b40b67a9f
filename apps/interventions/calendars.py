"""When people work, as the pure clock of worktime.py wants it."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db.models import Q

from apps.accounts.models import User

from .models import Holiday, WorkingTime
from .worktime import Hours

DEFAULT_CAPACITY = 300
# Holidays are read from the day before a moment until so long after it.
_AHEAD = timedelta(days=400)


def zone_of(user: User | None) -> str:
    try:
        return ZoneInfo(user.time_zone or "UTC").key if user else "UTC"
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


def hours_of(user: User | None, *, now: datetime) -> Hours:
    """Somebody's own hours, or Monday to Friday from nine to five in their zone; less the holidays of their team, of everybody, of their region."""
    found = WorkingTime.objects.filter(user=user).first() if user else None
    return made(user, found, holidays(user, now=now))


def made(user: User | None, found: WorkingTime | None, free: Collection[date]) -> Hours:
    if found is None:
        return Hours(zone=zone_of(user), holidays=frozenset(free), region=settings.HOLIDAYS_REGION)
    region = found.region or settings.HOLIDAYS_REGION
    return Hours(zone_of(user), frozenset(found.days), found.begins, found.ends, frozenset(free), region)


def holidays(user: User | None, *, now: datetime) -> list[date]:
    whose = Q(team__isnull=True) | Q(team=user.team_id if user else None)
    day = now.date()
    return list(Holiday.objects.filter(whose, day__range=(day - timedelta(days=2), day + _AHEAD)).values_list("day", flat=True))
