"""publish / deliver / sweep: how one app's change reaches another without importing it."""

import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from apps.core.actor import Actor
from apps.core.jobs import after_commit
from apps.core.statements import prepared

from . import switchboard
from .models import Delivery, Event, JobRun
from .outbox import ANNOUNCING, announcement, nudge_for
from .types import DeliveryState
from .vocabulary import DomainEvent

# The history of fields is a noun of its own.
from . import heartbeats  # noqa: F401  isort:skip
from .changes import Changed, as_json, conflicts, edit, erase_values, record_changes, seal, subject_of, tampered  # noqa: F401  isort:skip

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
_PUBLISH = f"""
with saying as (
    select * from jsonb_to_recordset(%(said)s::jsonb) as s(place int, type text, subject text, payload jsonb)
), {ANNOUNCING}
select (select array_agg(id order by id) from said), (select coalesce(array_agg(id order by id), '{{}}') from wired)
"""  # noqa: S608 (put together from our own constants)
# The claim says at once what is to be told to whom.
_CLAIM = """
update events_delivery d set state = 'done', done_at = %(now)s, last_error = '' from events_event e
where d.id = %(delivery)s and d.state = 'pending' and e.id = d.event_id
returning e.id, e.type, e.subject, e.payload, e.actor, e.cause_id, e.at, e.recorded_at, d.handler as for_handler
"""
# So many durations of a job are kept, for its line on the page of the system.
KEPT_RUNS = 30
_SUCCESS = """
update events_jobrun set last_success_at = %(now)s, seconds = %(seconds)s, last_result = %(result)s, runs = runs + 1,
    total_seconds = total_seconds + %(seconds)s, recent = (array_prepend(%(seconds)s::float8, recent))[1:%(kept)s]
where name = %(job)s
"""


class NotInTransaction(RuntimeError):
    """publish() was called where a crash could keep the change and lose the event."""


def publish(event: DomainEvent, *, actor: Actor, now: datetime, cause: Event | None = None) -> Event:
    """Announce one change, in the transaction that made it."""
    [key] = publish_all([event], actor=actor, now=now, cause=cause)
    return Event(pk=key, type=event.type, subject=event.subject, payload=dict(vars(event)), actor=str(actor), cause=cause, at=now)


def publish_all(events: Sequence[DomainEvent], *, actor: Actor, now: datetime, cause: Event | None = None) -> list[int]:
    """Announce many changes of one transaction with one statement and few nudges; the keys of their rows, in the order of the events."""
    if not connection.in_atomic_block:
        raise NotInTransaction(", ".join(sorted({event.type for event in events})))
    if not events:
        return []
    said = [{"place": place, "type": event.type, "subject": event.subject, "payload": vars(event)} for place, event in enumerate(events)]
    told = announcement({event.type for event in events}, actor=actor, now=now, cause=cause)
    keys, deliveries = prepared(_PUBLISH, {**told, "said": json.dumps(said)})
    nudge_for(deliveries)
    return list(keys)


def deliver(delivery_id: int, *, now: datetime) -> bool:
    """Run one handler; its writes and the `done` mark commit together. True when this call did it."""
    try:
        with transaction.atomic():
            return _carry_out(delivery_id, now)
    except Exception as error:
        log.exception("delivery %s failed", delivery_id)
        _note_failure(delivery_id, error, now)
        return False


def _carry_out(delivery_id: int, now: datetime) -> bool:
    mine = next(iter(Event.objects.raw(_CLAIM, {"delivery": delivery_id, "now": now})), None)
    if mine is None:
        return False
    handler = switchboard.handlers_for(mine.type)[mine.for_handler]  # type: ignore[attr-defined]
    handler(switchboard.revive(mine), mine)
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


def sweep(*, now: datetime, limit: int = 500, together: int = 1) -> int:
    """Deliver what a lost broker or a crashed worker left behind; returns how many were delivered here.

    `together`: so many share a transaction, for who works alone; where one of them fails, each of them gets its own after all.
    """
    waiting = list(Delivery.objects.due_at_moment(now).values_list("pk", flat=True)[:limit])
    if together == 1:
        return sum(deliver(key, now=now) for key in waiting)
    return sum(_deliver_together(waiting[start : start + together], now) for start in range(0, len(waiting), together))


def _deliver_together(keys: Sequence[int], now: datetime) -> int:
    try:
        with transaction.atomic():
            return sum(_carry_out(key, now) for key in keys)
    except Exception:
        log.warning("of %s deliveries one failed: each is tried alone", len(keys), exc_info=True)
    return sum(deliver(key, now=now) for key in keys)


def retry(delivery: Delivery, *, actor: Actor, now: datetime) -> None:
    """Give a delivery that was given up a fresh set of attempts."""
    with transaction.atomic():
        changed = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.FAILED).update(state=DeliveryState.PENDING, attempts=0, due_at=now)
        if changed:
            after_commit("events.deliver", [delivery.pk])


def record_start(job: str, *, now: datetime) -> None:
    run = JobRun(name=job, last_started_at=now)
    JobRun.objects.bulk_create([run], update_conflicts=True, unique_fields=["name"], update_fields=["last_started_at"])


def record_success(job: str, *, now: datetime, seconds: float, result: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SUCCESS, {"job": job, "now": now, "seconds": seconds, "result": result[:500], "kept": KEPT_RUNS})


def record_failure(job: str, *, now: datetime, error: str) -> None:
    JobRun.objects.filter(name=job).update(last_failure_at=now, last_error=error[:2000], runs=F("runs") + 1, failures=F("failures") + 1)
