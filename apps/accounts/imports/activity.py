"""Activity from a file: the whole file is copied into a staging table, judged, and stored slice by slice with its daily rollups.

Each row's message id is made of its account, moment, name, value and its number among identical rows, so importing a file again, or a longer
export of the same data, adds only what is new. A file that names source and message id, as our own export does, keeps them.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from apps.accounts import partitions
from apps.accounts.formulas import unguard
from apps.accounts.types import Brought

from . import values
from .columns import Columns, Names, find
from .files import Reading, open_table
from .problems import LISTED, Problem, Problems, shown
from .runs import Order, Report, Run, running
from .table import Table, Unreadable
from .values import BLANK, Bad

SOURCE = "import"
ACTIVITY_FIELDS: Names = {
    "account": ("accountid", "customerid", "companyid", "groupid", "account", "customer", "id"),
    "at": ("timestamp", "at", "occurredat", "time", "datetime", "eventtime", "eventtimestamp", "date", "createdat"),
    "name": ("eventtype", "event", "eventname", "name", "type", "activity", "action"),
    "value": ("value", "amount", "count"),
    "contact": ("contactid", "userid", "contact"),
    "source": ("source",),
    "message_id": ("messageid",),
}
# They name a message together; one alone is a property like any other.
_NAME_OF_MESSAGE = ("source", "message_id")
_BLOCK = 5_000
# Rows per slice and so per transaction: a crash repeats at most this much work.
_SLICE = 20_000
_LONGEST = {"account": 120, "name": 160, "contact": 120, "source": 60, "message_id": 100}
_ESCAPED = re.compile(r"[\\\t\n\r]")

_STAGE = """
drop table if exists import_stage, import_ready;
create temporary table import_stage (
    row bigint, key text, account text, contact text, at timestamptz, name text, value float8, properties jsonb, source text, message_id text)
"""
_UNKNOWN = """
select s.row, s.account, count(*) over () from import_stage s
where not exists (select 1 from accounts_account a where a.external_id = s.account) order by s.row limit %(limit)s
"""
# Sorted by the account's key, which the message ids begin with: each slice then fills its own part of the unique index.
_READY = """
create temporary table import_ready as
select a.id as account_id, c.id as contact_id, s.row, s.key, s.at, s.name, s.value, s.properties, s.source, s.message_id,
       ((('x' || left(s.key, 8))::bit(32)::bigint * %(slices)s) >> 32)::int as slice
from import_stage s join accounts_account a on a.external_id = s.account
left join accounts_contact c on s.contact <> '' and c.external_id = s.contact and c.account_id = a.id
order by s.key, s.row
"""
_ROWS = """
with rows as materialized (
    select distinct on (message_key) named.*, accounts_message_key(source, message_id) as message_key from (
        select account_id, contact_id, name, at, value, properties, coalesce(nullif(source, ''), %(source)s) as source,
               coalesce(nullif(message_id, ''),
                        key || left(md5(concat_ws(chr(31), extract(epoch from at), name, value,
                                                  row_number() over (partition by account_id, at, name, value order by row))), 20)) as message_id
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
        staged, read = _stage(order, options, problems)
        order.watch("looking accounts up", 1.0, read)
        good = staged - _find_unknown(problems)
        if problems and not order.skip_bad_rows:
            return run.refuse(problems, rows_read=read, good=good)
        if not good:
            problems.add(Problem(None, "", "No row of the file can be imported." if read else "The file has a header and no rows."))
            return run.refuse(problems, rows_read=read, good=0)
        _store(run, good)
        return run.finish(problems, rows_read=read)


def forget(run_id: int) -> int:
    """Take away the activity that a run brought, with its part of the daily figures; returns how many events."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, {"run": run_id})
        cursor.execute(_FORGET, {"run": run_id})
        return int(cursor.fetchone()[0])


def _find_unknown(problems: Problems) -> int:
    with connection.cursor() as cursor:
        cursor.execute("analyze import_stage")
        cursor.execute(_UNKNOWN, {"limit": LISTED})
        found = cursor.fetchall()
    total = found[0][2] if found else 0
    listed = [Problem(row, "account", f"No account has the id {shown(account)!r}. Import the accounts first.", account) for row, account, _ in found]
    problems.add_many(listed, total=total, summary="of unknown accounts")
    return int(total)


def _store(run: Run, good: int) -> None:
    slices = max(1, good // _SLICE)
    with connection.cursor() as cursor:
        cursor.execute(_READY, {"slices": slices})
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


def _stage(order: Order, options: Reading, problems: Problems) -> tuple[int, int]:
    """Copy the good rows into the staging table; returns how many, and how many rows the file has."""
    staged = 0
    with open_table(order.path, options, problems) as table, connection.cursor() as cursor:
        columns = find(table, options.map, ACTIVITY_FIELDS, leave_out=frozenset(options.leave_out), only_chosen=options.only_map)
        if sum(ours in columns.fields for ours in _NAME_OF_MESSAGE) == 1:
            lone = next(ours for ours in _NAME_OF_MESSAGE if ours in columns.fields)
            place = columns.fields.pop(lone)
            columns.others[table.header[place]] = place
        for problem in columns.problems:
            problems.add(problem)
        if missing := [ours for ours in ("account", "at", "name") if ours not in columns.fields]:
            asked = ",".join(f"{ours}=COLUMN" for ours in missing)
            raise Unreadable(f"{table.path.name} has no column for {' and '.join(missing)}. It has: {', '.join(table.columns)}. Say --map {asked}.")
        cursor.execute(_STAGE)
        with cursor.copy("copy import_stage from stdin") as copy:
            block: list[str] = []
            for line in _Lines(table, columns, order, options):
                block.append(line)
                if len(block) == _BLOCK:
                    copy.write("".join(block))
                    staged += len(block)
                    block.clear()
                    order.watch("reading", table.share_read, table.row)
            copy.write("".join(block))
            staged += len(block)
        return staged, table.row - 1


class _Known(dict[str, str]):
    """Cells repeat, so what a cell becomes is worked out once; a bad one raises Bad each time."""

    def __init__(self, read: Callable[[str], str]) -> None:
        self._read = read

    def __missing__(self, cell: str) -> str:
        if len(self) > 500_000:
            self.clear()
        found = self[cell] = self._read(cell)
        return found


class _Lines:
    """The good rows of a table as lines for COPY."""

    def __init__(self, table: Table, columns: Columns, order: Order, options: Reading) -> None:
        self._table = table
        self._places = columns.fields
        self._others = list(columns.others.items())
        self._now, self._dates = order.now, options.dates
        self._readers: dict[str, _Known] = {
            "account": _Known(self._account),
            "at": _Known(self._at),
            "name": _Known(lambda cell: self._word("name", cell)),
            "value": _Known(self._value),
            "source": _Known(lambda cell: self._word("source", cell)),
            "message_id": _Known(lambda cell: self._word("message_id", cell)),
            "contact": _Known(lambda cell: self._word("contact", cell) if cell.strip() not in BLANK else ""),
        }

    def __iter__(self) -> Iterator[str]:
        account_at, at_at, name_at = (self._places[ours] for ours in ("account", "at", "name"))
        value_at, contact_at = self._places.get("value"), self._places.get("contact")
        source_at, id_at = (self._places.get(ours) for ours in _NAME_OF_MESSAGE)
        sources, ids = (self._readers[ours] for ours in _NAME_OF_MESSAGE)
        accounts, moments, names, amounts, contacts = (self._readers[ours] for ours in ("account", "at", "name", "value", "contact"))
        for row, cells in self._table.rows():
            try:
                account = accounts[cells[account_at]]
                at = moments[cells[at_at]]
                name = names[cells[name_at]]
                value = "1" if value_at is None else amounts[cells[value_at]]
                contact = "" if contact_at is None else contacts[cells[contact_at]]
                message = "\t" if source_at is None or id_at is None else f"{sources[cells[source_at]]}\t{ids[cells[id_at]]}"
            except Bad:
                self._table.problems.add_row(self._explain(row, cells))
                continue
            properties = self._properties(cells) if self._others else "\\N"
            yield f"{row}\t{account}\t{contact}\t{at}\t{name}\t{value}\t{properties}\t{message}\n"

    def _explain(self, row: int, cells: list[str]) -> list[Problem]:
        """Everything that is wrong with a row of which something is."""
        found = []
        for ours, place in self._places.items():
            column, cell = self._table.header[place], cells[place]
            try:
                self._readers[ours][cell]
            except Bad as bad:
                missing = cell.strip() in BLANK
                found.append(Problem(row, column, f"{column} {bad}", shown(cell), f"without {column}" if missing else f"with a bad {column}"))
        return found

    def _account(self, cell: str) -> str:
        word = self._word("account", cell)
        return f"{hashlib.md5(unguard(cell.strip()).encode(), usedforsecurity=False).hexdigest()[:12]}\t{word}"

    def _word(self, ours: str, cell: str) -> str:
        word = unguard(cell.strip())
        if word in BLANK:
            raise Bad("is missing.")
        if len(word) > _LONGEST[ours]:
            raise Bad(f"is longer than {_LONGEST[ours]} characters.")
        return _escape(word)

    def _at(self, cell: str) -> str:
        if cell.strip() in BLANK:
            raise Bad("is missing.")
        at = values.moment(cell.strip(), self._dates)
        values.not_later_than(at, self._now)
        return at.isoformat()

    def _value(self, cell: str) -> str:
        word = cell.strip()
        return "1" if word in BLANK else repr(values.number(word))

    def _properties(self, cells: list[str]) -> str:
        given = {}
        for name, place in self._others:
            cell = cells[place].strip()
            if cell not in BLANK:
                given[name] = values.trait(cell, values.Kind.NUMBER) if values.is_number(cell) else unguard(cell)
        return _escape(json.dumps(given)) if given else "\\N"


def _escape(text: str) -> str:
    """As COPY's text format wants it."""
    return _ESCAPED.sub(lambda found: {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}[found.group()], text)
