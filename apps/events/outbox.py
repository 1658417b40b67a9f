"""Announcing from inside any statement: events, the deliveries that carry them to their handlers, and the nudge afterwards."""

import json
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from apps.core.actor import Actor
from apps.core.jobs import after_commit, call_after_commit, nudge

from . import switchboard
from .models import Event

_BATCH = 200
# Seconds between two nudges of those that do not hurry: a nudge costs as much as storing a batch.
_NUDGE_EVERY = 0.1

# The end of a WITH list in which `saying` (place, type, subject, payload) is what there is to announce; `announcement` gives its parameters.
# Ids are given in the order of the places, so sorting them gives it back. A handler's delivery comes after those before it in the wiring.
ANNOUNCING = """
said as (
    insert into events_event (type, subject, payload, actor, cause_id, at)
    select type, subject, payload, %(actor)s::text, %(cause)s::bigint, %(now)s::timestamptz from saying order by place
    returning id, type
), wired as (
    insert into events_delivery (event_id, handler, state, attempts, due_at, last_error)
    select said.id, w.handler, 'pending', 0, %(now)s::timestamptz, ''
    from said join jsonb_to_recordset(%(wiring)s::jsonb) as w(place int, type text, handler text) on w.type = said.type
    order by said.id, w.place
    returning id
)
"""


def announcement(kinds: Iterable[str], *, actor: Actor, now: datetime, cause: Event | None = None) -> dict[str, Any]:
    """The parameters of ANNOUNCING for events of these types."""
    wiring = [{"place": place, "type": kind, "handler": handler} for kind in kinds for place, handler in enumerate(switchboard.handlers_for(kind))]
    return {"wiring": json.dumps(wiring), "actor": str(actor), "now": now, "cause": cause.pk if cause else None}


def nudge_for(deliveries: Sequence[int], *, hurry: bool = True) -> None:
    """Have these deliveries carried out once they are committed.

    Without `hurry` the nudges of a busy moment are gathered into one, and the sweep takes what is left of it.
    """
    for start in range(0, len(deliveries), _BATCH):
        if hurry:
            after_commit("events.deliver", deliveries[start : start + _BATCH])
        else:
            call_after_commit(_nudge_gathered, deliveries[start : start + _BATCH])


_gathered: list[int] = []
_nudged_at = 0.0


def _nudge_gathered(keys: Sequence[int]) -> None:
    global _nudged_at
    _gathered.extend(keys)
    if time.monotonic() - _nudged_at < _NUDGE_EVERY:
        return
    _nudged_at = time.monotonic()
    taken = _gathered[:_BATCH]
    del _gathered[:]
    nudge("events.deliver", taken)
