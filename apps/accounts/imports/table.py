"""A table is a header and rows of text, whatever file it stands in; this one is CSV, read row by row in bounded memory.

Every flaw becomes a Problem with its row and column.
"""

import csv
import gzip
import io
import re
import zlib
from collections import deque
from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path
from typing import IO, Self

from .problems import Problem, Problems, shown

CELL_LIMIT = 32 * 1024
COLUMN_LIMIT = 200
_LINE_LIMIT = 1024 * 1024
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")
_BROKEN_GZIP = (EOFError, zlib.error, gzip.BadGzipFile)


class Unreadable(Exception):
    """The file cannot be read as a table at all; the message says why and what to do."""


class Table:
    """A header, and rows as (row number, cells). A row that cannot be read goes to `problems`."""

    header: list[str]

    def __init__(self, path: Path, problems: Problems) -> None:
        self.path = path
        self.problems = problems
        self.row = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        raise NotImplementedError

    @property
    def share_read(self) -> float:
        """How much of the file was read so far, 0 to 1."""
        raise NotImplementedError

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The good rows. Empty ones at the end are nobody's concern; between rows they are named."""
        raise NotImplementedError

    def _take_header(self, cells: list[str]) -> None:
        self.header = [cell.strip() for cell in cells]
        if len(self.header) > COLUMN_LIMIT:
            raise Unreadable(f"{self.path.name} has {len(self.header)} columns; {COLUMN_LIMIT} are the most. Leave some out.")
        self.columns: dict[str, int] = {}
        for place, name in enumerate(self.header):
            if name:
                self.columns.setdefault(name, place)
            if name and (first := self.header.index(name)) != place:
                self.problems.add(
                    Problem(None, name, f'The header names "{name}" twice (columns {first + 1} and {place + 1}); the second one is not read.')
                )

    def _name(self, place: int) -> str:
        return (self.header[place] if place < len(self.header) else "") or f"column {place + 1}"

    def _too_long(self, place: int, cell: str, length: int) -> Problem:
        name = self._name(place)
        words = f"{name} is longer than {CELL_LIMIT // 1024} kB (the row has {length:,} characters)."
        return Problem(self.row, name, words, shown(cell), f"with a cell longer than {CELL_LIMIT // 1024} kB in {name}")


class TextTable(Table):
    """A CSV file, plain or gzipped. Quoting follows RFC 4180; comma, semicolon, tab or bar is recognised from the header."""

    def __init__(self, path: Path, *, encoding: str, problems: Problems) -> None:
        super().__init__(path, problems)
        self._waiting: deque[str] = deque()
        self._taken: list[str] = []
        self._long = 0
        self._suspect = False
        self._broken = False
        self._file, self._text = _open(path, encoding)
        self._size = max(1, path.stat().st_size)
        first = self._read_line()
        if self._broken and not first:
            raise Unreadable(f"{path.name} is compressed and breaks off before its first row. Copy or export it again.")
        if not first.strip():
            raise Unreadable(f"{path.name} is empty. Export it again with a header row and data.")
        if "\0" in first:
            raise Unreadable(f"{path.name} is not a text file. Save it as CSV (UTF-8).")
        self._delimiter = max(",;\t|", key=first.count)
        self._waiting.append(first)
        self._reader = self._new_reader()
        try:
            header = next(self._reader)
        except csv.Error as error:
            raise Unreadable(f"The header of {path.name} cannot be read: {error}.") from error
        if bad := next((cell for cell in header if _NOT_TEXT.search(cell)), None):
            raise Unreadable(f"The header cell {shown(bad.strip())!r} is not UTF-8 text. Save the file as UTF-8, or say --encoding latin-1.")
        self._take_header(header)

    def __exit__(self, *_: object) -> None:
        self._text.close()
        self._file.close()

    @property
    def share_read(self) -> float:
        return min(1.0, self._file.tell() / self._size)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        width, empty = len(self.header), []
        while True:
            self._taken.clear()
            self._suspect = False
            self._long = 0
            try:
                cells = next(self._reader)
            except StopIteration:
                if self._broken:
                    self.problems.add(Problem(None, "", f"The compressed file breaks off after row {self.row}. Copy or export it again."))
                return
            except csv.Error as error:
                self.row += 1
                self._refuse_row(error)
                continue
            self.row += 1
            if not cells:
                empty.append(self.row)
                continue
            for row in empty:
                self.problems.add(Problem(row, "", "The row is empty.", "", "without content"))
            empty.clear()
            if (self._suspect or len(self._taken) > 1) and (found := self._flaws(cells)):
                self.problems.add_row(found)
            elif len(cells) != width:
                summary = "with another number of cells than the header"
                self.problems.add(
                    Problem(self.row, "", f"The row has {len(cells)} cells and the header {width}.", shown(self._delimiter.join(cells)), summary)
                )
            else:
                yield self.row, cells

    def _refuse_row(self, error: csv.Error) -> None:
        """Name the row and, where a quote swallowed the lines after it, give those lines back to be read as rows."""
        line = self._taken[0] if self._taken else ""
        if self._long or len(line) > CELL_LIMIT:
            cells = next(csv.reader([line[:CELL_LIMIT].replace('"', "") + "x"], delimiter=self._delimiter))
            self.problems.add(self._too_long(len(cells) - 1, cells[-1], self._long or len(line)))
        else:
            place = line[: line.find('"')].count(self._delimiter) if '"' in line else 0
            self.problems.add(
                Problem(
                    self.row, self._name(place), f"The quotes do not match: {error}.", shown(line.rstrip("\r\n")), "with quotes that do not match"
                )
            )
        self._waiting.extendleft(reversed(self._taken[1:]))
        self._reader = self._new_reader()

    def _flaws(self, cells: list[str]) -> list[Problem]:
        found = []
        for place, cell in enumerate(cells):
            name = self._name(place)
            if len(cell) > CELL_LIMIT:
                found.append(self._too_long(place, cell, max(len(cell), self._long)))
            elif "\0" in cell:
                found.append(Problem(self.row, name, f"{name} holds a NUL byte.", shown(cell), f"with a NUL byte in {name}"))
            elif _NOT_TEXT.search(cell):
                raw = cell.encode("utf-8", "surrogateescape").decode("latin-1")
                words = f"{name} is not UTF-8 (read as Latin-1 it says {shown(raw)!r}). Save the file as UTF-8, or say --encoding latin-1."
                found.append(Problem(self.row, name, words, shown(cell), f"with text that is not UTF-8 in {name}"))
        return found

    def _new_reader(self) -> Iterator[list[str]]:
        return csv.reader(self._lines(), delimiter=self._delimiter, strict=True)

    def _lines(self) -> Iterator[str]:
        while line := self._waiting.popleft() if self._waiting else self._read_line():
            self._taken.append(line)
            # isascii is free, so only rows that hold something unusual are looked at closely.
            if not line.isascii() or "\0" in line or len(line) > CELL_LIMIT:
                self._suspect = True
            yield line

    def _read_line(self) -> str:
        """The next line, at most a megabyte of it: the rest of a longer one is read past and its length kept. Empty at the end."""
        try:
            line = self._text.readline(_LINE_LIMIT)
            if len(line) == _LINE_LIMIT and not line.endswith("\n"):
                self._long = len(line)
                while rest := self._text.readline(_LINE_LIMIT):
                    self._long += len(rest)
                    if rest.endswith("\n"):
                        break
        except _BROKEN_GZIP:
            self._broken = True
            return ""
        return line


def _open(path: Path, encoding: str) -> tuple[IO[bytes], io.TextIOWrapper]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise Unreadable(f"{path} cannot be opened: {error.strerror}.") from error
    start = file.read(4)
    file.seek(0)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") and not encoding.lower().startswith("utf-16"):
        raise Unreadable(f"{path.name} is UTF-16. Save it as UTF-8, or say --encoding utf-16.")
    try:
        # utf-8-sig: Excel puts a byte order mark in front, which must not become part of the first column's name.
        name = "utf-8-sig" if encoding.lower().replace("_", "-") in {"utf-8", "utf8"} else encoding
        source: IO[bytes] = gzip.GzipFile(fileobj=file) if start[:2] == b"\x1f\x8b" else file  # type: ignore[assignment]
        text = io.TextIOWrapper(source, encoding=name, errors="surrogateescape", newline="")
    except LookupError as error:
        raise Unreadable(f"There is no encoding {encoding!r}. Use utf-8, latin-1, cp1252 or utf-16.") from error
    return file, text


def fingerprint(path: Path) -> str:
    """SHA-256 of the file's bytes: the same file is known again, whatever its name."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Unreadable(f"{path} cannot be opened: {error.strerror}.") from error
