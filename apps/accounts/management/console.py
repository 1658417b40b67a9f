"""How an import looks on a terminal: options, progress, Ctrl-C, and the last line."""

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

from django.core.management.base import CommandError, CommandParser, OutputWrapper

from apps.accounts.imports import ACTIVITY_FIELDS, IN_COMMON, KINDS, AccountOptions, DateOrder, Order, Reading, Report, Unreadable, read_map
from apps.core.actor import Actor


def add_options(parser: CommandParser | argparse._ArgumentGroup) -> None:
    """What every import understands."""
    parser.add_argument("--dry-run", action="store_true", help="Read and judge everything, say what would happen, change nothing.")
    parser.add_argument("--skip-bad-rows", action="store_true", help="Import the good rows. Without it, one bad row stops the whole file.")
    parser.add_argument("--errors", type=Path, metavar="OUT.csv", help="Write every problem found, by row and column, to this file.")
    parser.add_argument("--json", action="store_true", help="Print one JSON object on the last line.")
    parser.add_argument("--encoding", default="utf-8", help="Of the file: utf-8 (default), latin-1, cp1252, utf-16.")
    parser.add_argument("--sheet", default="", metavar="NAME", help="Which sheet of an .xlsx workbook; needed only when several hold data.")
    parser.add_argument("--dates", choices=DateOrder.values, default=DateOrder.YMD.value, help="Order of day and month: ymd is 2026-03-01.")


def add_id_from(parser: CommandParser | argparse._ArgumentGroup) -> None:
    words = "The file has no ids: make them of these columns, which together tell rows apart; '*' is all of them."
    parser.add_argument("--id-from", default="", metavar="C,...", help=words)


def add_account_options(parser: CommandParser | argparse._ArgumentGroup) -> None:
    parser.add_argument("--churned-column", default="", metavar="C", help="The column that says who left; it never becomes a trait.")
    parser.add_argument("--churned-value", default="", metavar="V", help="What it holds for those who left, for example Yes.")
    parser.add_argument("--churn-date-column", default="", metavar="C", help="The column with the day of leaving.")
    add_id_from(parser)
    parser.add_argument("--id-from-row", action="store_true", help="The file has no ids: call the accounts row-2, row-3, ...")


def account_options(given: dict[str, Any], *, map: str) -> AccountOptions:
    if given["churned_column"] and not given["churned_value"]:
        raise CommandError(f"--churned-column needs --churned-value: what does {given['churned_column']} hold for customers who left?")
    with refusals():
        return AccountOptions(
            map=read_map(map, KINDS["accounts"].names),
            sheet=given["sheet"],
            churned_column=given["churned_column"],
            churned_value=given["churned_value"],
            churn_date_column=given["churn_date_column"],
            id_from=_columns(given["id_from"]),
            id_from_row=given["id_from_row"],
            encoding=given["encoding"],
            dates=DateOrder(given["dates"]),
        )


def activity_options(given: dict[str, Any], *, map: str) -> Reading:
    with refusals():
        return Reading(
            map=read_map(map, ACTIVITY_FIELDS),
            fixed=read_map(given.get("set", ""), IN_COMMON, option="--set"),
            sheet=given["sheet"],
            encoding=given["encoding"],
            dates=DateOrder(given["dates"]),
        )


def record_options(kind: str, given: dict[str, Any], *, map: str) -> Reading:
    names = KINDS[kind].names
    with refusals():
        return Reading(
            map=read_map(map, names),
            fixed=read_map(given["set"], names, option="--set"),
            id_from=_columns(given["id_from"]),
            sheet=given["sheet"],
            encoding=given["encoding"],
            dates=DateOrder(given["dates"]),
        )


def _columns(words: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in words.split(","))))


@contextmanager
def refusals() -> Iterator[None]:
    """A file that cannot be read ends the command with one plain line."""
    try:
        yield
    except Unreadable as error:
        raise CommandError(str(error)) from error


def carry_out(work: Callable[[Order], Report], *, kind: str, path: Path, options: Reading, given: dict[str, Any], now: Any) -> Report:
    """Run one import with progress; Ctrl-C and SIGTERM leave it ready to go on."""
    progress = Progress(sys.stderr)
    order = Order(
        kind=kind,
        path=path,
        options=options.as_json(),
        actor=Actor.job(f"import_{kind}"),
        now=now,
        skip_bad_rows=given["skip_bad_rows"],
        dry_run=given["dry_run"],
        watch=progress.show,
    )
    try:
        with refusals(), stoppable():
            report = work(order)
    except KeyboardInterrupt as stop:
        progress.clear()
        raise CommandError("Interrupted. Start the same command again: it goes on where it stopped.", returncode=130) from stop
    progress.clear()
    if given["errors"]:
        try:
            report.problems.write(given["errors"])
        except OSError as error:
            raise CommandError(f"The problems could not be written to {given['errors']}: {error.strerror}.") from error
    return report


def tell(report: Report, out: OutputWrapper, *, as_json: bool) -> None:
    """The outcome in words, or as one JSON object; a refused file ends the command with an error."""
    if as_json:
        out.write(json.dumps(report.as_json()) + "\n")
    if not report.ok:
        raise CommandError(report.message)
    if not as_json:
        out.write(f"{report.message} {report.seconds:.1f} s.\n")


@contextmanager
def stoppable() -> Iterator[None]:
    """SIGTERM is treated like Ctrl-C while an import runs."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # only the main thread may set handlers; elsewhere nobody sends us SIGTERM
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class Progress:
    """One line that is written over, at most ten times a second, and only on a terminal."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._on = out.isatty()
        self._began = time.monotonic()
        self._last = 0.0

    def show(self, doing: str, share: float, rows: int) -> None:
        moment = time.monotonic()
        if self._on and moment - self._last >= 0.1:
            self._last = moment
            speed = rows / max(moment - self._began, 0.001)
            self._out.write(f"\r{doing}: {share:4.0%}  {rows:,} rows  {speed:,.0f} rows/s   ")
            self._out.flush()

    def clear(self) -> None:
        if self._on:
            self._out.write("\r" + " " * 78 + "\r")
            self._out.flush()
