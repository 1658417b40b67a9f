"""Storing activity: one statement per batch keeps events and daily rollups together, whatever the batch size."""

import json
from collections.abc import Sequence
from datetime import datetime

import msgspec

from apps.core.actor import Actor
from apps.core.statements import prepared
from apps.events import services as events
from apps.events.vocabulary import ActivityReceived

from .types import ActivityItem, Stored

# The batch travels as one JSON parameter, in which what is not said is left out. Keys and rollups are written in their own order, not the batch's, so
# that two batches about the same things queue up instead of deadlocking. People are looked up one by one: the planner would else read them all.
# `saying` is ActivityReceived as the vocabulary has it, announced by the same statement. Places are told only where not all were stored.
_STORE = f"""
with incoming as materialized (
    select item.*, coalesce(named.id, person.account_id) as account_id, person.id as contact_id,
           case when named.id is not null then named.owner_id
                else (select owner_id from accounts_account a where a.id = person.account_id) end as owner_id,
           accounts_message_key(%(source)s::text, item.message_id) as key
    from rows from (jsonb_to_recordset(%(items)s::jsonb)
         as (message_id text, name text, at timestamptz, account text, contact text, value float8, properties jsonb)) with ordinality
         as item(message_id, name, at, account, contact, value, properties, position)
    left join lateral (select id, owner_id from accounts_account a where a.external_id = item.account limit 1) named on true
    left join lateral (
        select c.id, c.account_id from accounts_contact c where c.external_id = item.contact and c.external_id <> ''
        union all
        select c.id, c.account_id from accounts_identity i join accounts_contact c on c.id = i.contact_id
        where i.external_id = item.contact and i.undone_at is null
        limit 1
    ) person on item.account is null or person.account_id = named.id
), keyed as (
    insert into accounts_messagekey select key from incoming where account_id is not null order by key
    on conflict do nothing
    returning key
), once as materialized (
    select incoming.* from incoming join keyed using (key)
), fresh as (
    insert into accounts_activityevent (account_id, contact_id, source, message_id, name, at, received_at, value, properties)
    select account_id, contact_id, %(source)s::text, message_id, name, at, %(now)s, coalesce(value, 1), properties from once
), names as (
    insert into accounts_eventname (name, meaning)
    select distinct name, 'other' from once
    where not exists (select 1 from accounts_eventname known where known.name = once.name) order by name
    on conflict do nothing
), rolled as (
    insert into accounts_dailyrollup (account_id, day, name, count, value)
    select account_id, (at at time zone 'UTC')::date, name, count(*), sum(coalesce(value::numeric, 1)) from once group by 1, 2, 3 order by 1, 2, 3
    on conflict (account_id, day, name) do update
    set count = accounts_dailyrollup.count + excluded.count, value = accounts_dailyrollup.value + excluded.value
), spread as (
    select jsonb_agg(jsonb_build_array(owner_id, hour, times) order by owner_id, hour) as owner_hours
    from (select coalesce(owner_id, 0) as owner_id, floor(date_part('epoch', at) / 3600)::int as hour, count(*) as times
          from once group by 1, 2) per_hour
), told as materialized (
    select array_agg(distinct account_id) as accounts, count(*) as count, max(at) as last_at from once
), saying as (
    select 0 as place, 'activity.received' as type, 'activity:' || %(source)s::text as subject,
           jsonb_build_object('account_ids', accounts, 'count', count, 'last_at', last_at, 'source', %(source)s::text,
                              'owner_hours', owner_hours) as payload
    from told cross join spread where count > 0
), {events.ANNOUNCING}
select (select array_agg(position - 1) from once where told.count < (select count(*) from incoming)),
       (select array_agg(position - 1) from incoming where account_id is null), (select array_agg(id) from wired), told.count
from told
"""  # noqa: S608 (put together from our own constants)


def record(items: Sequence[ActivityItem], *, source: str, now: datetime) -> Stored:
    """Store a batch, keep the rollups, and announce it as one ActivityReceived: one statement, so all of it or nothing.

    Repeats (same source and message id, also within the batch) and items of unknown accounts are reported by position, never stored.
    """
    first: dict[str, int] = {}
    for place, item in enumerate(items):
        first.setdefault(item.message_id, place)
    once = items if len(first) == len(items) else [items[place] for place in first.values()]
    told = events.announcement([ActivityReceived.type], actor=Actor.source(source), now=now)
    stored, unknown, deliveries, count = prepared(_STORE, {**told, "items": _json(once), "source": source})
    events.nudge_for(deliveries or (), hurry=False)
    if count == len(items):
        return Stored(accepted=list(range(count)), duplicate=[], unknown_account=[])
    homeless = {once[place].message_id for place in unknown or ()}
    accepted = sorted(first[once[place].message_id] for place in (range(count) if count == len(once) else stored or ()))
    unknown_account = [place for place, item in enumerate(items) if item.message_id in homeless]
    known = {*accepted, *unknown_account}
    duplicate = [place for place in range(len(items)) if place not in known]
    return Stored(accepted=accepted, duplicate=duplicate, unknown_account=unknown_account)


def _json(items: Sequence[ActivityItem]) -> str:
    try:
        return msgspec.json.encode(items).decode()
    except OverflowError:
        # A whole number of more than 64 bits: rare, and the standard library writes it as it is.
        return json.dumps([msgspec.to_builtins(item) for item in items])
