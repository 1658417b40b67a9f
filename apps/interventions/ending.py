"""How runs end: with a stored reason, what still waits of them taken back, and their end announced. Many at a time, by the same few statements."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import connection, transaction

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import PlayEnded
from apps.messaging import services as messaging

from . import tasks_for_people
from .models import Enrolment, StepRecord
from .types import EnrolmentState, ExitReason

# What a run asked of people is not needed any more after these.
_DROPS_TASKS = (ExitReason.GOAL, ExitReason.CHURNED, ExitReason.MANUAL, ExitReason.UNMATCHED, ExitReason.REFUSED)

# In the order of ids, so that two that end the same runs queue up.
_CLOSE = """
with mine as (
    select e.id, m.reason from interventions_enrolment e join jsonb_to_recordset(%(ending)s::jsonb) as m(id bigint, reason text) on m.id = e.id
    where e.state <> 'ended' order by e.id for update of e
)
update interventions_enrolment e set state = 'ended', exit_reason = mine.reason, ended_at = %(now)s, waits_for = '', paused = false
from mine, interventions_play p where e.id = mine.id and p.id = e.play_id
returning e.id, e.account_id, p.key, e.exit_reason, e.goal_met_at is not null, e.replied_at is not null, e.cause_id, e.arm
"""


def end_all(reasons: Mapping[int, ExitReason], *, actor: Actor, now: datetime, cause: Event | None = None) -> list[int]:
    """Close these runs (by id), each with its reason; what was closed already stays as it is. Returns the ids closed by this call."""
    if not reasons:
        return []
    with transaction.atomic():
        closed = _close(reasons, now)
        messaging.lift_holds([f"enrolment:{row[0]}" for row in closed])
        by_reason: dict[ExitReason, list[int]] = defaultdict(list)
        for key, _, _, reason, *_ in closed:
            by_reason[ExitReason(reason)].append(key)
        for reason, keys in by_reason.items():
            _take_back(keys, reason, actor=actor, now=now, cause=cause)
        _announce(closed, actor=actor, now=now, cause=cause)
    return [row[0] for row in closed]


def _close(reasons: Mapping[int, ExitReason], now: datetime) -> list[tuple[int, int, str, str, bool, bool, int | None, str]]:
    with connection.cursor() as cursor:
        ending = json.dumps([{"id": key, "reason": reason.value} for key, reason in reasons.items()])
        cursor.execute(_CLOSE, {"ending": ending, "now": now})
        return sorted(cursor.fetchall())


def _take_back(enrolment_ids: Collection[int], reason: ExitReason, *, actor: Actor, now: datetime, cause: Event | None) -> None:
    messages = StepRecord.objects.filter(enrolment__in=enrolment_ids, message__isnull=False).values_list("message_id", flat=True)
    # A run that did all its steps has said what it wanted to say: the last message still leaves.
    if keys := [key for key in messages if key is not None and reason != ExitReason.FINISHED]:
        messaging.cancel_waiting(message_ids=keys, reason=f"The play ended: {reason.label}.", actor=actor, now=now)
    if reason in _DROPS_TASKS:
        tasks_for_people.drop_for(enrolment_ids, because=reason.label, actor=actor, now=now, cause=cause)


def _announce(
    closed: Collection[tuple[int, int, str, str, bool, bool, int | None, str]], *, actor: Actor, now: datetime, cause: Event | None
) -> None:
    """One statement; where nothing else caused the end, the entry did."""
    causes = {row[6] for row in closed if row[6]} if cause is None else set()
    entries = Event.objects.in_bulk(causes) if len(causes) == 1 else {}
    said = [
        PlayEnded(
            account_id=account,
            enrolment_id=key,
            play_key=play,
            reason=reason,
            outcome="recovered" if met else "replied" if replied else "none",
        )
        for key, account, play, reason, met, replied, *_ in closed
        if reason != ExitReason.REFUSED
    ]
    events.publish_all(said, actor=actor, now=now, cause=cause or next(iter(entries.values()), None))


def end(enrolment: Enrolment, reason: ExitReason, *, actor: Actor, now: datetime, cause: Event | None = None) -> bool:
    """Close a run with its reason, take back what waits, and announce it; False when it was closed already."""
    closed = end_all({enrolment.pk: reason}, actor=actor, now=now, cause=cause)
    enrolment.refresh_from_db()
    return bool(closed)


def running_of(account_ids: Collection[int]) -> list[int]:
    """Runs of these accounts that are not over, also those not let in yet."""
    return list(Enrolment.objects.filter(account__in=account_ids).exclude(state=EnrolmentState.ENDED).values_list("pk", flat=True))
