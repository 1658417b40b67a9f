"""Activity from a file: the whole file is copied into a staging table, judged, and stored slice by slice with its daily rollups.

Each row's message id is made of its account (or contract), moment, name, value and its number among identical rows, so importing a file again, or a
longer export of the same data, adds only what is new. A file that names source and message id, as our own export does, keeps them.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection

from apps.accounts import partitions
from apps.accounts.types import Brought

from .files import Reading, open_table
from .lines import Lines, find_columns
from .problems import LISTED, Problem, Problems, shown
from .runs import Order, Report, Run, running

SOURCE = "import"
_BLOCK = 5_000
# Rows per slice and so per transaction: a crash repeats at most this much work.
_SLICE = 20_000

_STAGE = """
drop table if exists import_stage, import_ready;
create temporary table import_stage (
    row bigint, key text, owner text, contact text, at timestamptz, name text, value float8, source text, message_id text, properties jsonb)
"""
# Who the rows name: accounts, or their contracts.
_OWNERS = {
    "account": "(select external_id, id as account_id from accounts_account)",
    "subscription": "(select external_id, account_id from accounts_subscription)",
}
_UNKNOWN = """
select s.row, s.owner, count(*) over () from import_stage s
where not exists (select 1 from {owners} o where o.external_id = s.owner) order by s.row limit %(limit)s
"""
# Sorted by the owner's key, which the message ids begin with: each slice then fills its own part of the unique index.
_READY = """
create temporary table import_ready as
select o.account_id, c.id as contact_id, s.row, s.key, s.at, s.name, s.value, s.properties, s.source, s.message_id,
       ((('x' || left(s.key, 8))::bit(32)::bigint * %(slices)s) >> 32)::int as slice
from import_stage s join {owners} o on o.external_id = s.owner
left join accounts_contact c on s.contact <> '' and c.external_id = s.contact and c.account_id = o.account_id
order by s.key, s.row
"""
_ROWS = """
with rows as materialized (
    select distinct on (message_key) named.*, accounts_message_key(source, message_id) as message_key from (
        select account_id, contact_id, name, at, value, properties, coalesce(nullif(source, ''), %(source)s) as source,
               coalesce(nullif(message_id, ''),
                        key || left(md5(concat_ws(chr(31), extract(epoch from at), name, value,
                                                  row_number() over (partition by key, at, name, value order by row))), 20)) as message_id
        from import_ready where slice = %(slice)s
    ) named order by message_key
)
"""
_MONTHS = "select date_trunc('month', at at time zone 'UTC')::date from import_ready group by 1 having count(*) >= %s order by 1"
_STORE = "".join(
    (
        _ROWS,
        """
, keyed as (
    insert into accounts_messagekey select message_key from rows order by 1
    on conflict do nothing
    returning key
), fresh as (
    insert into accounts_activityevent (account_id, contact_id, source, message_id, name, at, received_at, value, properties, import_run_id)
    select account_id, contact_id, source, message_id, name, at, %(now)s, value, properties, %(run)s
    from rows join keyed on keyed.key = message_key order by account_id, at
    returning account_id, name, at, value
), rolled as (
    insert into accounts_dailyrollup (account_id, day, name, count, value)
    select account_id, (at at time zone 'UTC')::date, name, count(*), sum(value::numeric) from fresh group by 1, 2, 3 order by 1, 2, 3
    on conflict (account_id, day, name) do update
    set count = accounts_dailyrollup.count + excluded.count, value = accounts_dailyrollup.value + excluded.value
)
select (select count(*) from fresh), (select count(*) from rows)
""",
    )
)
_COMPARE = "".join(
    (
        _ROWS,
        """
select count(*) filter (where not exists (
           select 1 from accounts_messagekey k where k.key = message_key)), count(*)
from rows
""",
    )
)


_HOLD = """
select id from accounts_account where id in (select account_id from accounts_activityevent where import_run_id = %(run)s)
order by id for no key update
"""
_FORGET = """
with gone as (
    delete from accounts_activityevent where import_run_id = %(run)s returning account_id, name, at, value
), less as (
    select account_id, (at at time zone 'UTC')::date as day, name, count(*) as count, sum(value::numeric) as value from gone group by 1, 2, 3
), lowered as (
    update accounts_dailyrollup r set count = r.count - l.count, value = r.value - l.value
    from less l where (r.account_id, r.day, r.name) = (l.account_id, l.day, l.name) and r.count > l.count
), emptied as (
    delete from accounts_dailyrollup r using less l where (r.account_id, r.day, r.name) = (l.account_id, l.day, l.name) and r.count <= l.count
)
select count(*) from gone
"""


def import_activity(order: Order, options: Reading) -> Report:
    """Store activity of known accounts: all rows or none, or with `skip_bad_rows` the good ones. Raises Unreadable when the file is no table."""
    with running(order) as run:
        problems = Problems()
        owner, staged, read = _stage(order, options, problems)
        order.watch(f"looking {owner}s up", 1.0, read)
        good = staged - _find_unknown(owner, problems)
        if problems and not order.skip_bad_rows:
            return run.refuse(problems, rows_read=read, good=good)
        if not good:
            problems.add(Problem(None, "", "No row of the file can be imported." if read else "The file has a header and no rows."))
            return run.refuse(problems, rows_read=read, good=0)
        _store(run, owner, good)
        return run.finish(problems, rows_read=read)


def forget(run_id: int) -> int:
    """Take away the activity that a run brought, with its part of the daily figures; returns how many events."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, {"run": run_id})
        cursor.execute(_FORGET, {"run": run_id})
        return int(cursor.fetchone()[0])


def _find_unknown(owner: str, problems: Problems) -> int:
    with connection.cursor() as cursor:
        cursor.execute("analyze import_stage")
        cursor.execute(_UNKNOWN.format(owners=_OWNERS[owner]), {"limit": LISTED})
        found = cursor.fetchall()
    total = found[0][2] if found else 0
    words = f"No {owner} has the id {{!r}}. Import the {owner}s first."
    listed = [Problem(row, owner, words.format(shown(name)), name) for row, name, _ in found]
    problems.add_many(listed, total=total, summary=f"of unknown {owner}s")
    return int(total)


def _store(run: Run, owner: str, good: int) -> None:
    slices = max(1, good // _SLICE)
    with connection.cursor() as cursor:
        cursor.execute(_READY.format(owners=_OWNERS[owner]), {"slices": slices})
        cursor.execute("create index on import_ready (slice); analyze import_ready; drop table import_stage")
        if not run.order.dry_run:
            cursor.execute(_MONTHS, [partitions.WORTH])
            partitions.ensure([row[0] for row in cursor.fetchall()])
            cursor.execute(
                "insert into accounts_eventname (name, meaning) select distinct name, 'other' from import_ready order by 1 on conflict do nothing"
            )
        for number in range(run.slices_done, slices):
            run.add_slice(number, _slice(number, run))
            run.order.watch("importing", (number + 1) / slices, good * (number + 1) // slices)
        cursor.execute("drop table import_ready")
        if not run.order.dry_run:
            # Features are computed right after an import, long before autovacuum would notice the new rows.
            cursor.execute("analyze accounts_activityevent; analyze accounts_dailyrollup")


def _slice(number: int, run: Run) -> Callable[[], Brought]:
    def work() -> Brought:
        with connection.cursor() as cursor:
            values: dict[str, Any] = {"slice": number, "source": SOURCE, "now": run.order.now, "run": run.row.pk if run.row else None}
            cursor.execute(_COMPARE if run.order.dry_run else _STORE, values)
            fresh, rows = cursor.fetchone()
        return Brought(created=fresh, changed=0, same=rows - fresh)

    return work


def _stage(order: Order, options: Reading, problems: Problems) -> tuple[str, int, int]:
    """Copy the good rows into the staging table; returns whom they name, how many they are, and how many rows the file has."""
    staged = 0
    with open_table(order.path, options, problems) as table, connection.cursor() as cursor:
        columns = find_columns(table, options)
        for problem in columns.problems:
            problems.add(problem)
        lines = Lines(table, columns, order, options)
        cursor.execute(_STAGE)
        with cursor.copy("copy import_stage from stdin") as copy:
            block: list[str] = []
            for line in lines:
                block.append(line)
                if len(block) == _BLOCK:
                    copy.write("".join(block))
                    staged += len(block)
                    block.clear()
                    order.watch("reading", table.share_read, table.row)
            copy.write("".join(block))
            staged += len(block)
        return lines.owner, staged, table.row - 1
