"""A sheet of an .xlsx workbook (Excel, LibreOffice) as a table: each cell becomes the text that the same table would hold as CSV.

A formula counts as the value it had when the workbook was saved. The workbook is never unpacked to disk and never executed.
"""

import re
import warnings
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, LargeZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from .problems import Problem, Problems, shown
from .table import CELL_LIMIT, Table, Unreadable
from .values import Exact

# What a spreadsheet program itself can hold.
_ROW_LIMIT = 1_048_576
_UNPACKED_LIMIT = 1024**3
_WORDS_LIMIT = 256 * 1024**2
_PARTS_LIMIT = 5_000
# XML of a sheet shrinks to about a tenth; a bomb to a thousandth.
_RATIO_LIMIT = 200
_SMALL = 16 * 1024**2
_WRONG = frozenset({"#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})
# A formula without the value it had: written by a program that does not calculate.
_UNCALCULATED = re.compile(rb"</f>(?:<v\s*/>|<v></v>)?</c>|<f[^<>]*/></c>")
# All that a damaged or hostile workbook makes zipfile, the XML reader and openpyxl raise.
_DAMAGED = (
    BadZipFile, LargeZipFile, zlib.error, EOFError, OSError, ParseError, InvalidFileException, KeyError, IndexError, ValueError, TypeError,
    AttributeError, NotImplementedError, RecursionError, RuntimeError,
)  # fmt: skip
# A style it does not know and a date it cannot show are no concern of whoever imports.
warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")


class Sheet(Table):
    """The sheet of that name, else the only one that holds anything. Rows are numbered as the spreadsheet shows them."""

    def __init__(self, path: Path, *, name: str, problems: Problems) -> None:
        super().__init__(path, problems)
        self._file = _opened(path)
        try:
            _refuse_bombs(path, self._file)
            self._book = load_workbook(self._file, read_only=True, data_only=True, keep_links=False)
            self._sheet = self._book[self._choose(name)]
            self._last = self._sheet.max_row or 0
            # What a workbook says of its size is often wrong.
            self._sheet.reset_dimensions()
            self._refuse_uncalculated()
            self._lines = self._sheet.iter_rows(values_only=True)
            self._take_header(self._first_row())
        except _DAMAGED as error:
            self._file.close()
            raise _damaged(path, error) from error
        except Unreadable:
            self._file.close()
            raise

    def __exit__(self, *_: object) -> None:
        self._book.close()
        self._file.close()

    @property
    def share_read(self) -> float:
        return min(1.0, self.row / self._last) if self._last else 0.0

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        width, empty = len(self.header), 0
        try:
            for values in self._lines:
                self.row += 1
                if self.row > _ROW_LIMIT:
                    raise Unreadable(f"{self.path.name} has more than {_ROW_LIMIT:,} rows. Split it, or save it as CSV.")
                cells = [_text(value) for value in values]
                while len(cells) > width and not cells[-1]:
                    cells.pop()
                if not any(cells):
                    empty += 1
                    continue
                for row in range(self.row - empty, self.row):
                    self.problems.add(Problem(row, "", "The row is empty.", "", "without content"))
                empty = 0
                if found := self._flaws(cells):
                    self.problems.add_row(found)
                else:
                    yield self.row, cells + [""] * (width - len(cells))
        except _DAMAGED as error:
            self.problems.add(Problem(None, "", f"The sheet breaks off after row {self.row} ({type(error).__name__}). Save it again."))
        # Empty rows at the end are formatting, not data.
        self.row -= empty

    def _choose(self, name: str) -> str:
        names = [sheet.title for sheet in self._book.worksheets if sheet.sheet_state == "visible"]
        if name:
            if name not in names:
                raise Unreadable(f"{self.path.name} has no sheet {name!r}. It has: {', '.join(names)}.")
            return name
        filled = [title for title in names if _holds_a_header(self._book[title])]
        if len(filled) > 1:
            raise Unreadable(f"{self.path.name} has {len(filled)} sheets: {', '.join(filled)}. Say which one with --sheet NAME.")
        if not filled:
            raise Unreadable(f"{self.path.name} is empty. Its first row has to name the columns.")
        return filled[0]

    def _first_row(self) -> list[str]:
        cells = [_text(value) for value in next(self._lines, ())]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            raise Unreadable(f"The sheet {self._sheet.title!r} of {self.path.name} is empty. Its first row has to name the columns.")
        return cells

    def _refuse_uncalculated(self) -> None:
        with self._book._archive.open(self._sheet._worksheet_path) as raw:
            kept = b""
            while block := raw.read(1024**2):
                if _UNCALCULATED.search(kept + block):
                    raise Unreadable(
                        f"{self.path.name} holds formulas without their results. Open it in a spreadsheet program, save it, and import it again."
                    )
                kept = block[-200:]

    def _flaws(self, cells: list[str]) -> list[Problem]:
        found = []
        for place, cell in enumerate(cells):
            name = self._name(place)
            if place >= len(self.header) and cell:
                found.append(Problem(self.row, name, "The row has more cells than the header.", shown(cell), "with more cells than the header"))
            elif len(cell) > CELL_LIMIT:
                found.append(self._too_long(place, cell, len(cell)))
            elif cell in _WRONG:
                found.append(Problem(self.row, name, f"{name} holds the error {cell}.", cell, f"with a spreadsheet error in {name}"))
            elif "\0" in cell:
                found.append(Problem(self.row, name, f"{name} holds a NUL byte.", shown(cell), f"with a NUL byte in {name}"))
        return found


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return Exact(value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M:%S"))
    if isinstance(value, date):
        return Exact(value.isoformat())
    # Excel writes what XML cannot hold as _x000D_.
    return re.sub(r"_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), value) if isinstance(value, str) else str(value)


def _damaged(path: Path, error: Exception) -> Unreadable:
    """openpyxl tells whole stories; the reason is what they began with."""
    reason = error.__context__ if isinstance(error.__context__, Exception) else error
    return Unreadable(f"{path.name} is a spreadsheet or zip file that cannot be read ({type(reason).__name__}). Save it again.")


def _holds_a_header(sheet: Any) -> bool:
    return any(value is not None for row in sheet.iter_rows(max_row=1, values_only=True) for value in row)


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise Unreadable(f"{path} cannot be opened: {error.strerror}.") from error


def _refuse_bombs(path: Path, file: IO[bytes]) -> None:
    """Judged by what the zip says of itself; zipfile never unpacks more of a part than that."""
    with ZipFile(file) as archive:
        parts = archive.infolist()
        if not any(part.filename == "[Content_Types].xml" for part in parts):
            raise Unreadable(f"{path.name} is a spreadsheet or zip file, but no .xlsx workbook. Save the sheet as .xlsx or CSV (UTF-8).")
        unpacked = sum(part.file_size for part in parts)
        words = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
        ratio = max((part.file_size / max(1, part.compress_size) for part in parts if part.file_size > _SMALL), default=0.0)
        if len(parts) > _PARTS_LIMIT or unpacked > _UNPACKED_LIMIT or words > _WORDS_LIMIT or ratio > _RATIO_LIMIT:
            raise Unreadable(
                f"{path.name} unpacks to {unpacked / 1024**2:,.0f} MB in {len(parts):,} parts ({ratio:,.0f} times its size); that is too much. "
                "Save the sheet as CSV (UTF-8), or split it."
            )
    file.seek(0)


def is_workbook(start: bytes) -> bool:
    return start[:4] == b"PK\x03\x04"


def sheet_names(path: Path) -> list[str]:
    """The visible sheets of a workbook; none for other files."""
    with _opened(path) as file:
        if not is_workbook(file.read(4)):
            return []
        file.seek(0)
        try:
            _refuse_bombs(path, file)
            book = load_workbook(file, read_only=True, keep_links=False)
            return [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
        except _DAMAGED as error:
            raise _damaged(path, error) from error
