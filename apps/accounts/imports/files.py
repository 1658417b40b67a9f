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
    """How to read a file. `map` is our field -> their column, `fixed` our field -> what every row holds, `sheet` the one of a workbook."""

    map: dict[str, str] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)
    sheet: str = ""
    id_from: tuple[str, ...] = ()
    encoding: str = "utf-8"
    dates: DateOrder = DateOrder.YMD

    def as_json(self) -> dict[str, Any]:
        found = {name: value for name, value in asdict(self).items() if value}
        return {**found, "id_from": list(self.id_from)} if self.id_from else found


@dataclass(frozen=True)
class AccountOptions(Reading):
    """A churned column is the label: it never becomes a trait."""

    churned_column: str = ""
    churned_value: str = ""
    churn_date_column: str = ""
    id_from_row: bool = False


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
