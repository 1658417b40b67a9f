"""What is known about customers and their people, brought in many at a time: one statement per call, whatever the number of rows.

A fact that is not given (None) leaves the stored one as it is; traits are merged by name.
"""

import json
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection, transaction

from .types import AccountFacts, Brought, ContactFacts

_LOCK = """
select id from accounts_account
where external_id = any(%(accounts)s) or id in (select account_id from accounts_contact where external_id = any(%(contacts)s))
order by id for no key update
"""

_INCOMING = """
with incoming as (
    select * from jsonb_to_recordset(%(rows)s::jsonb) as item(
        external_id text, name text, domain text, plan text, stage text, owner_id bigint, time_zone text, currency text, arr numeric, seats int,
        started_on date, renews_on date, churned_on date, traits jsonb)
), merged as (
    select a.id, coalesce(i.name, a.name) as name, coalesce(i.domain, a.domain) as domain, coalesce(i.plan, a.plan) as plan,
           coalesce(i.stage, a.stage) as stage, coalesce(i.owner_id, a.owner_id) as owner_id, coalesce(i.time_zone, a.time_zone) as time_zone,
           coalesce(i.currency, a.currency) as currency, coalesce(i.arr, a.arr) as arr, coalesce(i.seats, a.seats) as seats,
           coalesce(i.started_on, a.started_on) as started_on, coalesce(i.renews_on, a.renews_on) as renews_on,
           coalesce(i.churned_on, a.churned_on) as churned_on, a.traits || i.traits as traits
    from incoming i join accounts_account a using (external_id)
), different as (
    select m.* from merged m join accounts_account a using (id)
    where (m.name, m.domain, m.plan, m.stage, m.owner_id, m.time_zone, m.currency, m.arr, m.seats, m.started_on, m.renews_on, m.churned_on, m.traits)
       is distinct from (a.name, a.domain, a.plan, a.stage, a.owner_id, a.time_zone, a.currency, a.arr, a.seats, a.started_on, a.renews_on,
                         a.churned_on, a.traits)
)
"""

_UPSERT_ACCOUNTS = "".join(
    (
        _INCOMING,
        """
, changed as (
    update accounts_account a
    set name = d.name, domain = d.domain, plan = d.plan, stage = d.stage, owner_id = d.owner_id, time_zone = d.time_zone, currency = d.currency,
        arr = d.arr, seats = d.seats, started_on = d.started_on, renews_on = d.renews_on, churned_on = d.churned_on, traits = d.traits
    from different d where a.id = d.id returning a.id
), created as (
    insert into accounts_account (external_id, name, domain, plan, stage, owner_id, time_zone, currency, arr, seats,
                                  started_on, renews_on, churned_on, traits, synthetic)
    select external_id, coalesce(name, external_id), coalesce(domain, ''), coalesce(plan, ''), coalesce(stage, 'active'), owner_id,
           coalesce(time_zone, 'UTC'), coalesce(currency, 'USD'), coalesce(arr, 0), seats, started_on, renews_on, churned_on, traits, false
    from incoming i where not exists (select 1 from accounts_account a where a.external_id = i.external_id)
    order by external_id
    on conflict (external_id) do nothing
    returning id
)
select (select count(*) from created), (select count(*) from changed)
""",
    )
)

_COMPARE_ACCOUNTS = "".join(
    (
        _INCOMING,
        """
select (select count(*) from incoming i where not exists (select 1 from accounts_account a where a.external_id = i.external_id)),
       (select count(*) from different)
""",
    )
)

_UPSERT_CONTACTS = """
with incoming as (
    select i.*, a.id as account_id
    from jsonb_to_recordset(%(rows)s::jsonb) as i(external_id text, account text, name text, email text, time_zone text, locale text, traits jsonb)
    left join accounts_account a on i.account <> '' and a.external_id = i.account
), changed as (
    update accounts_contact c
    set account_id = coalesce(i.account_id, c.account_id), name = coalesce(i.name, c.name), email = coalesce(i.email, c.email),
        time_zone = coalesce(i.time_zone, c.time_zone), locale = coalesce(i.locale, c.locale), traits = c.traits || i.traits
    from incoming i where c.external_id = i.external_id
    returning c.external_id
), created as (
    insert into accounts_contact (account_id, external_id, name, email, role, time_zone, locale, traits)
    select account_id, external_id, coalesce(name, ''), coalesce(email, ''), 'user', coalesce(time_zone, ''), coalesce(locale, ''), traits
    from incoming i
    where account_id is not null and not exists (select 1 from accounts_contact c where c.external_id = i.external_id)
    order by external_id
    on conflict (external_id) where external_id <> '' do nothing
    returning external_id
)
select (select coalesce(jsonb_agg(external_id), '[]') from incoming i
        where account_id is null and not exists (select 1 from accounts_contact c where c.external_id = i.external_id))
"""

_RENAME_CONTACTS = """
update accounts_contact c set external_id = i.new
from (select distinct on (new) old, new from jsonb_to_recordset(%(rows)s::jsonb) as item(old text, new text) order by new, old) i
where c.external_id = i.old and not exists (select 1 from accounts_contact taken where taken.external_id = i.new)
"""


def hold_accounts(accounts: Collection[str], *, contacts: Collection[str] = ()) -> None:
    """Lock the accounts that a batch speaks of, in one order for everybody, so that batches queue up instead of deadlocking."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"accounts": sorted(accounts), "contacts": sorted(contacts)})


def bring_accounts(rows: Sequence[AccountFacts]) -> Brought:
    """Create the accounts that are new and change those that differ; ids must not repeat within the call."""
    with transaction.atomic():
        hold_accounts([row.external_id for row in rows])
        return _count(_UPSERT_ACCOUNTS, rows)


def compare_accounts(rows: Sequence[AccountFacts]) -> Brought:
    """What `bring_accounts` would do, without doing it."""
    return _count(_COMPARE_ACCOUNTS, rows)


def bring_contacts(rows: Sequence[ContactFacts]) -> list[str]:
    """Create and update people; returns the ids of newcomers whose account is unknown, who are not stored."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_UPSERT_CONTACTS, {"rows": _json(rows)})
        return list(json.loads(cursor.fetchone()[0]))


def rename_contacts(pairs: Sequence[tuple[str, str]]) -> None:
    """Give people a new id (old, new), unless somebody has it already."""
    with connection.cursor() as cursor:
        cursor.execute(_RENAME_CONTACTS, {"rows": json.dumps([{"old": old, "new": new} for old, new in pairs])})


def _count(statement: str, rows: Sequence[AccountFacts]) -> Brought:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"rows": _json(rows)})
        created, changed = cursor.fetchone()
    return Brought(created=created, changed=changed, same=len(rows) - created - changed)


def _json(rows: Sequence[AccountFacts] | Sequence[ContactFacts]) -> str:
    return json.dumps([row.__dict__ for row in rows], default=_as_text)


def _as_text(value: Any) -> str:
    """Dates and amounts travel as text, which PostgreSQL reads exactly."""
    return str(value)
