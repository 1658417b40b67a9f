"""The gate: what sources say about rows of ours, many at a time. A fact passes when it is new, fits its registered type, is not older than what is
known, and no other source is the truth of its field; every fact that passed leaves its history.

The number of statements does not grow with the number of rows.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, transaction
from django.db.models import Model

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import AccountsChanged

from . import traits
from .types import Brought, Difference, FieldKind, Left

# A row that somebody else created while we tried is read again; more rounds than this mean that rows also vanish meanwhile.
_ROUNDS = 3


# How the outside id of a fact ({word}) is looked up. A person is also known by an email address at the account that the row names.
REFERENCES = {
    "account": "select a.id from accounts_account a where a.external_id = {word}",
    "parent": "select a.id from accounts_account a where a.external_id = {word}",
    "contact": """select found.id from (
            select c.id from accounts_contact c where c.external_id = {word} and c.external_id <> ''
            union all
            select known.contact_id from accounts_identity known where known.external_id = {word} and known.undone_at is null
            union all
            select c.id from accounts_contact c where c.account_id = r_account.id and lower(c.email) = lower({word})
        ) found limit 1""",
}


@dataclass(frozen=True)
class Kind:
    """A table that sources fill.

    `columns` are what may be said, `defaults` what a new row starts with, `born` SQL for what else it starts with. `references` are facts that hold
    outside ids; a new row needs those in `needed`. `scoped`: outside ids are unique per source.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    defaults: Mapping[str, Any]
    references: tuple[str, ...]
    needed: tuple[str, ...]
    has_traits: bool
    scoped: bool
    born: str

    @classmethod
    def of(cls, model: type[Model], *, needed: tuple[str, ...] = (), born: str = "") -> "Kind":
        """Read off a model; references are its foreign keys that REFERENCES can look up."""
        fields = {field.name: field for field in model._meta.concrete_fields}
        said = [field for name, field in fields.items() if name not in _OUR_OWN and not field.primary_key]
        return cls(
            name=str(model._meta.model_name),
            table=model._meta.db_table,
            columns=tuple(str(field.column) for field in said),
            defaults={str(field.column): _default(field) for field in said},
            references=tuple(name for name in REFERENCES if name in fields),
            needed=needed,
            has_traits="traits" in fields,
            scoped="source" in fields,
            born=born,
        )


# What no source can say, or what has a place of its own.
_OUR_OWN = frozenset({"external_id", "traits", "version", "source", "created_at"})


def _default(field: Any) -> Any:
    """A default that the database would fill in is written out, because the insert names every column."""
    if field.has_default() or not field.has_db_default():
        return field.get_default()
    return [] if isinstance(field, ArrayField) else field.db_default


@dataclass(frozen=True)
class Row:
    """What is said of one row: `given` by column (None clears it), `references` by fact, as outside ids."""

    key: str
    given: dict[str, Any]
    references: dict[str, str] = field(default_factory=dict)
    traits: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


_JUDGE = """
with incoming as (
    select i.place, i.key, coalesce(i.at, %(now)s) as at, i.traits, i.refs, i.given {referred} as given
    from jsonb_to_recordset(%(rows)s::jsonb) as i(place int, key text, at timestamptz, given jsonb, refs jsonb, traits jsonb)
    {reference_joins}
), known as (
    select i.*, t.id, t.version, to_jsonb(t) as present from incoming i join {table} t on t.external_id = i.key {scope}
), said as (
    select k.id, k.key, k.at, k.version, f.field, nullif(k.present -> f.field, 'null') as before, nullif(typed.row -> f.field, 'null') as after
    from known k cross join lateral (select to_jsonb(jsonb_populate_record(null::{table}, k.given)) as row) typed
    cross join lateral jsonb_object_keys(k.given) f(field)
    {said_traits}
), judged as (
    select s.*, case
        when rule.truth <> '' and rule.truth <> %(source)s and exists (
            select from events_change c where c.subject = {subject} and c.field in (s.field, '') and c.source = rule.truth)
        then format('%%s is the source of truth of this field', rule.truth)
        when (select max(c.at) from events_change c where c.subject = {subject} and c.field in (s.field, '')) > s.at
        then 'a later word is known' end as against
    from said s left join accounts_field rule on rule.name = %(name)s || '.' || s.field
    where s.after is distinct from s.before
), accepted as (
    select * from judged where against is null
), homeless as (
    select key, fact from incoming i cross join lateral unnest(%(needed)s::text[]) fact
    where not i.given ? (fact || '_id') and not exists (select from {table} t where t.external_id = i.key {scope})
), unknown as (
    select i.key, r.fact, r.word from incoming i cross join lateral jsonb_each_text(i.refs) r(fact, word)
    where r.word <> '' and not i.given ? (r.fact || '_id')
)"""

_APPLY = """
, folded as (
    select id, coalesce(jsonb_object_agg(field, after) filter (where field not like 'traits.%%'), '{{}}') as given,
           coalesce(jsonb_object_agg(substr(field, 8), after) filter (where field like 'traits.%%'), '{{}}') as traits
    from accepted group by id
), updated as (
    update {table} t
    set ({columns}) = (select {p_columns} from jsonb_populate_record(t, f.given) p), {set_traits} version = t.version + 1
    from folded f where t.id = f.id returning t.id
), created as (
    insert into {table} (external_id, {columns} {extra_columns})
    select i.key, {p_columns} {extra_values}
    from incoming i cross join lateral jsonb_populate_record(null::{table}, %(defaults)s::jsonb {born} || jsonb_strip_nulls(i.given)) p
    where not exists (select from {table} t where t.external_id = i.key {scope}) and i.key not in (select key from homeless)
    order by i.key
    on conflict do nothing
    returning id, external_id
)
select (select coalesce(jsonb_agg(jsonb_build_array(id, external_id) order by id), '[]') from created),
       (select coalesce(jsonb_agg(jsonb_build_array(id, key, field, before, after, version + 1, at) order by id, field), '[]') from accepted),
       (select coalesce(jsonb_agg(jsonb_build_array(key, field, against) order by key, field), '[]') from judged where against is not null),
       (select coalesce(jsonb_agg(jsonb_build_array(key, fact) order by key), '[]') from homeless),
       (select coalesce(jsonb_agg(jsonb_build_array(key, fact, word) order by key), '[]') from unknown),
       (select coalesce(jsonb_agg(key), '[]') from known)
"""

_COMPARE = """
select (select coalesce(jsonb_agg(jsonb_build_array(0, key) order by key), '[]') from incoming i
        where not exists (select from {table} t where t.external_id = i.key {scope}) and i.key not in (select key from homeless)),
       (select coalesce(jsonb_agg(jsonb_build_array(id, key, field, before, after, version + 1, at) order by key, field), '[]') from accepted),
       (select coalesce(jsonb_agg(jsonb_build_array(key, field, against) order by key, field), '[]') from judged where against is not null),
       (select coalesce(jsonb_agg(jsonb_build_array(key, fact) order by key), '[]') from homeless),
       (select coalesce(jsonb_agg(jsonb_build_array(key, fact, word) order by key), '[]') from unknown),
       (select coalesce(jsonb_agg(key), '[]') from known)
"""


def bring(
    kind: Kind,
    rows: Sequence[Row],
    *,
    source: str,
    actor: Actor,
    now: datetime,
    batch: str = "",
    trait_kinds: Mapping[str, FieldKind] | None = None,
    announce: bool = True,
) -> Brought:
    """Create the rows that are new and change those that differ; keys must not repeat within the call.

    What is not taken is returned in `left`: a whole row without its account, a fact of a field with another source of truth, an older word, a
    trait of another type. Publishes one AccountsChanged for all accounts that are touched, unless the caller announces the whole itself.
    """
    if not rows:
        return Brought(0, 0, 0)
    rows, left = traits.fitted(kind.name, rows, source=source, kinds=trait_kinds or {})
    created: list[tuple[int, str]] = []
    accepted: list[list[Any]] = []
    waiting = list(rows)
    with transaction.atomic():
        for _ in range(_ROUNDS):
            _lock(kind, waiting, source)
            made, taken, against, homeless, unknown, known = _run(kind, _APPLY, waiting, source=source, now=now)
            created += [(key, word) for key, word in made]
            accepted += taken
            left += _left(against, homeless, unknown)
            settled = {word for _, word in made} | {key for key, _ in homeless} | set(known)
            waiting = [row for row in waiting if row.key not in settled]
            if not waiting:
                break
        said_at = {row.key: row.at for row in rows}
        changes = [events.Changed(f"{kind.name}:{key}", "", None, None, 1, said_at[word]) for key, word in created]
        changes += [events.Changed(f"{kind.name}:{row[0]}", row[2], _kept(row[2], row[3]), _kept(row[2], row[4]), row[5], row[6]) for row in accepted]
        events.record_changes(changes, actor=actor, source=source, now=now, batch=batch)
        changed = {row[0] for row in accepted}
        ids = tuple(sorted({key for key, _ in created} | changed))
        if announce:
            _announce(kind, ids, sorted({row[2] for row in accepted}), source=source, actor=actor, now=now)
    refused = {one.key for one in left if not one.field}
    return Brought(len(created), len(changed), len(rows) - len(created) - len(changed) - len(refused), tuple(left), ids)


def compare(
    kind: Kind, rows: Sequence[Row], *, source: str, now: datetime, trait_kinds: Mapping[str, FieldKind] | None = None, most: int = 1000
) -> Brought:
    """What `bring` would do, without doing it; `differences` holds the first `most` fields of existing rows that would change."""
    if not rows:
        return Brought(0, 0, 0)
    rows, left = traits.fitted(kind.name, rows, source=source, kinds=trait_kinds or {}, register=False)
    made, taken, against, homeless, unknown, _ = _run(kind, _COMPARE, rows, source=source, now=now)
    left += _left(against, homeless, unknown)
    changed = {row[0] for row in taken}
    refused = {one.key for one in left if not one.field}
    differences = tuple(Difference(row[1], row[2], _kept(row[2], row[3]), _kept(row[2], row[4])) for row in taken[:most])
    return Brought(len(made), len(changed), len(rows) - len(made) - len(changed) - len(refused), tuple(left), (), differences)


def _left(against: Sequence[Sequence[str]], homeless: Sequence[Sequence[str]], unknown: Sequence[Sequence[str]]) -> list[Left]:
    named = {(key, fact): word for key, fact, word in unknown}
    whole = {key for key, _ in homeless}
    left = [Left(key, name, f"{reason[0].upper()}{reason[1:]}; it was left as it is.") for key, name, reason in against]
    for key, fact in homeless:
        word = named.get((key, fact))
        left.append(Left(key, "", f"There is no {fact} {word}." if word else f"Its {fact} is not told."))
    left += [Left(key, fact, f"There is no {fact} {word}; it was left as it is.") for (key, fact), word in named.items() if key not in whole]
    return left


def _lock(kind: Kind, rows: Sequence[Row], source: str) -> None:
    """In the order of their keys, so that batches about the same rows queue up instead of deadlocking, and judge what is committed."""
    scope = "and source = %(source)s" if kind.scoped else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select id from {kind.table} where external_id = any(%(keys)s) {scope} order by id for no key update",  # noqa: S608
            {"keys": [row.key for row in rows], "source": source},
        )


def _run(kind: Kind, ending: str, rows: Sequence[Row], *, source: str, now: datetime) -> tuple[Any, ...]:
    payload = [
        {"place": place, "key": row.key, "at": row.at, "given": row.given, "refs": row.references, "traits": row.traits}
        for place, row in enumerate(rows)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _statement(kind, ending),
            {
                "rows": json.dumps(payload, default=events.as_json),
                "source": source,
                "now": now,
                "name": kind.name,
                "needed": list(kind.needed),
                "defaults": json.dumps(dict(kind.defaults), default=events.as_json),
            },
        )
        return tuple(json.loads(column, parse_float=Decimal) for column in cursor.fetchone())


def _statement(kind: Kind, ending: str) -> str:
    said_traits = """union all
    select k.id, k.key, k.at, k.version, 'traits.' || one.name, k.present -> 'traits' -> one.name, one.value
    from known k cross join lateral jsonb_each(k.traits) one(name, value)"""
    extra = [*(("traits",) if kind.has_traits else ()), *(("source",) if kind.scoped else ())]
    values = [*(("i.traits",) if kind.has_traits else ()), *(("%(source)s",) if kind.scoped else ())]
    return (_JUDGE + ending).format(
        table=kind.table,
        columns=", ".join(kind.columns),
        p_columns=", ".join(f"p.{name}" for name in kind.columns),
        subject="%(name)s || ':' || s.id",
        scope="and t.source = %(source)s" if kind.scoped else "",
        referred="".join(f" || jsonb_strip_nulls(jsonb_build_object('{fact}_id', r_{fact}.id))" for fact in kind.references),
        reference_joins="\n    ".join(
            f"left join lateral ({REFERENCES[fact].format(word=word)}) r_{fact} on {word} <> ''"
            for fact in kind.references
            for word in [f"(i.refs ->> '{fact}')"]
        ),
        said_traits=said_traits if kind.has_traits else "",
        set_traits="traits = t.traits || f.traits," if kind.has_traits else "",
        extra_columns="".join(f", {name}" for name in extra),
        extra_values="".join(f", {value}" for value in values),
        born=f"|| {kind.born}" if kind.born else "",
    )


def _kept(name: str, value: Any) -> Any:
    """Amounts as exact text, as `events.edit` keeps them; numbers of traits stay numbers."""
    if isinstance(value, Decimal):
        return float(value) if name.startswith("traits.") else str(value)
    return value


def _announce(kind: Kind, ids: Sequence[int], fields: Sequence[str], *, source: str, actor: Actor, now: datetime) -> None:
    if not ids:
        return
    accounts = list(ids)
    if kind.name != "account":
        with connection.cursor() as cursor:
            cursor.execute(f"select distinct account_id from {kind.table} where id = any(%s) order by 1", [accounts])  # noqa: S608
            accounts = [key for (key,) in cursor.fetchall()]
        fields = [kind.name]
    events.publish(AccountsChanged(account_ids=accounts, fields=list(fields), source=source), actor=actor, now=now)
