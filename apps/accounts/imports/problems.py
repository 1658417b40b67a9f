"""What a file got wrong, by row and column, and the sentence that tells it."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from apps.accounts.formulas import guard

LISTED = 1_000
_RAW_SHOWN = 120
_ROWS_NAMED = 8


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `row` counts the header as row 1 and is None for the whole file; `summary` finishes the words "2 rows ..."."""

    row: int | None
    column: str
    problem: str
    raw: str = ""
    summary: str = ""


def shown(raw: str) -> str:
    """Part of a cell that is safe to print and to store: short, and without bytes that are no text."""
    text = raw[:_RAW_SHOWN].encode("utf-8", "replace").decode().replace("\0", "\N{SYMBOL FOR NULL}")
    return text + ("..." if len(raw) > _RAW_SHOWN else "")


@dataclass
class Problems:
    """Every problem is counted, the first thousand of a reading and of a lookup are kept."""

    kept: list[Problem] = field(default_factory=list)
    rows: int = 0
    _summaries: dict[str, tuple[int, list[int]]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.kept)

    def add(self, problem: Problem) -> None:
        """A problem of the whole file or of one row; a row that has several is added by `add_row`."""
        if problem.row is not None:
            self.add_row([problem])
        else:
            self.kept.append(problem)

    def add_row(self, problems: list[Problem]) -> None:
        self.rows += 1
        if len(self.kept) < LISTED:
            self.kept.extend(problems)
        for problem in problems:
            assert problem.row is not None
            self._count(problem.summary, problem.row)

    def add_many(self, listed: list[Problem], *, total: int, summary: str) -> None:
        """Problems of one kind that the database found: the first ones by row, and how many there are."""
        self.rows += total
        self.kept.extend(listed[:LISTED])
        known = [problem.row for problem in listed[:_ROWS_NAMED] if problem.row is not None]
        if total:
            self._summaries[summary] = (total, known)

    def _count(self, summary: str, row: int) -> None:
        count, named = self._summaries.get(summary, (0, []))
        if len(named) < _ROWS_NAMED:
            named.append(row)
        self._summaries[summary] = (count + 1, named)

    def in_words(self) -> str:
        """One sentence per whole-file problem, and one about all rows."""
        sentences = [problem.problem for problem in self.kept if problem.row is None]
        parts = []
        for summary, (count, named) in self._summaries.items():
            more = f" and {count - len(named):,} more" if count > len(named) else ""
            rows = "row" if count == 1 else "rows"
            parts.append(f"{count:,} {rows} {summary} ({rows} {', '.join(map(str, named))}{more})")
        if parts:
            last = parts.pop()
            sentences.append(f"The file has {', '.join(parts) + ' and ' if parts else ''}{last}.")
        return " ".join(sentences)

    def write(self, path: Path) -> None:
        """The error report."""
        with path.open("w", newline="", encoding="utf-8") as file:
            out = csv.writer(file)
            out.writerow(["row", "column", "problem", "raw"])
            out.writerows([problem.row or "", *map(guard, (problem.column, problem.problem, problem.raw))] for problem in self.kept)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.kept)
