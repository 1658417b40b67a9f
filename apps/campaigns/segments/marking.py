"""Marks on accounts of which more is known than their memberships say, with the kinds of what changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from apps.core.jobs import turn_after_commit
from apps.events.models import Event

from .matters import Kind

# Nothing is written where no live segment looks at such a change. A mark that stands keeps its age and cause and takes the new kinds in.
# The upsert waits for whoever holds the row and then marks it again, so what arrives during their work is never taken for done.
_MARK = """
insert into campaigns_segmentmark (account_id, kinds, stale_since, stale_cause_id)
select id, %(kinds)s, %(now)s, %(cause)s from accounts_account
where {which} and exists (select 1 from campaigns_segment where state = 'live' and matters & %(kinds)s <> 0) order by id
on conflict (account_id) do update set kinds = campaigns_segmentmark.kinds | excluded.kinds,
    stale_since = coalesce(campaigns_segmentmark.stale_since, excluded.stale_since),
    stale_cause_id = case when campaigns_segmentmark.stale_since is null then excluded.stale_cause_id else campaigns_segmentmark.stale_cause_id end
where campaigns_segmentmark.stale_since is null or campaigns_segmentmark.kinds & excluded.kinds <> excluded.kinds
"""
_HOLD = "select account_id from campaigns_segmentmark where account_id = any(%s) order by account_id for update{}"
_ADD_MISSING = """
insert into campaigns_segmentmark (account_id) select id from accounts_account where id = any(%s) order by id on conflict (account_id) do nothing
"""


def mark(account_ids: Sequence[int], *, kinds: Kind, now: datetime, cause: Event | None = None) -> None:
    """These accounts, for the segments that look at changes of these kinds."""
    if account_ids:
        _mark("id = any(%(ids)s)", {"ids": list(account_ids)}, kinds, now, cause)


def mark_all(*, kinds: Kind, now: datetime, cause: Event | None = None) -> None:
    """Every account."""
    _mark("true", {}, kinds, now, cause)


def _mark(which: str, parameters: dict[str, Any], kinds: Kind, now: datetime, cause: Event | None) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_MARK.format(which=which), {**parameters, "kinds": int(kinds), "now": now, "cause": cause.pk if cause else None})
            marked = cursor.rowcount
        if marked:
            turn_after_commit("campaigns.refresh_segments")


def hold(account_ids: Sequence[int], *, wait: bool = True) -> list[int]:
    """Take these accounts for the rest of the transaction; without `wait` only those that nobody else holds. Returns whom it has."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD_MISSING, [list(account_ids)])
        cursor.execute(_HOLD.format("" if wait else " skip locked"), [list(account_ids)])
        return [key for (key,) in cursor.fetchall()]
