"""How an export looks on a terminal."""

import gzip
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from django.core.management.base import CommandError, OutputWrapper

from apps.accounts import exports
from apps.accounts.management.console import Progress


def write(kind: str, path: Path, out: OutputWrapper) -> None:
    """CSV, CSV.gz or XLSX, by the file's name; the whole company's data, as a command has no book."""
    found = exports.export(kind, None)
    if path.suffix == ".xlsx" and found.count > exports.SHEET_ROWS:
        raise CommandError(f"{found.count:,} rows do not fit into a sheet ({exports.SHEET_ROWS:,} are the most). Write CSV: --out {path.stem}.csv.gz")
    progress = Progress(sys.stderr)

    def rows() -> Iterator[list[Any]]:
        for number, row in enumerate(found.rows(), start=1):
            if number % 1_000 == 0:
                progress.show("writing", number / max(1, found.count), number)
            yield row

    watched = replace(found, rows=rows)
    try:
        if path.suffix == ".xlsx":
            exports.write_workbook(watched, path, title=kind.capitalize())
        else:
            with _opened(path) as file:
                file.writelines(exports.csv_lines(watched))
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        progress.clear()
    out.write(f"{path}: {found.count:,} {kind}.")


def _opened(path: Path) -> IO[str]:
    return gzip.open(path, "wt", encoding="utf-8", newline="") if path.suffix == ".gz" else path.open("w", encoding="utf-8", newline="")
