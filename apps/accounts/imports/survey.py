"""The two readings of a file of records: the first judges every row and finds out what the columns are, the second gives the good rows."""

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db.models.functions import Lower

from apps.accounts.formulas import unguard
from apps.accounts.models import Account, Contact

from . import values
from .columns import Columns, find
from .fields import Ground
from .files import AccountOptions, Reading, open_table
from .kinds import BadField, Given, RecordKind
from .problems import Problem, Problems, shown
from .runs import Order
from .table import Table, Unreadable
from .values import BLANK, Bad, ColumnKind, Kind

_BLOCK = 2_000


class Survey:
    """The first reading: every problem, the kind of every trait, and which rows are good."""

    def __init__(self, order: Order, kind: RecordKind, options: Reading) -> None:
        self.order = order
        self.kind = kind
        self.options = options
        self.problems = Problems()
        self.rows_read = self.good = 0
        self._label = Label(options) if isinstance(options, AccountOptions) else Label(None)
        self._bad_rows: set[int] = set()
        self._ground = Ground(order.now, options.dates)
        self._fixed = self._read_fixed()
        with open_table(order.path, options, self.problems) as table:
            self.columns = self._find_columns(table)
            self._header = table.header
            self.kinds = {name: ColumnKind() for name in self.columns.others} if kind.takes_traits else {}
            self._read(table)

    def _read_fixed(self) -> Given:
        given: Given = {}
        for ours, word in self.options.fixed.items():
            try:
                given[ours] = self.kind.fields[ours].read(word, self._ground)
            except Bad as bad:
                raise Unreadable(f"--set {ours}={word}: {ours} {bad}") from bad
        return given

    def _find_columns(self, table: Table) -> Columns:
        options, noun = self.options, self.kind.noun
        chosen = dict(options.map)
        if self._label.date_column:
            chosen["churn_date"] = self._label.date_column
        columns = find(table, chosen, self.kind.names, leave_out=frozenset({self._label.column, *options.leave_out}), only_chosen=options.only_map)
        for name in (*self._fixed, *(["id"] if options.id_from else [])):
            columns.fields.pop(name, None)
        # The outcome is no part of an id: who leaves stays the same customer.
        id_from = [name for name in table.columns if name != self._label.column] if options.id_from == ("*",) else options.id_from
        if missing := [name for name in id_from if name not in table.columns]:
            raise Unreadable(f'--id-from names "{missing[0]}", but the file has: {", ".join(table.columns)}.')
        self._id_places = [table.columns[name] for name in id_from]
        absent = [ours for ours in self.kind.required if ours not in columns.fields and ours not in self._fixed]
        if "id" in absent and (self._id_places or self._label.id_from_row):
            absent.remove("id")
        if "id" in absent:
            instead = (
                "make one with --id-from COLUMN,COLUMN or --id-from-row" if self.kind.name == "accounts" else "make one with --id-from COLUMN,COLUMN"
            )
            raise Unreadable(
                f"No column of {table.path.name} looks like the {noun}'s id. It has: {', '.join(table.columns)}. "
                f"Say which one it is with --map id=COLUMN, or {instead}."
            )
        if absent:
            asked = ",".join(f"{ours}=COLUMN" for ours in absent)
            raise Unreadable(f"{table.path.name} has no column for {' and '.join(absent)}. It has: {', '.join(table.columns)}. Say --map {asked}.")
        if self._label.column and self._label.column not in table.columns:
            raise Unreadable(f'--churned-column names "{self._label.column}", but the file has: {", ".join(table.columns)}.')
        for problem in columns.problems:
            self.problems.add(problem)
        return columns

    def _read(self, table: Table) -> None:
        first_row: dict[str, int] = {}
        label = table.columns.get(self._label.column)
        labels: set[str] = set()
        churned = 0
        looks = [(self.columns.others[name], kind) for name, kind in self.kinds.items()]
        block: list[tuple[int, Given]] = []
        for row, cells in table.rows():
            cells = [cell.strip() for cell in cells]
            found, given = self._judge(row, cells)
            if not found and (earlier := first_row.setdefault(given["id"], row)) != row:
                name = self._name("id")
                found.append(Problem(row, name, f"{name} {given['id']} stands already in row {earlier}.", "", f"with a repeated {name}"))
            if found:
                self._bad_rows.add(row)
                self.problems.add_row(found)
                continue
            self.good += 1
            churned += bool(given.get("churned"))
            if label is not None and len(labels) < 20:
                labels.add(cells[label])
            for place, kind in looks:
                kind.look(cells[place])
            if "account" in given:
                block.append((row, given))
                if len(block) == _BLOCK:
                    self._look_up(block)
            if row % 5_000 == 0:
                self.order.watch("reading", table.share_read, row)
        self._look_up(block)
        self.rows_read = table.row - 1
        if label is not None and self.good and not churned:
            name, held = self._label.column, ", ".join(sorted(map(shown, labels))[:10])
            self.problems.add(Problem(None, name, f'{name} never holds "{self._label.value}"; it holds: {held}.'))

    def _look_up(self, block: list[tuple[int, Given]]) -> None:
        """Rows that speak of an account or a person nobody knows are bad; two statements for the whole block."""
        accounts = {given["account"] for _, given in block}
        people = {given["contact"] for _, given in block if given.get("contact")}
        known = set(Account.objects.filter(external_id__in=accounts).values_list("external_id", flat=True)) if accounts else set()
        met = set(Contact.objects.filter(external_id__in=people).values_list("external_id", flat=True)) if people else set()
        emails = {one.lower(): one for one in people - met if "@" in one}
        if emails:
            found = Contact.objects.annotate(address=Lower("email")).filter(address__in=emails, account__external_id__in=accounts)
            addresses = set(found.values_list("account__external_id", "address"))
        for row, given in block:
            account, person = given["account"], given.get("contact", "")
            if account not in known:
                self._refuse(row, "account", account, f"No account has the id {shown(account)!r}. Import the accounts first.", "of unknown accounts")
            elif person and person not in met and (not emails or (account, person.lower()) not in addresses):
                words = f"Nobody has the id or email address {shown(person)!r}. Import the contacts first."
                self._refuse(row, "contact", person, words, "of unknown people")
        block.clear()

    def _refuse(self, row: int, ours: str, raw: str, words: str, summary: str) -> None:
        self._bad_rows.add(row)
        self.good -= 1
        self.problems.add_row([Problem(row, self._name(ours), words, shown(raw), summary)])

    def facts(self) -> Iterator[Any]:
        """The second reading: the good rows with their traits."""
        kinds = [(name, self.columns.others[name], kind.kind) for name, kind in self.kinds.items()]
        with open_table(self.order.path, self.options) as table:
            for row, cells in table.rows():
                if row in self._bad_rows:
                    continue
                cells = [cell.strip() for cell in cells]
                _, given = self._judge(row, cells)
                yield self.kind.facts({ours: value for ours, value in given.items() if value is not None}, _traits(cells, kinds))

    def _name(self, ours: str) -> str:
        return self._header[self.columns.fields[ours]] if ours in self.columns.fields else ours

    def _judge(self, row: int, cells: list[str]) -> tuple[list[Problem], Given]:
        """What a row gives, and what is wrong with it."""
        found: list[Problem] = []
        given: Given = dict(self._fixed)
        for ours, place in self.columns.fields.items():
            cell, field = cells[place], self.kind.fields[ours]
            name = self._header[place]
            if cell in BLANK:
                if field.required:
                    found.append(Problem(row, name, f"{name} is missing.", "", f"without {name}"))
                continue
            try:
                given[ours] = field.read(cell, self._ground)
            except Bad as bad:
                found.append(Problem(row, name, f"{name} {bad}", shown(cell), f"with a bad {name}"))
        if "id" not in self.columns.fields:
            given["id"] = _made_of([cells[place] for place in self._id_places]) if self._id_places else f"row-{row}"
        if not found:
            try:
                self.kind.complete(given, self._ground)
            except BadField as bad:
                name = self._name(bad.field)
                raw = shown(cells[self.columns.fields[bad.field]]) if bad.field in self.columns.fields else ""
                found.append(Problem(row, name, f"{name} {bad}", raw, f"with a bad {name}"))
        if self._label.column and "churned" not in given and self._label.says_so(cells[self._header.index(self._label.column)]):
            given["churned"] = True
        return found, given


class Label:
    """The columns of an accounts file that say who left."""

    def __init__(self, options: AccountOptions | None) -> None:
        self.column = options.churned_column if options else ""
        self.value = options.churned_value if options else ""
        self.date_column = options.churn_date_column if options else ""
        self.id_from_row = options.id_from_row if options else False

    def says_so(self, cell: str) -> bool:
        return values.same_word(cell, self.value)


def _made_of(cells: list[str]) -> str:
    """The cells themselves, as long as an id can be; else their fingerprint."""
    words = "/".join(cells)
    return words if len(words) <= 120 else f"id-{hashlib.sha256(words.encode()).hexdigest()[:32]}"


def _traits(cells: list[str], kinds: list[tuple[str, int, Kind]]) -> dict[str, Any]:
    found = {name: values.trait(cells[place], kind) for name, place, kind in kinds if cells[place] not in BLANK}
    return {name: unguard(value) if isinstance(value, str) else value for name, value in found.items()}
