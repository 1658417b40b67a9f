"""Accounts from a CSV file, in two readings: the first judges every row and finds out what the columns are, the second brings them in."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any
from zoneinfo import available_timezones

from django.db.models.functions import Lower

from apps.accounts.models import User
from apps.accounts.profiles import bring_accounts, compare_accounts
from apps.accounts.types import AccountFacts, Stage

from . import values
from .columns import ACCOUNT_FIELDS, Columns, find
from .problems import Problem, Problems, shown
from .runs import Order, Report, Run, running
from .table import Table, Unreadable
from .values import BLANK, Bad, ColumnKind, DateOrder, Kind

_SLICE = 2_000
_LONGEST = {"id": 120, "name": 200, "plan": 80, "domain": 120}


@dataclass(frozen=True)
class AccountOptions:
    """How to read the file. A churned column is the label: it never becomes a trait."""

    map: dict[str, str] = field(default_factory=dict)
    churned_column: str = ""
    churned_value: str = ""
    churn_date_column: str = ""
    id_from_row: bool = False
    encoding: str = "utf-8"
    dates: DateOrder = DateOrder.YMD

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}


def import_accounts(order: Order, options: AccountOptions) -> Report:
    """Bring accounts in: all rows or none, or with `skip_bad_rows` the good ones. Raises Unreadable when the file is no table."""
    with running(order) as run:
        survey = Survey(order, options)
        if survey.problems and not order.skip_bad_rows:
            return run.refuse(survey.problems, rows_read=survey.rows_read, good=survey.good)
        if not survey.good:
            survey.problems.add(
                Problem(None, "", "No row of the file can be imported." if survey.rows_read else "The file has a header and no rows.")
            )
            return run.refuse(survey.problems, rows_read=survey.rows_read, good=0)
        _bring(run, survey)
        return run.finish(survey.problems, rows_read=survey.rows_read)


def _bring(run: Run, survey: "Survey") -> None:
    facts = survey.facts()
    number = 0
    while rows := list(islice(facts, _SLICE)):
        if number >= run.slices_done:
            run.add_slice(number, lambda rows=rows: compare_accounts(rows) if run.order.dry_run else bring_accounts(rows))  # type: ignore[misc]
        number += 1
        run.order.watch("importing", min(1.0, number * _SLICE / survey.good), min(number * _SLICE, survey.good))


class Survey:
    """The first reading: every problem, the kind of every trait, and which rows are good."""

    def __init__(self, order: Order, options: AccountOptions) -> None:
        self.order = order
        self.options = options
        self.problems = Problems()
        self.rows_read = self.good = 0
        self._bad_rows: set[int] = set()
        self._owners = {email: key for key, email in User.objects.annotate(address=Lower("email")).values_list("pk", "address")}
        self._zones = available_timezones()
        with Table(order.path, encoding=options.encoding, problems=self.problems) as table:
            self.columns = self._find_columns(table)
            self._header = table.header
            self.kinds = {name: ColumnKind() for name in self.columns.others}
            self._read(table)

    def _find_columns(self, table: Table) -> Columns:
        options = self.options
        chosen = dict(options.map)
        if options.churn_date_column:
            chosen["churn_date"] = options.churn_date_column
        columns = find(table, chosen, ACCOUNT_FIELDS, leave_out=frozenset({options.churned_column}))
        if "id" not in columns.fields and not options.id_from_row:
            raise Unreadable(
                f"No column of {table.path.name} looks like the account's id. It has: {', '.join(table.columns)}. "
                "Say which one it is with --map id=COLUMN, or give each row an id of its own with --id-from-row."
            )
        if options.churned_column and options.churned_column not in table.columns:
            raise Unreadable(f'--churned-column names "{options.churned_column}", but the file has: {", ".join(table.columns)}.')
        for problem in columns.problems:
            self.problems.add(problem)
        return columns

    def _read(self, table: Table) -> None:
        first_row: dict[str, int] = {}
        label = table.columns.get(self.options.churned_column)
        labels: set[str] = set()
        churned = 0
        looks = [(place, self.kinds[name]) for name, place in self.columns.others.items()]
        for row, cells in table.rows():
            cells = [cell.strip() for cell in cells]
            found, facts = self._judge(row, cells)
            if not found and (earlier := first_row.setdefault(facts.external_id, row)) != row:
                name = self._name("id")
                found.append(Problem(row, name, f"{name} {facts.external_id} stands already in row {earlier}.", "", f"with a repeated {name}"))
            if found:
                self._bad_rows.add(row)
                self.problems.add_row(found)
                continue
            self.good += 1
            churned += facts.stage is Stage.CHURNED
            if label is not None and len(labels) < 20:
                labels.add(cells[label])
            for place, kind in looks:
                kind.look(cells[place])
            if row % 5_000 == 0:
                self.order.watch("reading", table.share_read, row)
        self.rows_read = table.row - 1
        if label is not None and self.good and not churned:
            name, held = self.options.churned_column, ", ".join(sorted(map(shown, labels))[:10])
            self.problems.add(Problem(None, name, f'{name} never holds "{self.options.churned_value}"; it holds: {held}.'))

    def facts(self) -> Iterator[AccountFacts]:
        """The second reading: the good rows with their traits."""
        kinds = [(name, place, self.kinds[name].kind) for name, place in self.columns.others.items()]
        with Table(self.order.path, encoding=self.options.encoding) as table:
            for row, cells in table.rows():
                if row in self._bad_rows:
                    continue
                cells = [cell.strip() for cell in cells]
                _, facts = self._judge(row, cells)
                facts.traits.update(_traits(cells, kinds))
                yield facts

    def _name(self, ours: str) -> str:
        return self._header[self.columns.fields[ours]] if ours in self.columns.fields else ours

    def _judge(self, row: int, cells: list[str]) -> tuple[list[Problem], AccountFacts]:
        """The facts of a row, and what is wrong with it."""
        found: list[Problem] = []
        given: dict[str, Any] = {}
        for ours, place in self.columns.fields.items():
            cell = cells[place]
            if cell in BLANK:
                if ours == "id":
                    name = self._name(ours)
                    found.append(Problem(row, name, f"{name} is missing.", "", f"without {name}"))
                continue
            try:
                given[ours] = self._value(ours, cell)
            except Bad as bad:
                name = self._name(ours)
                found.append(Problem(row, name, f"{name} {bad}", shown(cell), f"with a bad {name}"))
        return found, self._facts(row, cells, given)

    def _value(self, ours: str, cell: str) -> Any:
        if ours in _LONGEST:
            if ours in {"id", "name"} and cell.startswith("="):
                raise Bad("looks like a formula. Write the plain text.")
            if len(cell) > _LONGEST[ours]:
                raise Bad(f"is longer than {_LONGEST[ours]} characters.")
            return cell
        if ours in {"start_date", "renews_on"}:
            return values.day(cell, self.options.dates)
        if ours == "churn_date":
            found = values.day(cell, self.options.dates)
            if found > self.order.now.date():
                raise Bad("lies in the future. A planned end belongs in renews_on.")
            return found
        if ours in {"arr", "mrr"}:
            return values.money(cell)
        if ours == "seats":
            return values.count(cell)
        if ours == "currency":
            if len(cell) != 3 or not cell.isascii() or not cell.isalpha():
                raise Bad("is no currency code such as USD.")
            return cell.upper()
        if ours == "time_zone":
            if cell not in self._zones:
                raise Bad("is no time zone such as Europe/Berlin.")
            return cell
        if cell.lower() not in self._owners:
            raise Bad("is nobody's email address on the staff. Add the person first.")
        return self._owners[cell.lower()]

    def _facts(self, row: int, cells: list[str], given: dict[str, Any]) -> AccountFacts:
        options = self.options
        churned = "churn_date" in given
        if options.churned_column and not churned:
            place = self._header.index(options.churned_column)
            churned = values.same_word(cells[place], options.churned_value)
        arr = given.get("arr")
        if arr is None and "mrr" in given:
            arr = given["mrr"] * 12
        return AccountFacts(
            external_id=given.get("id") or f"row-{row}",
            name=given.get("name"),
            domain=given.get("domain"),
            plan=given.get("plan"),
            stage=Stage.CHURNED if churned else None,
            owner_id=given.get("owner_email"),
            time_zone=given.get("time_zone"),
            currency=given.get("currency"),
            arr=arr,
            seats=given.get("seats"),
            started_on=given.get("start_date"),
            renews_on=given.get("renews_on"),
            churned_on=given.get("churn_date"),
        )


def _traits(cells: list[str], kinds: list[tuple[str, int, Kind]]) -> dict[str, Any]:
    return {name: values.trait(cells[place], kind) for name, place, kind in kinds if cells[place] not in BLANK}
