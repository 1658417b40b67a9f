"""publish / deliver / sweep: how one app's change reaches another without importing it."""

import json
import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from apps.core.actor import Actor
from apps.core.jobs import after_commit, call_after_commit, nudge
from apps.core.statements import prepared

from . import switchboard
from .models import Delivery, Event, JobRun
from .types import DeliveryState
from .vocabulary import DomainEvent

# The history of fields is a noun of its own.
from .changes import Changed, as_json, conflicts, edit, erase_values, record_changes, seal, subject_of, tampered  # noqa: F401  isort:skip

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
_BATCH = 200
# Seconds between two nudges of those that do not hurry: a nudge costs as much as storing a batch.
_NUDGE_EVERY = 0.1

# Ids are given in the order of the events, so sorting them gives that order back. A handler's delivery comes after those before it in the wiring.
_PUBLISH = """
with said as (
    insert into events_event (type, subject, payload, actor, cause_id, at)
    select s.type, s.subject, s.payload, %(actor)s::text, %(cause)s::bigint, %(now)s::timestamptz
    from jsonb_to_recordset(%(said)s::jsonb) as s(place int, type text, subject text, payload jsonb)
    order by s.place
    returning id, type
), wired as (
    insert into events_delivery (event_id, handler, state, attempts, due_at, last_error)
    select said.id, w.handler, 'pending', 0, %(now)s::timestamptz, ''
    from said join jsonb_to_recordset(%(wiring)s::jsonb) as w(place int, type text, handler text) on w.type = said.type
    order by said.id, w.place
    returning id
)
select (select array_agg(id order by id) from said), (select coalesce(array_agg(id order by id), '{}') from wired)
"""


class NotInTransaction(RuntimeError):
    """publish() was called where a crash could keep the change and lose the event."""


def publish(event: DomainEvent, *, actor: Actor, now: datetime, cause: Event | None = None, hurry: bool = True) -> Event:
    """Announce one change, in the transaction that made it."""
    return publish_all([event], actor=actor, now=now, cause=cause, hurry=hurry)[0]


def publish_all(events: Sequence[DomainEvent], *, actor: Actor, now: datetime, cause: Event | None = None, hurry: bool = True) -> list[Event]:
    """Announce many changes of one transaction with one statement and few nudges; rows in the order of the events.

    Without `hurry` the nudges of a busy moment are gathered into one, and the sweep takes what is left of it.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(", ".join(sorted({event.type for event in events})))
    if not events:
        return []
    said = [{"place": place, "type": event.type, "subject": event.subject, "payload": vars(event)} for place, event in enumerate(events)]
    wiring = [
        {"place": place, "type": kind, "handler": handler}
        for kind in {event.type for event in events}
        for place, handler in enumerate(switchboard.handlers_for(kind))
    ]
    parameters = {"said": json.dumps(said), "wiring": json.dumps(wiring), "actor": str(actor), "now": now, "cause": cause.pk if cause else None}
    ids, keys = prepared(_PUBLISH, parameters)
    for start in range(0, len(keys), _BATCH):
        if hurry:
            after_commit("events.deliver", keys[start : start + _BATCH])
        else:
            call_after_commit(_nudge_gathered, keys[start : start + _BATCH])
    return [
        Event(pk=key, type=event.type, subject=event.subject, payload=dict(vars(event)), actor=str(actor), cause=cause, at=now)
        for key, event in zip(ids, events, strict=True)
    ]


_gathered: list[int] = []
_nudged_at = 0.0


def _nudge_gathered(keys: list[int]) -> None:
    global _nudged_at
    _gathered.extend(keys)
    if time.monotonic() - _nudged_at < _NUDGE_EVERY:
        return
    _nudged_at = time.monotonic()
    taken = _gathered[:_BATCH]
    del _gathered[:]
    nudge("events.deliver", taken)


def deliver(delivery_id: int, *, now: datetime) -> bool:
    """Run one handler; its writes and the `done` mark commit together. True when this call did it."""
    try:
        with transaction.atomic():
            mine = Delivery.objects.filter(pk=delivery_id, state=DeliveryState.PENDING).update(state=DeliveryState.DONE, done_at=now, last_error="")
            if not mine:
                return False
            delivery = Delivery.objects.select_related("event").get(pk=delivery_id)
            handler = switchboard.handlers_for(delivery.event.type)[delivery.handler]
            handler(switchboard.revive(delivery.event), delivery.event)
    except Exception as error:
        log.exception("delivery %s failed", delivery_id)
        _note_failure(delivery_id, error, now)
        return False
    return True


def _note_failure(delivery_id: int, error: Exception, now: datetime) -> None:
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().filter(pk=delivery_id, state=DeliveryState.PENDING).first()
        if delivery is None:
            return
        delivery.attempts += 1
        delivery.last_error = repr(error)[:2000]
        delivery.due_at = now + timedelta(seconds=2**delivery.attempts)
        if delivery.attempts >= MAX_ATTEMPTS:
            delivery.state = DeliveryState.FAILED
        delivery.save(update_fields=["attempts", "last_error", "due_at", "state"])


def sweep(*, now: datetime, limit: int = 500) -> int:
    """Deliver what a lost broker or a crashed worker left behind; returns how many were delivered here."""
    waiting = list(Delivery.objects.due_at_moment(now).values_list("pk", flat=True)[:limit])
    return sum(deliver(key, now=now) for key in waiting)


def retry(delivery: Delivery, *, actor: Actor, now: datetime) -> None:
    """Give a delivery that was given up a fresh set of attempts."""
    with transaction.atomic():
        changed = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.FAILED).update(state=DeliveryState.PENDING, attempts=0, due_at=now)
        if changed:
            after_commit("events.deliver", [delivery.pk])


def record_start(job: str, *, now: datetime) -> None:
    JobRun.objects.update_or_create(name=job, defaults={"last_started_at": now})


def record_success(job: str, *, now: datetime, seconds: float, result: str) -> None:
    JobRun.objects.filter(name=job).update(last_success_at=now, seconds=seconds, last_result=result[:500], runs=F("runs") + 1)


def record_failure(job: str, *, now: datetime, error: str) -> None:
    JobRun.objects.filter(name=job).update(last_failure_at=now, last_error=error[:2000], runs=F("runs") + 1)
