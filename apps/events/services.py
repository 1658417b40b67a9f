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
from .changes import Changed, as_json, conflicts, edit, erase_values, record_changes, seal, subject_of, tampered  # noqa: F401  isort:skip

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
_PUBLISH = f"""
with saying as (
    select * from jsonb_to_recordset(%(said)s::jsonb) as s(place int, type text, subject text, payload jsonb)
), {ANNOUNCING}
select (select array_agg(id order by id) from said), (select coalesce(array_agg(id order by id), '{{}}') from wired)
"""  # noqa: S608 (put together from our own constants)


class NotInTransaction(RuntimeError):
    """publish() was called where a crash could keep the change and lose the event."""


def publish(event: DomainEvent, *, actor: Actor, now: datetime, cause: Event | None = None) -> Event:
    """Announce one change, in the transaction that made it."""
    return publish_all([event], actor=actor, now=now, cause=cause)[0]


def publish_all(events: Sequence[DomainEvent], *, actor: Actor, now: datetime, cause: Event | None = None) -> list[Event]:
    """Announce many changes of one transaction with one statement and few nudges; rows in the order of the events."""
    if not connection.in_atomic_block:
        raise NotInTransaction(", ".join(sorted({event.type for event in events})))
    if not events:
        return []
    said = [{"place": place, "type": event.type, "subject": event.subject, "payload": vars(event)} for place, event in enumerate(events)]
    told = announcement({event.type for event in events}, actor=actor, now=now, cause=cause)
    ids, deliveries = prepared(_PUBLISH, {**told, "said": json.dumps(said)})
    nudge_for(deliveries)
    return [
        Event(pk=key, type=event.type, subject=event.subject, payload=dict(vars(event)), actor=str(actor), cause=cause, at=now)
        for key, event in zip(ids, events, strict=True)
    ]


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
