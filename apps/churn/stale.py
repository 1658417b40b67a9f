"""Marks on accounts whose score is older than what is known of them. The mark is the work; the nudge only hurries it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from apps.core.jobs import after_commit
from apps.events.models import Event

# A mark that stands keeps its age and cause. The upsert waits for a scorer that holds the row and then marks it again,
# so activity that arrives during scoring is never taken for scored. Rows are locked in account order, as all who lock several of them do.
_MARK = """
insert into churn_accountrisk (account_id, band, reasons, source, stale_since, stale_cause_id)
select id, 'low', '[]', '', %(now)s, %(cause)s from accounts_account where {which} order by id
on conflict (account_id) do update set stale_since = excluded.stale_since, stale_cause_id = excluded.stale_cause_id
where churn_accountrisk.stale_since is null
"""


def mark_stale(account_ids: Sequence[int], *, now: datetime, cause: Event | None = None) -> None:
    """These accounts need a fresh score; `cause` is the event that says why."""
    _mark("id = any(%(ids)s)", {"ids": list(account_ids)}, now, cause)


def mark_all_stale(*, now: datetime, cause: Event | None = None) -> None:
    """Every present customer needs a fresh score."""
    _mark("stage <> 'churned'", {}, now, cause)


def mark_users_of_name_stale(name: str, *, now: datetime, cause: Event | None = None) -> None:
    """Every account that ever did this needs a fresh score: it means something else now."""
    _mark("id in (select account_id from accounts_dailyrollup where name = %(name)s)", {"name": name}, now, cause)


def _mark(which: str, parameters: dict[str, Any], now: datetime, cause: Event | None) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_MARK.format(which=which), parameters | {"now": now, "cause": cause.pk if cause else None})
        after_commit("churn.score_stale")
