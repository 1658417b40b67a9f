"""The daily rollups against the events they are made of: told apart, and made anew where they differ."""

from django.db import connection, transaction

_TRUTH = """
select account_id, (at at time zone 'UTC')::date as day, name, count(*) as count, sum(value::numeric) as value
from accounts_activityevent group by 1, 2, 3
"""
# One row per account, day and name whose rollup is not the sum of its events.
DIFFERENCES = "".join(
    (
        "select coalesce(r.account_id, e.account_id), coalesce(r.day, e.day), coalesce(r.name, e.name) from accounts_dailyrollup r full join (",
        _TRUTH,
        ") e using (account_id, day, name) where (r.count, r.value) is distinct from (e.count, e.value)",
    )
)
_REBUILD = "".join(
    (
        "with truth as materialized (",
        _TRUTH,
        """
), gone as (
    delete from accounts_dailyrollup r
    where not exists (select 1 from truth t where (t.account_id, t.day, t.name) = (r.account_id, r.day, r.name))
    returning id
), mended as (
    insert into accounts_dailyrollup as r (account_id, day, name, count, value)
    select account_id, day, name, count, value from truth order by 1, 2, 3
    on conflict (account_id, day, name) do update set count = excluded.count, value = excluded.value
    where (r.count, r.value) is distinct from (excluded.count, excluded.value)
    returning id
)
select (select count(*) from gone) + (select count(*) from mended)
""",
    )
)


def differences() -> int:
    """How many rollups differ from their events; 0 when all is well."""
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from ({DIFFERENCES}) found")  # noqa: S608
        return int(cursor.fetchone()[0])


def rebuild() -> int:
    """Make every rollup what its events say; returns how many were wrong. Batches that arrive meanwhile wait for the end."""
    with transaction.atomic(), connection.cursor() as cursor:
        # A batch that has stored its events and waits here adds its own counts afterwards; one that came before is seen by the statement.
        cursor.execute("lock table accounts_dailyrollup in exclusive mode")
        cursor.execute(_REBUILD)
        return int(cursor.fetchone()[0])
