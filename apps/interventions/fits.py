"""Audiences as they stand: who began or ceased to fit a play's audience, whose run no longer fits, whose condition of success holds.

Judged for the accounts that an event touched, and for everybody at planned instants, which stand on the clock: a replay looks at the same ones.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.db import connection, transaction
from django.db.models import Q

from apps.core.actor import Actor
from apps.events.models import Event

from . import entering, facts, goals, machine
from .conditions import facts_in, holds
from .definition import WEEKDAYS, Becomes, Definition, OnAudience, OnSchedule
from .ending import end_all
from .fact_list import FACTS
from .models import Enrolment, Fit, Play, PlayVersion
from .types import EnrolmentState, ExitReason, PlayState

# The hour (UTC) of the daily look.
LOOK_HOUR = 5
_A_DAY = timedelta(days=1)

_BEGIN = """
insert into interventions_fit (play_id, account_id, since)
select %(play)s, account, %(now)s from unnest(%(accounts)s::bigint[]) as account order by account
on conflict do nothing returning account_id
"""
_CEASE = "delete from interventions_fit where play_id = %(play)s and account_id = any(%(accounts)s) returning account_id"

_FIELDS = {"stage", "tier", "segment", "plan", "arr", "age_days", "renews_in_days", "seats_used_percent", "left_days"}
_PEOPLE = {"sponsor_left_days", "sponsors", "contacts"}
_STORY = {"open_tickets", "urgent_hours", "tickets_28_days", "overdue_days", "payment_failed", "last_nps", "nps_days", "two_way_days"}
_RISK = {"risk_percent", "risk_band", "top_reason"}
_HEALTH = {"health", "health_band", "health_fell"}

# What an event of this type can change at once; what only passing days change is seen by the planned looks.
MOVES: Mapping[str, frozenset[str]] = {
    "activity.received": frozenset({"days_since_use", "core_events", "days_since_core"}),
    "story.changed": frozenset(_STORY | _PEOPLE),
    "accounts.changed": frozenset(_FIELDS | _PEOPLE | _STORY),
    "account.churned": frozenset(_FIELDS),
    "risk.raised": frozenset(_RISK),
    "risk.lowered": frozenset(_RISK),
    "health.changed": frozenset(_HEALTH),
    "health.band_changed": frozenset(_HEALTH),
    "message.replied": frozenset({"two_way_days"}),
    "import.finished": frozenset(FACTS),
}

Reaches = Callable[[str, int], bool]


def audience_plays() -> list[Play]:
    return list(Play.objects.filter(state=PlayState.LIVE, starts_on="audience").select_related("current").order_by("pk"))


def look(
    plays: Sequence[Play], account_ids: Collection[int] | None, *, reaches: Reaches, actor: Actor, now: datetime, cause: Event | None = None
) -> int:
    """Judge these accounts (None: everybody) against the audiences of these plays; whoever began or ceased to fit enters where the play says so.

    Returns how many came in.
    """
    if not plays:
        return 0
    known = facts.of(_ids(account_ids), names={fact for play in plays for fact in entering.asked_of(play.says)}, now=now)
    held: dict[int, set[int]] = defaultdict(set)
    fits = Fit.objects.filter(play__in=plays)
    for play_id, account in (fits if account_ids is None else fits.filter(account__in=account_ids)).values_list("play_id", "account_id"):
        held[play_id].add(account)
    came = 0
    for play in plays:
        fitting = who_fits(play.says, known)
        begun = _turn(_BEGIN, play, fitting - held[play.pk], now)
        ceased = _turn(_CEASE, play, held[play.pk] - fitting, now)
        moved = ceased if play.says.on_leaving else begun
        keys = {account: fit_key(account, now) for account in moved}
        reached = {account for account in keys if reaches(play.key, account)}
        came += len(entering.enter(play, keys, reached=reached, actor=actor, now=now, cause=cause).runs)
    return came


def who_fits(says: Definition, known: Mapping[int, Mapping[str, Any]]) -> set[int]:
    """Of the accounts with these facts; who has left fits only a play for leavers."""
    leavers = entering.for_leavers(says)
    return {account for account, fact in known.items() if (leavers or fact["stage"] != "churned") and holds(says.audience, fact)}


def fit_key(account_id: int, now: datetime) -> str:
    return f"fit:{account_id}:{now.astimezone(UTC).isoformat()}"


def _turn(statement: str, play: Play, accounts: Collection[int], now: datetime) -> set[int]:
    """The accounts that turned by this call; another worker may have seen some of them first."""
    if not accounts:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(statement, {"play": play.pk, "accounts": sorted(accounts), "now": now})
        return {row[0] for row in cursor.fetchall()}


def seed(play: Play, *, now: datetime) -> None:
    """Whoever fits at the moment a play goes live has not begun to fit: they are written down and do not enter."""
    if play.current is None or not isinstance(play.says.trigger, OnAudience):
        return
    fitting = who_fits(play.says, facts.of(None, names=entering.asked_of(play.says), now=now))
    with transaction.atomic():
        Fit.objects.filter(play=play).exclude(account__in=fitting).delete()
        _turn(_BEGIN, play, fitting, now)


def review_runs(
    account_ids: Collection[int] | None,
    *,
    actor: Actor,
    now: datetime,
    moved: Collection[str] | None,
    plays: Collection[Play] | None = None,
    cause: Event | None = None,
) -> int:
    """End the runs of these accounts (None: all) that no longer fit their audience, where their play says so.

    `moved`: the facts that may have changed (None: any); `plays`: only their runs. Returns how many ended.
    """
    running = Enrolment.objects.filter(state=EnrolmentState.WAITING, paused=False)
    if plays is not None:
        running = running.filter(play__in=plays)
    if account_ids is not None:
        running = running.filter(account__in=account_ids)
    by_version: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for key, account, version in running.values_list("pk", "account_id", "version_id"):
        by_version[version].append((key, account))
    says = {version.pk: version.says for version in PlayVersion.objects.filter(pk__in=by_version)}
    strict = {key: said for key, said in says.items() if (asked := machine.audience_facts(said)) and (moved is None or asked & set(moved))}
    if not strict:
        return 0
    accounts = sorted({account for version in strict for _, account in by_version[version]})
    known = facts.of(accounts, names={fact for said in strict.values() for fact in facts_in(said.audience)}, now=now)
    ending = {
        key: ExitReason.UNMATCHED
        for version, said in strict.items()
        for key, account in by_version[version]
        if not holds(said.audience, known.get(account, {}))
    }
    return len(end_all(ending, actor=actor, now=now, cause=cause))


# --- planned looks and schedules


def hourly(says: Definition) -> bool:
    """Whether passing hours can change who fits, or what counts as success."""
    asked = facts_in(says.audience) | (facts_in(says.goal.reached.when) if isinstance(says.goal.reached, Becomes) else set())
    return any(FACTS[fact].hourly for fact in asked if fact in FACTS)


def last_instant(says: Definition, now: datetime) -> datetime:
    """The newest instant, not after `now`, at which this play looks at everybody, or at which its schedule strikes."""
    now = now.astimezone(UTC)
    if isinstance(says.trigger, OnSchedule):
        return _last_strike(says.trigger, now)
    if hourly(says):
        return now.replace(minute=0, second=0, microsecond=0)
    today = now.replace(hour=LOOK_HOUR, minute=0, second=0, microsecond=0)
    return today if today <= now else today - _A_DAY


def _last_strike(schedule: OnSchedule, now: datetime) -> datetime:
    moment = now.replace(hour=schedule.hour.hour, minute=schedule.hour.minute, second=0, microsecond=0)
    while moment > now or not _strikes_on(schedule, moment):
        moment -= _A_DAY
    return moment


def _strikes_on(schedule: OnSchedule, moment: datetime) -> bool:
    if schedule.every == "week":
        return WEEKDAYS[moment.weekday()] == schedule.weekday
    return schedule.every == "day" or moment.day == schedule.day


def look_at_all(*, reaches: Reaches, actor: Actor, now: datetime) -> int:
    """Every planned look whose instant has come: audiences, schedules, runs that may no longer fit, conditions of success. Returns how many came in.

    An instant that passed more than a day ago is left out: who was meant by it then is not meant now.
    """
    running = Enrolment.objects.filter(state=EnrolmentState.WAITING)
    watched = Enrolment.objects.filter(judged_at=None, goal_met_at=None).exclude(state=EnrolmentState.CANDIDATE)
    plays = Play.objects.filter(
        Q(state=PlayState.LIVE, starts_on__in=["audience", "schedule"]) | Q(pk__in=running.values("play")) | Q(pk__in=watched.values("play")),
        current__isnull=False,
    )
    with transaction.atomic():
        # Nobody else looks at these plays meanwhile.
        locked = Play.objects.filter(pk__in=plays.values("pk")).order_by("pk").select_for_update(of=("self",), no_key=True)
        due = [found for play in locked.select_related("current") if (found := _due(play, now)) is not None]
        return _planned(due, reaches=reaches, actor=actor, now=now)


@dataclass(frozen=True)
class _Look:
    """A play whose planned instant has come; `strikes`: when its schedule strikes, where that is now."""

    play: Play
    strikes: datetime | None = None


def _due(play: Play, now: datetime) -> _Look | None:
    """The first look of a play that is just live begins the count."""
    says = play.says
    instant = last_instant(says, now)
    looks = max(instant, last_instant(without_schedule(says), now)) if isinstance(says.trigger, OnSchedule) else instant
    before = play.looked_at
    if before is None:
        Play.objects.filter(pk=play.pk).update(looked_at=looks)
        return None
    if before >= looks:
        return None
    play.looked_at = looks
    struck = isinstance(says.trigger, OnSchedule) and before < instant and now - instant < _A_DAY
    return _Look(play, instant if struck else None)


def _planned(due: Sequence[_Look], *, reaches: Reaches, actor: Actor, now: datetime) -> int:
    """All looks of one moment share their facts."""
    if not due:
        return 0
    Play.objects.bulk_update([one.play for one in due], ["looked_at"])
    live = [one for one in due if one.play.state == PlayState.LIVE]
    came = look([one.play for one in live if one.play.starts_on == "audience"], None, reaches=reaches, actor=actor, now=now)
    for one in live:
        if one.strikes is not None:
            came += strike(one.play, one.strikes, reaches=reaches, actor=actor, now=now)
    _review([one.play for one in due], actor=actor, now=now)
    return came


def without_schedule(says: Definition) -> Definition:
    return msgspec.structs.replace(says, trigger=OnAudience())


def strike(play: Play, instant: datetime, *, reaches: Reaches, actor: Actor, now: datetime) -> int:
    """Everybody who fits when the schedule strikes enters. Returns how many."""
    fitting = who_fits(play.says, facts.of(None, names=entering.asked_of(play.says), now=now))
    keys = {account: schedule_key(account, instant) for account in sorted(fitting)}
    reached = {account for account in keys if reaches(play.key, account)}
    return len(entering.enter(play, keys, reached=reached, actor=actor, now=now).runs)


def schedule_key(account_id: int, instant: datetime) -> str:
    return f"schedule:{account_id}:{instant.astimezone(UTC).isoformat()}"


def _review(plays: Sequence[Play], *, actor: Actor, now: datetime) -> None:
    """At a planned look: runs of these plays that no longer fit end, and conditions of success are judged."""
    review_runs(None, actor=actor, now=now, moved=None, plays=plays)
    asking = [play for play in plays if isinstance(play.says.goal.reached, Becomes)]
    watched = Enrolment.objects.filter(play__in=asking, judged_at=None, goal_met_at=None, window_ends_at__gt=now)
    goals.check(list(watched.order_by().values_list("account_id", flat=True).distinct()), actor=actor, now=now, plays=asking)


def _ids(account_ids: Collection[int] | None) -> list[int] | None:
    return None if account_ids is None else sorted(account_ids)
