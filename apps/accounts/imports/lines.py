"""The rows of an activity file as lines for COPY: which column is what, and each cell checked and escaped."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping

from apps.accounts.formulas import unguard

from . import values
from .columns import Columns, Names, find, plain
from .files import Reading
from .problems import Problem, shown
from .runs import Order
from .table import Table, Unreadable
from .values import BLANK, Bad

ACTIVITY_FIELDS: Names = {
    "account": ("accountid", "customerid", "companyid", "groupid", "account", "customer", "id"),
    "subscription": ("subscriptionid", "contractid", "subscription"),
    "at": ("timestamp", "at", "occurredat", "time", "datetime", "eventtime", "eventtimestamp", "date", "createdat"),
    "name": ("eventtype", "event", "eventname", "name", "type", "activity", "action"),
    "value": ("value", "amount", "count"),
    "contact": ("contactid", "userid", "contact"),
    "source": ("source",),
    "message_id": ("messageid",),
}
# What every row of a file may have in common.
IN_COMMON: Names = {ours: ACTIVITY_FIELDS[ours] for ours in ("account", "at", "name", "value", "source")}
# They name a message together; one alone is a property like any other.
_NAME_OF_MESSAGE = ("source", "message_id")
_LONGEST = {"account": 120, "subscription": 120, "name": 160, "contact": 120, "source": 60, "message_id": 100}
_ESCAPED = re.compile(r"[\\\t\n\r]")


def find_columns(table: Table, options: Reading) -> Columns:
    """Where everything stands. What every row has in common needs no column; a column that is not needed holds properties."""
    columns = find(table, options.map, ACTIVITY_FIELDS, leave_out=frozenset(options.leave_out), only_chosen=options.only_map)
    named = [ours for ours in _NAME_OF_MESSAGE if ours in columns.fields or ours in options.fixed]
    unneeded = [*options.fixed, *(named if len(named) == 1 else ())]
    if {"account", "subscription"} <= columns.fields.keys():
        unneeded.append("account" if _is_guessed(columns.fields["account"], table, options) else "subscription")
    for ours in filter(columns.fields.__contains__, unneeded):
        place = columns.fields.pop(ours)
        columns.others[table.header[place]] = place
    known = {*columns.fields, *options.fixed, *({"account"} if "subscription" in columns.fields else ())}
    if missing := [ours for ours in ("account", "at", "name") if ours not in known]:
        asked = ",".join(f"{ours}=COLUMN" for ours in missing)
        raise Unreadable(f"{table.path.name} has no column for {' and '.join(missing)}. It has: {', '.join(table.columns)}. Say --map {asked}.")
    return columns


def _is_guessed(account_at: int, table: Table, options: Reading) -> bool:
    """Beside a contract, a column that is just called `id` is the row's own."""
    return "account" not in options.map and ("subscription" in options.map or plain(table.header[account_at]) == "id")


class _Known(dict[str, str]):
    """Cells repeat, so what a cell becomes is worked out once; a bad one raises Bad each time."""

    def __init__(self, read: Callable[[str], str]) -> None:
        self._read = read

    def __missing__(self, cell: str) -> str:
        if len(self) > 500_000:
            self.clear()
        found = self[cell] = self._read(cell)
        return found


class Lines:
    """The good rows of a table as lines for COPY."""

    def __init__(self, table: Table, columns: Columns, order: Order, options: Reading) -> None:
        self._table = table
        self._places = columns.fields
        self._others = list(columns.others.items())
        self._now, self._dates = order.now, options.dates
        self._readers: dict[str, _Known] = {
            "account": _Known(lambda cell: self._owner("account", cell)),
            "subscription": _Known(lambda cell: self._owner("subscription", cell)),
            "at": _Known(self._at),
            "name": _Known(lambda cell: self._word("name", cell)),
            "value": _Known(self._value),
            "source": _Known(lambda cell: self._word("source", cell)),
            "message_id": _Known(lambda cell: self._word("message_id", cell)),
            "contact": _Known(lambda cell: self._word("contact", cell) if cell.strip() not in BLANK else ""),
        }
        self.owner = "account" if "account" in columns.fields or "account" in options.fixed else "subscription"
        self._template, self._wanted = self._plan({ours: self._read_fixed(ours, word) for ours, word in options.fixed.items()})

    def _read_fixed(self, ours: str, word: str) -> str:
        try:
            return self._readers[ours][word]
        except Bad as bad:
            raise Unreadable(f"--set {ours}={word}: {ours} {bad}") from bad

    def _plan(self, fixed: Mapping[str, str]) -> tuple[str, list[tuple[_Known, int]]]:
        """A line with a gap for each cell that is read, and who reads which cell."""
        parts, wanted = [], []
        for ours in (self.owner, "contact", "at", "name", "value", *_NAME_OF_MESSAGE):
            if ours in self._places:
                parts.append("%s")
                wanted.append((self._readers[ours], self._places[ours]))
            else:
                parts.append(fixed.get(ours, "1" if ours == "value" else "").replace("%", "%%"))
        return "\t".join(["%d", *parts, "%s\n"]), wanted

    def __iter__(self) -> Iterator[str]:
        for row, cells in self._table.rows():
            try:
                found = [known[cells[place]] for known, place in self._wanted]
            except Bad:
                self._table.problems.add_row(self._explain(row, cells))
                continue
            yield self._template % (row, *found, self._properties(cells) if self._others else "\\N")

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

    def _owner(self, ours: str, cell: str) -> str:
        """The key that message ids begin with, and the id itself."""
        word = self._word(ours, cell)
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
