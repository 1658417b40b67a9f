"""Storing activity: one statement per batch keeps events and daily rollups together, whatever the batch size."""

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import ActivityReceived

from .types import ActivityItem, Stored

# The batch travels as one JSON parameter. Keys and rollups are written in their own order, whatever the batch's, so that two batches about the same
# things queue up instead of deadlocking.
_STORE = """
with incoming as materialized (
    select item.*, coalesce(named.id, person.account_id) as account_id, person.id as contact_id,
           accounts_message_key(%(source)s, item.message_id) as key
    from jsonb_to_recordset(%(items)s::jsonb)
         as item(position int, message_id text, name text, at timestamptz, account text, contact text, value float8, properties jsonb)
    left join accounts_account named on item.account <> '' and named.external_id = item.account
    left join accounts_contact person on item.contact <> '' and person.external_id = item.contact
         and (item.account = '' or person.account_id = named.id)
), keyed as (
    insert into accounts_messagekey select key from incoming where account_id is not null order by key
    on conflict do nothing
    returning key
), fresh as (
    insert into accounts_activityevent (account_id, contact_id, source, message_id, name, at, received_at, value, properties)
    select account_id, contact_id, %(source)s, message_id, name, at, %(now)s, value, properties
    from (select distinct on (key) * from incoming join keyed using (key) order by key, position) once
    order by position
    returning account_id, message_id, name, at, value
), names as (
    insert into accounts_eventname (name, meaning)
    select distinct name, 'other' from incoming
    where account_id is not null and not exists (select 1 from accounts_eventname known where known.name = incoming.name) order by name
    on conflict do nothing
), rolled as (
    insert into accounts_dailyrollup (account_id, day, name, count, value)
    select account_id, (at at time zone 'UTC')::date, name, count(*), sum(value::numeric) from fresh group by 1, 2, 3 order by 1, 2, 3
    on conflict (account_id, day, name) do update
    set count = accounts_dailyrollup.count + excluded.count, value = accounts_dailyrollup.value + excluded.value
)
select (select coalesce(jsonb_agg(message_id), '[]') from fresh),
       (select coalesce(jsonb_agg(position), '[]') from incoming where account_id is null),
       (select coalesce(jsonb_agg(distinct account_id), '[]') from fresh),
       (select max(at) from fresh)
"""


def record(items: Sequence[ActivityItem], *, source: str, now: datetime) -> Stored:
    """Store a batch, keep the rollups, and announce it as one ActivityReceived.

    Repeats (same source and message id, also within the batch) and items of unknown accounts are reported by position, never stored.
    """
    payload = json.dumps(
        [
            {
                "position": position,
                "message_id": item.message_id,
                "name": item.name,
                "at": item.at.isoformat(),
                "account": item.account,
                "contact": item.contact,
                "value": item.value,
                "properties": item.properties or None,
            }
            for position, item in enumerate(items)
        ]
    )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_STORE, {"items": payload, "source": source, "now": now})
            found = cursor.fetchone()
            fresh_ids, unknown, touched = (json.loads(column) for column in found[:3])
        if touched:
            said = ActivityReceived(account_ids=touched, count=len(fresh_ids), last_at=found[3].isoformat(), source=source)
            events.publish(said, actor=Actor.source(source), now=now)
    fresh, stored, accepted = set(fresh_ids), set(), []
    for position, item in enumerate(items):
        if item.message_id in fresh and item.message_id not in stored:
            stored.add(item.message_id)
            accepted.append(position)
    known = set(unknown) | set(accepted)
    return Stored(
        accepted=accepted,
        duplicate=[position for position in range(len(items)) if position not in known],
        unknown_account=unknown,
        accounts=touched,
    )
