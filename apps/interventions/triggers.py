"""What an event means to plays: whom it lets in, which runs it ends, moves on or proves successful."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from apps.accounts.models import ActivityEvent
from apps.core.actor import Actor
from apps.events.models import Event
from apps.events.vocabulary import AccountEvent

from . import entering, fits, goals, waking
from .conditions import facts_in
from .definition import OnActivity, OnEvent
from .models import Enrolment, Play
from .types import EnrolmentState, PlayState

# An event that comes late tells of a moment that has passed: nobody enters for it.
LATEST = timedelta(hours=24)

# What plays themselves cause, directly or by way of others.
_BY_PLAYS = ("play.", "task.", "message.", "accounts.", "consent.")

_CHAIN = """
with recursive chain as (
    select id, cause_id, type, payload, 1 as depth from events_event where id = %s
    union all
    select e.id, e.cause_id, e.type, e.payload, depth + 1 from chain join events_event e on e.id = chain.cause_id where depth < 100
)
select distinct payload ->> 'play_key' from chain where type in ('play.entered', 'play.ended', 'play.called')
"""


def on_event(event: AccountEvent, row: Event, *, reaches: fits.Reaches, actor: Actor, now: datetime) -> int:
    """Plays that begin with such an event. Returns how many runs began."""
    plays = Play.objects.filter(state=PlayState.LIVE, starts_on=f"event:{row.type}")
    if not plays.exists():
        # Nearly always; finding that out is to cost little.
        return 0
    began = 0
    for play in plays.select_related("current").order_by("pk"):
        if not wanted(play.says.trigger, vars(event)) or row.at < now - LATEST:
            continue
        looped = row.type.startswith(_BY_PLAYS) and play.key in _plays_behind(row)
        found = entering.enter(
            play,
            {event.account_id: event_key(row)},
            actor=actor,
            now=now,
            cause=row,
            prediction_id=getattr(event, "prediction_id", None),
            reached={event.account_id} if reaches(play.key, event.account_id) else (),
            looped=looped,
        )
        began += len(found.runs)
    return began


def event_key(row: Event) -> str:
    return f"event:{row.pk}"


def wanted(trigger: Any, said: Mapping[str, Any]) -> bool:
    """Whether what the event says is what the trigger asks for: every named field equal, or among the values listed."""
    if not isinstance(trigger, OnEvent):
        return False
    return all(said.get(name) in value if isinstance(value, list) else said.get(name) == value for name, value in trigger.when.items())


def _plays_behind(row: Event) -> set[str]:
    """The plays in whose course this happened: by them it must not start them again, or two plays would wake each other for ever."""
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN, [row.pk])
        return {key for (key,) in cursor.fetchall()}


def on_activity(account_ids: Collection[int], row: Event, *, reaches: fits.Reaches, actor: Actor, now: datetime) -> int:
    """Plays that begin with a name of activity, and runs that wait for one. Returns how many runs began."""
    plays = list(Play.objects.filter(state=PlayState.LIVE, starts_on__startswith="activity:").select_related("current").order_by("pk"))
    waiting = Enrolment.objects.filter(account__in=account_ids, state=EnrolmentState.WAITING, waits_for__startswith="activity:")
    awaited = {name.removeprefix("activity:") for name in waiting.values_list("waits_for", flat=True)}
    triggers = {play.pk: play.says.trigger for play in plays}
    names = awaited | {trigger.name for trigger in triggers.values() if isinstance(trigger, OnActivity)}
    if not names:
        return 0
    came = ActivityEvent.objects.filter(account__in=account_ids, name__in=names, received_at=row.at, at__gt=now - LATEST, at__lte=now)
    fresh: dict[str, dict[int, tuple[datetime, int]]] = {}
    for key, account, name, at in came.values_list("pk", "account_id", "name", "at"):
        first = fresh.setdefault(name, {})
        first[account] = min(first.get(account, (at, key)), (at, key))
    began = 0
    for play in plays:
        trigger = triggers[play.pk]
        assert isinstance(trigger, OnActivity)
        keys = {account: activity_key(key) for account, (_, key) in sorted(fresh.get(trigger.name, {}).items())}
        reached = {account for account in keys if reaches(play.key, account)}
        began += len(entering.enter(play, keys, reached=reached, actor=actor, now=now, cause=row).runs)
    for name in sorted(awaited & set(fresh)):
        _wake_for_activity(name, fresh[name], now=now)
    return began


def activity_key(activity_id: int) -> str:
    return f"activity:{activity_id}"


def _wake_for_activity(name: str, came: Mapping[int, tuple[datetime, int]], *, now: datetime) -> None:
    waking.wake_waiting(list(came), waits_for=[f"activity:{name}"], because=f"they did “{name}”", now=now)


def after(kind: str, account_ids: Collection[int] | None, *, reaches: fits.Reaches, actor: Actor, now: datetime, cause: Event | None) -> None:
    """Facts of these accounts (None: of anybody) may have changed by an event of this kind: audiences, runs and goals are judged anew."""
    moved = fits.MOVES.get(kind)
    if not moved:
        return
    with transaction.atomic():
        plays = [play for play in fits.audience_plays() if facts_in(play.says.audience) & moved]
        fits.look(plays, account_ids, reaches=reaches, actor=actor, now=now, cause=cause)
        fits.review_runs(account_ids, actor=actor, now=now, moved=moved, cause=cause)
        if account_ids is not None:
            goals.check(account_ids, actor=actor, now=now, moved=moved, cause=cause)
