"""Marks on accounts of which more is known than a job has taken in. The mark is the work; the nudge only hurries it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from apps.core.jobs import turn_after_commit
from apps.events.models import Event

# A mark that stands keeps its age and cause. The upsert waits for a job that holds the row and then marks it again,
# so what arrives during its work is never taken for done. Rows are locked in account order, as all who lock several of them do.
_MARK = """
insert into {table} (account_id, stale_since, stale_cause_id)
select id, %(now)s, %(cause)s from accounts_account where {which} order by id
on conflict (account_id) do update set stale_since = excluded.stale_since, stale_cause_id = excluded.stale_cause_id
where {table}.stale_since is null
"""
_ADD_MISSING = "insert into {table} (account_id) select id from accounts_account where id = any(%s) order by id on conflict (account_id) do nothing"


@dataclass(frozen=True)
class Marks:
    """Kept on `model`: one row per account, with `stale_since` and `stale_cause`, every other column empty by default. `job` settles them."""

    model: type[Model]
    job: str

    def some(self, account_ids: Sequence[int], *, now: datetime, cause: Event | None = None) -> None:
        """These accounts; `cause` is the event that says why."""
        self.where("id = any(%(ids)s)", {"ids": list(account_ids)}, now=now, cause=cause)

    def all(self, *, now: datetime, cause: Event | None = None) -> None:
        """Every present customer."""
        self.where("stage <> 'churned'", {}, now=now, cause=cause)

    def where(self, which: str, parameters: dict[str, Any], *, now: datetime, cause: Event | None = None) -> None:
        """The accounts of which a condition over `accounts_account` holds."""
        # One statement: nothing to roll back to.
        with transaction.atomic(savepoint=False):
            with connection.cursor() as cursor:
                cursor.execute(_MARK.format(table=self._table, which=which), parameters | {"now": now, "cause": cause.pk if cause else None})
            turn_after_commit(self.job)

    def add_missing(self, account_ids: Sequence[int]) -> None:
        """An empty row for those of these accounts that have none."""
        with connection.cursor() as cursor:
            cursor.execute(_ADD_MISSING.format(table=self._table), [list(account_ids)])

    @property
    def _table(self) -> str:
        return self.model._meta.db_table
