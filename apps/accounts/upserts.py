"""Many rows by their ids in other systems, each with a verdict of its own: what cannot be stored is found before the gate, which takes the rest.

The number of statements does not grow with the number of rows.
"""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as part
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from apps.core.actor import Actor
from apps.events import services as events

from .gate import Kind, Row
from .models import Account
from .profiles import ACCOUNTS, bring_account_rows
from .records import bring_rows

# Each row as it would be, new or changed, held against the table's own check constraints.
_JUDGE = """
select i.place, t.id, {account}, (
    select array_remove(array[{checks}]::text[], null)
    from jsonb_populate_record(null::{table}, coalesce(to_jsonb(t), %(defaults)s::jsonb) || i.given)
)
from jsonb_to_recordset(%(rows)s::jsonb) as i(place int, key text, given jsonb)
left join {table} t on t.external_id = i.key {scope}
"""
_CHECKS = "select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass and contype = 'c' order by conname"
_IDS = "select external_id, id from {table} t where external_id = any(%(keys)s) {scope}"


@dataclass(frozen=True)
class Outcome:
    """What became of one row: created, changed, same or refused; `left` are (field, reason) of facts that were not taken."""

    status: str
    id: int | None = None
    field: str = ""
    reason: str = ""
    left: list[tuple[str, str]] = part(default_factory=list)


def upsert(
    kind: Kind, rows: Sequence[Row], *, needed: Sequence[str], caller: Any, source: str, actor: Actor, now: datetime, only_new: bool = False
) -> list[Outcome]:
    """Create the rows that are new (they need `needed`) and change those that differ, within the caller's book. One outcome per row, in order."""
    with transaction.atomic():
        outcomes: dict[int, Outcome] = {}
        good = _first_of_each(rows, outcomes)
        present = _judge(kind, good, needed=needed, source=source, caller=caller, outcomes=outcomes, only_new=only_new)
        good = {place: row for place, row in good.items() if place not in outcomes}
        take = bring_account_rows if kind is ACCOUNTS else bring_rows
        brought = take(kind, list(good.values()), source=source, actor=actor, now=now)
        left: dict[str, list[tuple[str, str]]] = {}
        for one in brought.left:
            left.setdefault(one.key, []).append((one.field, one.reason))
        ids, touched = _ids(kind, [row.key for row in good.values()], source), set(brought.ids)
        for place, row in good.items():
            facts = left.get(row.key, [])
            if whole := next((reason for name, reason in facts if not name), ""):
                outcomes[place] = Outcome("refused", field="account_external_id", reason=whole)
                continue
            key = ids.get(row.key)
            status = "same" if key not in touched else "changed" if present.get(place) else "created"
            outcomes[place] = Outcome(status, key, left=facts)
    return [outcomes[place] for place in range(len(rows))]


def _first_of_each(rows: Sequence[Row], outcomes: dict[int, Outcome]) -> dict[int, Row]:
    first: dict[str, int] = {}
    for place, row in enumerate(rows):
        if first.setdefault(row.key, place) != place:
            outcomes[place] = Outcome("refused", field="external_id", reason=f"It is named twice in this call, first in item {first[row.key]}.")
    return {place: rows[place] for place in first.values()}


def _judge(
    kind: Kind, rows: Mapping[int, Row], *, needed: Sequence[str], source: str, caller: Any, outcomes: dict[int, Outcome], only_new: bool
) -> dict[int, int | None]:
    """Fills in what is refused; returns the row that is there, by place."""
    checks = _checks(kind.table)
    statement = _JUDGE.format(
        table=kind.table,
        account="t.id" if kind is ACCOUNTS else "t.account_id",
        checks=", ".join(f"case when not {rule} then '{name}' end" for name, rule in checks),
        scope="and t.source = %(source)s" if kind.scoped else "",
    )
    payload = [{"place": place, "key": row.key, "given": row.given} for place, row in rows.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "rows": json.dumps(payload, default=events.as_json),
                "defaults": json.dumps(dict(kind.defaults), default=events.as_json),
                "source": source,
            },
        )
        judged = cursor.fetchall()
    own = None if caller.sees_everything else _book(rows, judged, caller)
    for place, present, account, broken in judged:
        row = rows[place]
        missing = [name for name in needed if present is None and row.given.get(name) in (None, "")]
        if only_new and present is not None:
            outcomes[place] = Outcome("refused", field="external_id", reason="There is one with this id already.")
        elif missing:
            outcomes[place] = Outcome("refused", field=missing[0], reason="It is missing; a new row needs it.")
        elif broken:
            outcomes[place] = Outcome(
                "refused", field=_column_of(kind, broken[0], row), reason=f"It breaks the rule “{broken[0].replace('_', ' ')}”."
            )
        elif own is not None and (trouble := _outside(kind, row, account, own)):
            outcomes[place] = trouble
    return {place: present for place, present, _, _ in judged}


@functools.cache
def _checks(table: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(_CHECKS, [table])
        return [(name, words.removeprefix("CHECK ").replace("%", "%%")) for name, words in cursor.fetchall()]


def _column_of(kind: Kind, rule: str, row: Row) -> str:
    """A field that the rule speaks of, one that was said where there is such."""
    words = dict(_checks(kind.table))[rule]
    named = [name for name in reversed(kind.columns) if name in words]
    return next((name for name in named if name in row.given), named[0] if named else "body")


@dataclass(frozen=True)
class _Book:
    ids: set[int]
    words: set[str]


def _book(rows: Mapping[int, Row], judged: Sequence[Any], caller: Any) -> _Book:
    """Which of the accounts that the rows speak of are the caller's."""
    words = {row.references.get("account", "") for row in rows.values()} | {row.references.get("parent", "") for row in rows.values()}
    ids = {account for _, _, account, _ in judged if account is not None}
    mine = Account.objects.for_user(caller)
    found = [*mine.filter(pk__in=ids).values_list("id", "external_id"), *mine.filter(external_id__in=words - {""}).values_list("id", "external_id")]
    return _Book({key for key, _ in found}, {word for _, word in found})


def _outside(kind: Kind, row: Row, account: int | None, own: _Book) -> Outcome | None:
    if kind is ACCOUNTS and account is None:
        return Outcome(
            "refused", field="external_id", reason="There is no such account in your book, and only who sees every account creates new ones."
        )
    if account is not None and account not in own.ids:
        return Outcome("refused", field="external_id", reason="It is not in your book.")
    for fact in ("account", "parent"):
        if (word := row.references.get(fact, "")) and word not in own.words:
            return Outcome("refused", field=f"{fact}_external_id", reason=f"There is no account {word} in your book.")
    return None


def _ids(kind: Kind, keys: Sequence[str], source: str) -> dict[str, int]:
    with connection.cursor() as cursor:
        scope = "and t.source = %(source)s" if kind.scoped else ""
        cursor.execute(_IDS.format(table=kind.table, scope=scope), {"keys": list(keys), "source": source})
        return dict(cursor.fetchall())
