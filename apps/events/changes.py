"""The history of fields: every change leaves who, when, from where, before and after; sealed so that tampering is found."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Model

from apps.core.actor import Actor
from apps.core.errors import Conflict

from .models import Change, Event

_RECORD = """
insert into events_change (subject, field, before, after, version, actor, source, batch, cause_id, at)
select c.subject, c.field, c.before, c.after, c.version, %(actor)s, %(source)s, %(batch)s, %(cause)s, coalesce(c.at, %(now)s)
from jsonb_to_recordset(%(changes)s::jsonb) as c(place int, subject text, field text, before jsonb, after jsonb, version int, at timestamptz)
order by c.place
"""

# A row's recorded_at is the start of its transaction, so nothing recorded before the oldest transaction that still runs can appear any more.
_SEAL = """
with running as (
    select min(xact_start) as oldest from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
), edge as (
    select least(now() - interval '1 second', (select oldest from running)) as until,
           (select until from events_seal order by id desc limit 1) as since,
           coalesce((select digest from events_seal order by id desc limit 1), '') as before
), under as (
    select count(*) as changes, coalesce(string_agg(c.digest, '' order by c.recorded_at, c.id), '') as digests
    from events_change c, edge where c.recorded_at < edge.until and (edge.since is null or c.recorded_at >= edge.since)
)
insert into events_seal (until, changes, digest, sealed_at)
select edge.until, under.changes, encode(sha256(convert_to(edge.before || under.digests, 'UTF8')), 'hex'), %(now)s
from edge, under where under.changes > 0 and (edge.since is null or edge.until > edge.since)
returning changes
"""

# A row that was erased has no text to compare; its digest is still under its seal.
_ALTERED = "select id from events_change c where erased_at is null and digest <> events_change_digest(c) order by id limit 100"
_BROKEN = """
with links as (
    select s.id, s.until, s.changes, s.digest, coalesce(lag(s.digest) over (order by s.id), '') as before, lag(s.until) over (order by s.id) as since
    from events_seal s
), made as (
    select l.id, l.changes, l.digest, count(c.id) as found,
           encode(sha256(convert_to(l.before || coalesce(string_agg(c.digest, '' order by c.recorded_at, c.id), ''), 'UTF8')), 'hex') as again
    from links l left join events_change c on c.recorded_at < l.until and (l.since is null or c.recorded_at >= l.since)
    group by l.id, l.changes, l.digest, l.before
)
select id from made where found <> changes or digest <> again order by id limit 100
"""


@dataclass(frozen=True)
class Changed:
    """One field that became something else; values as JSON can hold them. `at` where it was said at another moment than it is recorded."""

    subject: str
    field: str
    before: Any
    after: Any
    version: int | None = None
    at: datetime | None = None


def subject_of(row: Model) -> str:
    """account:12 for an Account: what changes and events of a row are filed under."""
    return f"{row._meta.model_name}:{row.pk}"


def as_json(value: Any) -> Any:
    """A field's value as the history keeps it: amounts and moments as exact text, rows by their key."""
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def record_changes(changes: Sequence[Changed], *, actor: Actor, source: str, now: datetime, batch: str = "", cause: Event | None = None) -> None:
    """Write history in the transaction that made it, by one statement."""
    if not changes:
        return
    rows = [{"place": place, **change.__dict__} for place, change in enumerate(changes)]
    with connection.cursor() as cursor:
        cursor.execute(
            _RECORD,
            {
                "changes": json.dumps(rows, default=as_json),
                "actor": str(actor),
                "source": source,
                "batch": batch,
                "cause": cause.pk if cause else None,
                "now": now,
            },
        )


def edit(
    row: Any,
    *,
    changes: Mapping[str, Any],
    actor: Actor,
    now: datetime,
    version: int | None = None,
    seen: Mapping[str, Any] | None = None,
    source: str = "staff",
    batch: str = "",
    cause: Event | None = None,
) -> list[str]:
    """Change fields of one versioned row as a person asked; returns the fields that really changed.

    `version`: the version that was edited; any other refuses everything. `seen`: the values that the editor saw; a field that somebody else changed
    meanwhile to something else raises Conflict with both values, others are merged. Raises ValidationError for values that do not fit.
    """
    with transaction.atomic():
        present = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
        before = {name: getattr(present, name) for name in changes}
        if against := _against(present, before, changes, version=version, seen=seen or {}):
            raise Conflict(_both_words(against), fields=against, version=present.version)
        for name, value in changes.items():
            setattr(present, name, value)
        really = [name for name in changes if as_json(getattr(present, name)) != as_json(before[name])]
        if not really:
            return []
        present.full_clean(exclude=[field.name for field in present._meta.fields if field.name not in really])
        really = [name for name in really if as_json(getattr(present, name)) != as_json(before[name])]
        columns = {name: getattr(present, name) for name in really}
        type(row)._default_manager.filter(pk=row.pk).update(version=F("version") + 1, **columns)
        for name, value in columns.items():
            setattr(row, name, value)
        row.version = present.version + 1
        record_changes(
            [Changed(subject_of(row), _column(row, name), as_json(before[name]), as_json(columns[name]), row.version) for name in really],
            actor=actor,
            source=source,
            batch=batch,
            now=now,
            cause=cause,
        )
    return really


def _column(row: Model, name: str) -> str:
    """The history names columns: owner_id, whether the owner or its key was given."""
    return str(getattr(row._meta.get_field(name), "attname", name))


def conflicts(row: Any, *, changes: Mapping[str, Any], seen: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What `edit` would refuse now: {field: {"yours", "theirs", "base"}}."""
    present = type(row)._default_manager.get(pk=row.pk)
    return _against(present, {name: getattr(present, name) for name in changes}, changes, version=None, seen=seen)


def _against(
    present: Any, before: Mapping[str, Any], changes: Mapping[str, Any], *, version: int | None, seen: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    stale = version is not None and version != present.version
    found = {}
    for name, wanted in changes.items():
        theirs, yours = as_json(before[name]), as_json(wanted)
        base = as_json(seen[name]) if name in seen else theirs
        if (stale or theirs != base) and (stale or theirs != yours):
            found[name] = {"yours": yours, "theirs": theirs, "base": base}
    return found


def _both_words(against: Mapping[str, Mapping[str, Any]]) -> str:
    each = "; ".join(f"{name} is now {both['theirs']!r}, yours is {both['yours']!r}" for name, both in against.items())
    return f"Somebody else changed this meanwhile: {each}. Nothing was changed. Keep theirs, or save yours again."


def seal(*, now: datetime) -> int:
    """Put everything recorded since the last seal, whose transactions are all over, under a new one; returns how many changes."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("lock table events_seal in exclusive mode")
        cursor.execute(_SEAL, {"now": now})
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def tampered() -> dict[str, list[int]]:
    """Changes whose text does not fit their digest, and seals whose changes are not those they were made of; both empty when all is well."""
    with connection.cursor() as cursor:
        cursor.execute(_ALTERED)
        altered = [key for (key,) in cursor.fetchall()]
        cursor.execute(_BROKEN)
        broken = [key for (key,) in cursor.fetchall()]
    return {"changes": altered, "seals": broken}


def erase_values(subjects: Sequence[str], *, now: datetime, fields: Sequence[str] | None = None) -> int:
    """Forget what these rows' fields held; that they changed, when and by whom stays, and the seals still hold. Returns how many changes."""
    rows = Change.objects.filter(subject__in=list(subjects), erased_at=None)
    if fields is not None:
        rows = rows.filter(field__in=list(fields))
    return rows.update(before=None, after=None, salt=None, erased_at=now)
