"""The life of one import: found again after an interruption, refused as a whole, or carried slice by slice to its end."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import F

from apps.accounts.models import ImportProblem, ImportRun
from apps.accounts.types import Brought, Difference, ImportState
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import ImportFinished

from .problems import Problem, Problems
from .table import Unreadable, fingerprint

# One import at a time: two would stage and count over each other.
_LOCK_KEY = 7_130_431
# So many fields that would change are shown, one by one.
_SHOWN = 100
# What is told while it runs: what is being done, how much of it (0 to 1), rows so far.
Watch = Callable[[str, float, int], None]


@dataclass(frozen=True)
class Order:
    """What was asked for. `options` are those that change the result: the same file with the same options is the same import.

    `run_id` is the run that somebody prepared on the import page.
    """

    kind: str
    path: Path
    options: dict[str, Any]
    actor: Actor
    now: datetime
    skip_bad_rows: bool = False
    dry_run: bool = False
    run_id: int | None = None
    watch: Watch = lambda doing, share, rows: None
    began: float = field(default_factory=time.monotonic)

    @property
    def finished_at(self) -> datetime:
        return self.now + timedelta(seconds=time.monotonic() - self.began)


@dataclass(frozen=True)
class Report:
    """What an import did, or in a dry run would do."""

    kind: str
    file: str
    state: str
    message: str
    rows_read: int
    created: int
    changed: int
    same: int
    refused: int
    seconds: float
    run_id: int | None
    resumed: bool
    dry_run: bool
    problems: Problems
    differences: list[Difference] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.state != ImportState.REFUSED

    def as_json(self) -> dict[str, Any]:
        listed = [{"row": p.row, "column": p.column, "problem": p.problem, "raw": p.raw} for p in self.problems]
        differences = [{"id": one.key, "field": one.field, "before": as_shown(one.before), "after": as_shown(one.after)} for one in self.differences]
        return {**self.__dict__, "problems": listed, "differences": differences}


def as_shown(value: Any) -> Any:
    """A stored value as JSON and pages show it."""
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


class Run:
    """One import under way; in a dry run it has no row."""

    def __init__(self, order: Order, row: ImportRun | None, *, resumed: bool) -> None:
        self.order = order
        self.row = row
        self.resumed = resumed
        self.differences: list[Difference] = []
        self.done = Brought(0, 0, 0) if row is None else Brought(row.rows_created, row.rows_changed, row.rows_same)

    @property
    def slices_done(self) -> int:
        return self.row.slices_done if self.row else 0

    def add_slice(self, number: int, work: Callable[[], Brought]) -> None:
        """Do slice `number` (from 0) and note it in one transaction, so that a crash repeats it or keeps it, never both."""
        with transaction.atomic():
            brought = work()
            if self.row:
                ImportRun.objects.filter(pk=self.row.pk).update(
                    slices_done=number + 1,
                    rows_created=F("rows_created") + brought.created,
                    rows_changed=F("rows_changed") + brought.changed,
                    rows_same=F("rows_same") + brought.same,
                )
        self.done = Brought(self.done.created + brought.created, self.done.changed + brought.changed, self.done.same + brought.same)
        self.differences.extend(brought.differences[: _SHOWN - len(self.differences)])

    def refuse(self, problems: Problems, *, rows_read: int, good: int) -> Report:
        """Nothing was imported; the file's flaws are kept for the person who mends it."""
        rest = f", or import the other {good:,} with --skip-bad-rows" if good and not self.order.skip_bad_rows else ""
        message = f"{problems.in_words()} Nothing was imported. Mend {'it' if len(problems.kept) == 1 else 'them'}{rest}."
        self._close(ImportState.REFUSED, problems, rows_read)
        return self._report(ImportState.REFUSED, message, problems, rows_read)

    def finish(self, problems: Problems, *, rows_read: int) -> Report:
        done = self.done
        if self.row:
            with transaction.atomic():
                self._close(ImportState.DONE, problems, rows_read)
                if done.created + done.changed:
                    said = ImportFinished(run_id=self.row.pk, kind=self.order.kind, rows=done.created + done.changed)
                    events.publish(said, actor=self.order.actor, now=self.order.now)
        would = "would be " if self.order.dry_run else ""
        counts = f"{done.created:,} {would}created, {done.changed:,} {would}changed, {done.same:,} the same"
        message = f"{self.order.path.name}: {rows_read:,} rows read, {counts}."
        if problems:
            message += f" {problems.in_words()} {'They would be' if self.order.dry_run else 'They were'} left out."
        return self._report(ImportState.DONE, message, problems, rows_read)

    def _close(self, state: ImportState, problems: Problems, rows_read: int) -> None:
        if not self.row:
            return
        with transaction.atomic():
            keep_problems(self.row, problems)
            ImportRun.objects.filter(pk=self.row.pk).update(
                state=state, rows_read=rows_read, rows_refused=problems.rows, finished_at=self.order.finished_at
            )

    def _report(self, state: ImportState, message: str, problems: Problems, rows_read: int) -> Report:
        return Report(
            kind=self.order.kind,
            file=self.order.path.name,
            state=str(state),
            message=message,
            rows_read=rows_read,
            created=self.done.created,
            changed=self.done.changed,
            same=self.done.same,
            refused=problems.rows,
            seconds=round(time.monotonic() - self.order.began, 2),
            run_id=self.row.pk if self.row else None,
            resumed=self.resumed,
            dry_run=self.order.dry_run,
            problems=problems,
            differences=self.differences,
        )


def keep_problems(run: ImportRun, problems: Iterable[Problem]) -> None:
    """These are the flaws of the file, instead of those found earlier."""
    run.problems.all().delete()
    ImportProblem.objects.bulk_create(
        [ImportProblem(run=run, row=p.row, column=p.column[:160].replace("\0", ""), problem=p.problem, raw=p.raw) for p in problems], batch_size=500
    )


@contextmanager
def running(order: Order) -> Iterator[Run]:
    """The run for this order: the unfinished one of the same file and options goes on, else a new one begins.

    Whatever ends the block early leaves the run `interrupted`; a killed process leaves it `running`, which the free lock gives away.
    """
    with _alone():
        sha256 = fingerprint(order.path)
        if order.dry_run:
            yield Run(order, None, resumed=False)
            return
        options = {**order.options, "skip_bad_rows": order.skip_bad_rows}
        same = ImportRun.objects.filter(kind=order.kind, sha256=sha256, options=options)
        row = same.filter(state__in=[ImportState.RUNNING, ImportState.INTERRUPTED]).order_by("-pk").first()
        if order.run_id:
            row = ImportRun.objects.get(pk=order.run_id)
        resumed = row is not None and (row.slices_done > 0 or not order.run_id)
        if row is None:
            row = ImportRun(
                kind=order.kind, file_name=order.path.name[:255], sha256=sha256, options=options, actor=str(order.actor), started_at=order.now
            )
        row.state = ImportState.RUNNING
        row.finished_at = None
        row.save()
        try:
            yield Run(order, row, resumed=resumed)
        except BaseException as reason:
            _note_end(row.pk, ImportState.REFUSED if isinstance(reason, Unreadable) else ImportState.INTERRUPTED, order.finished_at)
            raise


def _note_end(key: int, state: ImportState, at: datetime) -> None:
    ended = ImportRun.objects.filter(pk=key, state=ImportState.RUNNING)
    try:
        ended.update(state=state, finished_at=at)
    except DatabaseError:
        # The connection broke with the import: a fresh one can still say so.
        connection.close()
        ended.update(state=state, finished_at=at)


@contextmanager
def _alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [_LOCK_KEY])
        if not cursor.fetchone()[0]:
            raise Unreadable("Another import is running. Wait until it is done, then start this one again.")
    try:
        yield
    finally:
        # A connection that broke gave the lock back with it.
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [_LOCK_KEY])
