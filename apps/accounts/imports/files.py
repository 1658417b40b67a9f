"""Opening a file, whatever it is, and how the person who sent it wants it read."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .problems import Problems
from .sheet import Sheet, is_workbook
from .table import Table, TextTable, Unreadable
from .values import DateOrder


@dataclass(frozen=True)
class Reading:
    """How to read a file. `map` is our field -> their column (`only_map`: nothing else is recognised), `fixed` our field -> what every row holds.

    `leave_out` are columns that are not read, `sheet` is the one of a workbook, `id_from` the columns that make an id.
    """

    map: dict[str, str] = field(default_factory=dict)
    only_map: bool = False
    leave_out: tuple[str, ...] = ()
    fixed: dict[str, str] = field(default_factory=dict)
    sheet: str = ""
    id_from: tuple[str, ...] = ()
    encoding: str = "utf-8"
    dates: DateOrder = DateOrder.YMD

    def as_json(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items() if value}


@dataclass(frozen=True)
class AccountOptions(Reading):
    """A churned column is the label: it never becomes a trait."""

    churned_column: str = ""
    churned_value: str = ""
    churn_date_column: str = ""
    id_from_row: bool = False


def reading_of(kind: str, stored: dict[str, Any]) -> Reading:
    """The options of a run as they were asked for."""
    of = AccountOptions if kind == "accounts" else Reading
    known = {name: stored[name] for name in of.__dataclass_fields__ if name in stored}
    known |= {name: tuple(known[name]) for name in ("leave_out", "id_from") if name in known}
    if "dates" in known:
        known["dates"] = DateOrder(known["dates"])
    return of(**known)


def open_table(path: Path, reading: Reading, problems: Problems | None = None) -> Table:
    """A workbook or CSV, by its first bytes and not by its name. Raises Unreadable."""
    problems = Problems() if problems is None else problems
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise Unreadable(f"{path} cannot be opened: {error.strerror}.") from error
    if is_workbook(start):
        return Sheet(path, name=reading.sheet, problems=problems)
    if reading.sheet:
        raise Unreadable(f"{path.name} is no workbook, so it has no sheet {reading.sheet!r}.")
    return TextTable(path, encoding=reading.encoding, problems=problems)
