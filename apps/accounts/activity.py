"""Storing activity: one statement per batch keeps events and daily rollups together, whatever the batch size."""

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import ActivityReceived

from .types import ActivityItem, Stored

# The batch travels as one JSON parameter. Accounts are locked in id order, so two batches about the same accounts queue up
# instead of deadlocking.
_STORE = """
with incoming as (
    select item.*, coalesce(named.id, person.account_id) as account_id, person.id as contact_id
    from jsonb_to_recordset(%(items)s::jsonb)
         as item(position int, message_id text, name text, at timestamptz, account text, contact text, value float8, properties jsonb)
    left join accounts_account named on item.account <> '' and named.external_id = item.account
    left join accounts_contact person on item.contact <> '' and person.external_id = item.contact
         and (item.account = '' or person.account_id = named.id)
), locked as (
    select id from accounts_account where id in (select account_id from incoming) order by id for no key update
), names as (
    insert into accounts_eventname (name, meaning)
    select distinct name, 'other' from incoming where account_id is not null order by name
    on conflict do nothing
), fresh as (
    insert into accounts_activityevent (account_id, contact_id, source, message_id, name, at, received_at, value, properties)
    select account_id, contact_id, %(source)s, message_id, name, at, %(now)s, value, properties
    from incoming where account_id is not null and (select count(*) from locked) >= 0
    order by position
    on conflict (source, message_id) do nothing
    returning account_id, message_id, name, at, value
), rolled as (
    insert into accounts_dailyrollup (account_id, day, name, count, value)
    select account_id, (at at time zone 'UTC')::date, name, count(*), sum(value) from fresh group by 1, 2, 3 order by 1, 2, 3
    on conflict (account_id, day, name) do update
    set count = accounts_dailyrollup.count + excluded.count, value = accounts_dailyrollup.value + excluded.value
)
select (select coalesce(jsonb_agg(message_id), '[]') from fresh),
       (select coalesce(jsonb_agg(position), '[]') from incoming where account_id is null),
       (select coalesce(jsonb_agg(jsonb_build_array(account_id, events, last_at)), '[]')
        from (select account_id, count(*) as events, max(at) as last_at from fresh group by account_id order by account_id) touched)
"""


def record(items: Sequence[ActivityItem], *, source: str, now: datetime) -> Stored:
    """Store a batch, keep the rollups, and announce one ActivityReceived per touched account.

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
            fresh_ids, unknown, touched = (json.loads(column) for column in cursor.fetchone())
        events.publish_all(
            [ActivityReceived(account_id=account, count=count, last_at=last_at, source=source) for account, count, last_at in touched],
            actor=Actor.source(source),
            now=now,
        )
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
        accounts=[account for account, _, _ in touched],
    )
