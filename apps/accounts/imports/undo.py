"""Taking an import back, by the history it left: every field gets the value it had before, unless somebody changed it again since; rows that the
import brought go, unless something has happened to them since; its activity goes with its daily figures."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from apps.accounts import ledger
from apps.accounts.gate import Kind
from apps.accounts.models import ImportRun
from apps.accounts.profiles import ACCOUNTS
from apps.accounts.records import KINDS
from apps.accounts.types import ImportState
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import ImportFinished

from . import activity

_LISTED = 100
# Made by the platform itself from what is known of an account, so no reason to keep it. Named by label: their apps stand right of this one.
_DERIVED = frozenset(
    {
        "accounts.ArrMovement",
        "accounts.DailyRollup",
        "accounts.Renewal",
        "accounts.RenewalCall",
        "churn.AccountRisk",
        "churn.Care",
        "churn.Prediction",
        "churn.ShadowScore",
        "dashboards.AccountVisit",
        "health.AccountHealth",
        "health.HealthScore",
    }
)

_RESTORE = """
with mine as (
    select split_part(c.subject, ':', 2)::bigint as id, c.subject, c.field, (array_agg(c.before order by c.id))[1] as before,
           (array_agg(c.after order by c.id desc))[1] as after, max(c.id) as last
    from events_change c
    where c.batch = %(batch)s and c.field <> '' and c.erased_at is null and split_part(c.subject, ':', 1) = %(name)s
      and not exists (select from events_change made where made.subject = c.subject and made.field = '' and made.batch = %(batch)s)
    group by 1, 2, 3
), judged as (
    select m.*, exists (select from events_change c where c.subject = m.subject and c.field = m.field and c.id > m.last and c.batch <> %(batch)s)
           as changed_since
    from mine m
), back as (
    select id, coalesce(jsonb_object_agg(field, before) filter (where field not like 'traits.%%'), '{{}}') as given,
           coalesce(jsonb_object_agg(substr(field, 8), before) filter (where field like 'traits.%%'), '{{}}') as traits
    from judged where not changed_since group by id
), restored as (
    update {table} t
    set ({columns}) = (select {p_columns} from jsonb_populate_record(t, b.given) p), {traits} version = t.version + 1
    from back b where t.id = b.id returning t.id, t.version
)
select coalesce(jsonb_agg(jsonb_build_array(j.id, j.field, j.after, j.before, r.version, j.changed_since) order by j.id, j.field), '[]')
from judged j left join restored r using (id)
"""
# A trait that was not there before goes again.
_TRAITS = """traits = (t.traits || b.traits) - array(select key from jsonb_each(b.traits) where value = 'null'),"""
_CREATED = """
select split_part(c.subject, ':', 2)::bigint,
       exists (select from events_change later where later.subject = c.subject and later.id > c.id and later.batch <> %(batch)s)
from events_change c where c.batch = %(batch)s and c.field = '' and split_part(c.subject, ':', 1) = %(name)s order by 1
"""


def take_back(run_id: int, *, now: datetime) -> None:
    """One transaction: the run is taken back or it is not."""
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run_id)
        if run.state != ImportState.UNDOING:
            return
        actor = Actor(*str((run.told or {}).get("asked_by") or run.actor).split(":", 1))
        kept: list[str] = []
        gone = activity.forget(run.pk)
        restored = removed = 0
        # Parts before the whole.
        for kind in [*reversed(list(KINDS.values())), ACCOUNTS]:
            restored += _restore(kind, run.pk, kept, actor=actor, now=now)
            removed += _remove(kind, run.pk, kept)
        message = f"Taken back: {restored:,} fields restored, {removed:,} rows removed" + (f", {gone:,} activity events removed." if gone else ".")
        message += f" {len(kept):,} {'was' if len(kept) == 1 else 'were'} changed again since and stay." if kept else " All is as it was before."
        told = {"message": message, "kept": kept[:_LISTED], "restored": restored, "removed": removed, "activity": gone}
        ImportRun.objects.filter(pk=run.pk).update(state=ImportState.UNDONE, told=told, finished_at=now)
        if restored + removed + gone:
            events.publish(ImportFinished(run_id=run.pk, kind=run.kind, rows=restored + removed + gone), actor=actor, now=now)


def _restore(kind: Kind, run_id: int, kept: list[str], *, actor: Actor, now: datetime) -> int:
    statement = _RESTORE.format(
        table=kind.table,
        columns=", ".join(kind.columns),
        p_columns=", ".join(f"p.{name}" for name in kind.columns),
        traits=_TRAITS if kind.has_traits else "",
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"batch": f"import:{run_id}", "name": kind.name})
        found = json.loads(cursor.fetchone()[0], parse_float=Decimal)
    kept += [f"{kind.name} {key}: {field}" for key, field, _, _, _, changed_since in found if changed_since]
    back = [row for row in found if not row[5] and row[4] is not None]
    changes = [events.Changed(f"{kind.name}:{key}", field, after, before, version) for key, field, after, before, version, _ in back]
    events.record_changes(changes, actor=actor, source="import", now=now, batch=f"undo:{run_id}")
    if kind.name == "account" and back:
        ledger.post_differences({row[0] for row in back}, on=now.date(), source="import", actor=actor, now=now)
    return len(back)


def _remove(kind: Kind, run_id: int, kept: list[str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_CREATED, {"batch": f"import:{run_id}", "name": kind.name})
        found = cursor.fetchall()
    model = next(one for one in apps.get_models() if one._meta.db_table == kind.table)
    made = [key for key, _ in found]
    lived = {key for key, changed_since in found if changed_since} | _with_history(model, made)
    present = set(model._default_manager.filter(pk__in=made).values_list("pk", flat=True))
    kept += [f"{kind.name} {key}: something has happened to it since" for key in made if key in lived & present]
    going = [key for key in made if key in present and key not in lived]
    model._default_manager.filter(pk__in=going).delete()
    return len(going)


def _with_history(model: type[models.Model], keys: list[int]) -> set[int]:
    """Which of these rows others point at: people, tickets, messages, notes; one statement per table."""
    found: set[Any] = set()
    for relation in model._meta.related_objects:
        other = relation.related_model
        if isinstance(other, type) and other._meta.label not in _DERIVED:
            name = relation.field.name
            found.update(other._base_manager.filter(**{f"{name}__in": keys}).values_list(name, flat=True).distinct())
    return found
