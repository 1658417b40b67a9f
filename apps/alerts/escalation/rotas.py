"""Who is on duty when. A turn is counted in days of the rota's own zone, so that it is handed over at the same time on the wall all year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.models import Team, User
from apps.alerts.models import DutyMember, DutyOverride, DutyRota
from apps.alerts.models.duty import known_zone
from apps.core.actor import Actor
from apps.core.errors import Refused

_LONGEST_OVERRIDE = timedelta(days=92)
_MOST_PEOPLE = 30


@dataclass(frozen=True)
class Shift:
    """Somebody's time on duty without a gap; `override` where they stand in, with the reason."""

    user: User | None
    starts_at: datetime
    ends_at: datetime
    override: int | None = None
    why: str = ""


def turn_of(rota: DutyRota, at: datetime) -> int:
    """The number of the turn that is under way, from 0; negative before the first."""
    local = at.astimezone(ZoneInfo(rota.zone))
    day = local.date() if local.time() >= rota.handover_at else local.date() - timedelta(days=1)
    return (day - rota.starts_on).days // rota.turn_days


def begins(rota: DutyRota, turn: int) -> datetime:
    """When a turn begins, in UTC."""
    day = rota.starts_on + timedelta(days=turn * rota.turn_days)
    return datetime.combine(day, rota.handover_at, ZoneInfo(rota.zone)).astimezone(UTC)


def on_duty(rota: DutyRota, *, at: datetime) -> User | None:
    """Who stands in, else whose turn it is among those who still work here; None before the first turn and where nobody does."""
    standing = DutyOverride.objects.filter(rota=rota, starts_at__lte=at, ends_at__gt=at, user__is_active=True).select_related("user")
    if override := standing.order_by("-written_at", "-id").first():
        return override.user
    return _whose(turn_of(rota, at), people(rota))


def who(rota: DutyRota, *, at: datetime) -> User | None:
    """The same of members and overrides that were read before, for lists."""
    standing = [one for one in rota.overrides.all() if one.starts_at <= at < one.ends_at and one.user.is_active]
    if standing:
        return max(standing, key=lambda one: (one.written_at, one.pk)).user
    return _whose(turn_of(rota, at), [member.user for member in rota.members.all() if member.user.is_active])


def people(rota: DutyRota) -> list[User]:
    """In the order of the rota, without those who left."""
    return [member.user for member in rota.members.select_related("user").order_by("position") if member.user.is_active]


def _whose(turn: int, order: Sequence[User]) -> User | None:
    return order[turn % len(order)] if order and turn >= 0 else None


def shifts(rota: DutyRota, *, start: datetime, end: datetime) -> list[Shift]:
    """Who is on duty from `start` to `end`, overrides laid over turns, without gaps."""
    order = people(rota)
    overrides = list(
        DutyOverride.objects.filter(rota=rota, starts_at__lt=end, ends_at__gt=start, user__is_active=True)
        .select_related("user")
        .order_by("-written_at", "-id")
    )
    turns = range(turn_of(rota, start), turn_of(rota, end) + 2)
    edges = {start, end, *(begins(rota, turn) for turn in turns), *(edge for one in overrides for edge in (one.starts_at, one.ends_at))}
    marks = sorted(edge for edge in edges if start <= edge <= end)
    found: list[Shift] = []
    for begin, until in zip(marks, marks[1:], strict=False):
        over = next((one for one in overrides if one.starts_at <= begin < one.ends_at), None)
        user = over.user if over else _whose(turn_of(rota, begin), order)
        last = found[-1] if found else None
        key = over.pk if over else None
        if last is not None and last.user == user and last.override == key:
            found[-1] = Shift(user, last.starts_at, until, key, last.why)
        else:
            found.append(Shift(user, begin, until, key, over.why if over else ""))
    return found


def write(
    rota: DutyRota | None,
    *,
    key: str,
    name: str,
    team: Team | None,
    zone: str,
    starts_on: date,
    handover_at: Any,
    turn_days: int,
    order: Sequence[User],
    now: datetime,
) -> DutyRota:
    """Make a rota or change one. Raises Refused."""
    if not order:
        raise Refused("nobody_on_duty", "A rota needs at least one person. Nothing was changed.")
    if len(order) > _MOST_PEOPLE or len({user.pk for user in order}) != len(order):
        raise Refused("bad_order", f"Name each person once, at most {_MOST_PEOPLE}. Nothing was changed.")
    if not 1 <= turn_days <= 28:
        raise Refused("bad_turn", "A turn lasts 1 to 28 days. Nothing was changed.")
    if rota is None and DutyRota.objects.filter(key=key).exists():
        raise Refused("rota_exists", f"There is a rota {key} already. Choose another key.")
    check_zone(zone)
    values = {"name": name, "team": team, "zone": zone, "starts_on": starts_on, "handover_at": handover_at, "turn_days": turn_days, "changed_at": now}
    with transaction.atomic():
        if rota is None:
            rota = DutyRota.objects.create(key=key, **values)
        else:
            DutyRota.objects.filter(pk=rota.pk).update(**values)
        rota.refresh_from_db()
        DutyMember.objects.filter(rota=rota).delete()
        DutyMember.objects.bulk_create(DutyMember(rota=rota, user=user, position=place) for place, user in enumerate(order))
    return rota


def check_zone(zone: str) -> None:
    """Raises Refused for what is no time zone."""
    try:
        known_zone(zone)
    except ValidationError as error:
        raise Refused("bad_zone", str(error.message)) from error


def stand_in(rota: DutyRota, *, user: User, starts_at: datetime, ends_at: datetime, why: str, actor: Actor, now: datetime) -> DutyOverride:
    """Somebody takes over for a while. Raises Refused."""
    if not starts_at < ends_at <= starts_at + _LONGEST_OVERRIDE:
        raise Refused("bad_override", "It has to end after it begins, and last at most three months. Nothing was changed.")
    if ends_at <= now:
        raise Refused("override_over", "It would be over already. Nothing was changed.")
    if not user.is_active:
        raise Refused("not_here", f"{user} does not work here any more. Nothing was changed.")
    return DutyOverride.objects.create(
        rota=rota, user=user, starts_at=starts_at, ends_at=ends_at, why=why[:120], written_at=now, written_by=str(actor)
    )


def take_back(override: DutyOverride, *, now: datetime) -> None:
    """Nobody stands in any more; what is over stays in the calendar."""
    if override.ends_at <= now:
        raise Refused("override_over", "It is over, and stays in the calendar.")
    if override.starts_at < now:
        DutyOverride.objects.filter(pk=override.pk).update(ends_at=now)
    else:
        override.delete()
