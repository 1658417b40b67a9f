"""What is known about customers and their people, brought in many at a time through the gate.

A fact that is not given (None) leaves the stored one as it is; traits are merged by name.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from apps.core.actor import Actor
from apps.core.errors import Refused

from . import gate, ledger, subscriptions
from .gate import Kind, Row
from .models import Account, Contact
from .types import AccountFacts, Brought, ContactFacts, FieldKind, Stage

_LOCK = """
select id from accounts_account
where external_id = any(%(accounts)s) or id in (select account_id from accounts_contact where external_id = any(%(contacts)s))
order by id for no key update
"""
_CIRCLE = """
with recursive above as (
    select id, parent_id, array[id] as path, false as again from accounts_account where id = any(%(ids)s)
    union all
    select a.id, a.parent_id, path || a.id, a.id = any(path) from above join accounts_account a on a.id = above.parent_id where not again
)
select exists (select from above where again)
"""
_CIRCLE_WORDS = ("circle", "With these parents an account would stand above itself. Nothing was stored.")

# An account is called by its id until its name is known.
ACCOUNTS = Kind.of(Account, born="jsonb_build_object('name', i.key)")
CONTACTS = Kind.of(Contact, needed=("account",))


def hold_accounts(accounts: Collection[str], *, contacts: Collection[str] = ()) -> None:
    """Lock the accounts that a batch speaks of, in one order for everybody, so that batches queue up instead of deadlocking."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"accounts": sorted(accounts), "contacts": sorted(contacts)})


def bring_accounts(
    rows: Sequence[AccountFacts],
    *,
    source: str,
    actor: Actor,
    now: datetime,
    batch: str = "",
    trait_kinds: Mapping[str, FieldKind] | None = None,
    announce: bool = True,
) -> Brought:
    """Create the accounts that are new and change those that differ; ids must not repeat within the call."""
    said = [_account(row) for row in rows]
    return bring_account_rows(ACCOUNTS, said, source=source, actor=actor, now=now, batch=batch, trait_kinds=trait_kinds, announce=announce)


def bring_account_rows(kind: Kind, rows: Sequence[Row], *, source: str, actor: Actor, now: datetime, **more: Any) -> Brought:
    """The same for rows that may also clear facts; contracts of leavers end and the ledger follows. Raises Refused for a circle of parents."""
    if any(row.references.get("parent") == row.key for row in rows):
        raise Refused(*_CIRCLE_WORDS)
    with transaction.atomic():
        brought = gate.bring(kind, rows, source=source, actor=actor, now=now, **more)
        if any(row.references.get("parent") for row in rows):
            _refuse_circles(brought.ids)
        if brought.ids:
            subscriptions.end_of_leavers(brought.ids, on=now.date())
            ledger.post_differences(brought.ids, on=now.date(), source=source, actor=actor, now=now)
        return brought


def _refuse_circles(ids: Collection[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CIRCLE, {"ids": list(ids)})
        if cursor.fetchone()[0]:
            raise Refused(*_CIRCLE_WORDS)


def compare_accounts(rows: Sequence[AccountFacts], *, source: str, now: datetime, trait_kinds: Mapping[str, FieldKind] | None = None) -> Brought:
    """What `bring_accounts` would do, without doing it."""
    return gate.compare(ACCOUNTS, [_account(row) for row in rows], source=source, now=now, trait_kinds=trait_kinds)


def bring_contacts(rows: Sequence[ContactFacts], *, source: str, actor: Actor, now: datetime, batch: str = "") -> Brought:
    """Create and update people; newcomers whose account is unknown or not told are left out (`left`, with an empty field)."""
    return gate.bring(CONTACTS, [_contact(row) for row in rows], source=source, actor=actor, now=now, batch=batch)


def compare_contacts(rows: Sequence[ContactFacts], *, source: str, now: datetime) -> Brought:
    """What `bring_contacts` would do, without doing it."""
    return gate.compare(CONTACTS, [_contact(row) for row in rows], source=source, now=now)


def _account(facts: AccountFacts) -> Row:
    given = _given(facts, leave_out={"external_id", "traits", "at", "parent"})
    if "churned_on" in given:
        given["stage"] = Stage.CHURNED
    elif given.get("stage", Stage.CHURNED) != Stage.CHURNED:
        # Who is a customer again has no day of leaving.
        given["churned_on"] = None
    return Row(facts.external_id, given, {"parent": facts.parent or ""} if facts.parent else {}, facts.traits, facts.at)


def _contact(facts: ContactFacts) -> Row:
    given = _given(facts, leave_out={"external_id", "account", "traits", "at"})
    return Row(facts.external_id, given, {"account": facts.account} if facts.account else {}, facts.traits, facts.at)


def _given(facts: AccountFacts | ContactFacts, *, leave_out: set[str]) -> dict[str, Any]:
    return {name: value for name, value in facts.__dict__.items() if value is not None and name not in leave_out}
