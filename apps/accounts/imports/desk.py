"""What the import page does: take a file, find out what its columns are, check it, start, stop, go on, take it back.

The run is a row before anything works on it.
"""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.cache import cache
from django.db import transaction
from redis import RedisError

from apps.accounts.models import ImportMapping, ImportRun
from apps.accounts.types import ImportState
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.jobs import after_commit

from . import undo, uploads
from .activity import import_activity
from .columns import Names, find
from .files import Reading, open_table, reading_of
from .kinds import KINDS
from .lines import ACTIVITY_FIELDS
from .records import import_records
from .runs import Order, Report, keep_problems
from .sheet import sheet_names
from .table import Unreadable, fingerprint

ALL_KINDS = (*KINDS, "activity")
_SAMPLES = 3
# Files that somebody may still come back for.
_WAITING = (ImportState.DRAFT, ImportState.CHECKED, ImportState.REFUSED, ImportState.INTERRUPTED)
# Told to the page this often while an import runs.
_PAUSE = 0.3


class Stopped(Exception):
    """Somebody pressed Stop; what was imported so far stays, and the run can go on."""


@dataclass(frozen=True)
class Column:
    """A column of the file: what it holds, and which field of ours it is read as (`trait`, or empty for not at all)."""

    name: str
    samples: tuple[str, ...]
    read_as: str


@dataclass(frozen=True)
class Layout:
    """A file as it will be read."""

    columns: tuple[Column, ...]
    sheets: tuple[str, ...]
    reading: Reading
    remembered: bool
    problem: str = ""


def fields_of(kind: str) -> Names:
    return ACTIVITY_FIELDS if kind == "activity" else KINDS[kind].names


def required_of(kind: str) -> list[str]:
    return ["account", "at", "name"] if kind == "activity" else KINDS[kind].required


def takes_traits(kind: str) -> bool:
    return kind == "activity" or KINDS[kind].takes_traits


def take(kind: str, name: str, chunks: Iterable[bytes], *, size: int, actor: Actor, now: datetime) -> ImportRun:
    """Keep an uploaded file; nothing is imported yet."""
    if kind not in ALL_KINDS:
        raise Refused("unknown_kind", f"There is no kind {kind!r}. The kinds are: {', '.join(ALL_KINDS)}.")
    if size > uploads.LARGEST:
        raise Refused("too_large", f"{name} is larger than {uploads.LARGEST // 1024**2} MB. Compress it (gz), split it, or import it by command.")
    place = uploads.keep(name, chunks)
    run = ImportRun(kind=kind, file_name=name[:255], state=ImportState.DRAFT, actor=str(actor), started_at=now, upload=place)
    run.sha256 = fingerprint(uploads.path_of(run))
    run.save()
    return run


def layout(run: ImportRun) -> Layout:
    """The columns of the file with samples, read as asked for, else as such a header was read last time, else as recognised."""
    path = uploads.path_of(run)
    stored, remembered = dict(run.options), False
    try:
        sheets = tuple(sheet_names(path))
        if len(sheets) > 1 and not stored.get("sheet"):
            stored["sheet"] = sheets[0]
        with open_table(path, reading_of(run.kind, stored)) as table:
            if not run.options and (mapping := ImportMapping.objects.filter(kind=run.kind, signature=_signature(table.columns)).first()):
                stored, remembered = {**mapping.options, **({"sheet": stored["sheet"]} if "sheet" in stored else {})}, True
            reading = reading_of(run.kind, stored)
            rows = [cells for _, cells in islice(table.rows(), _SAMPLES)]
            found = find(table, reading.map, fields_of(run.kind), leave_out=frozenset(reading.leave_out), only_chosen=reading.only_map)
            names = {place: ours for ours, place in found.fields.items()}
            traits = set(found.others.values()) if takes_traits(run.kind) else set()
            columns = tuple(
                Column(name, tuple(cells[place][:60] for cells in rows if cells[place]), names.get(place) or ("trait" if place in traits else ""))
                for name, place in table.columns.items()
            )
    except (Unreadable, OSError) as error:
        return Layout((), (), Reading(), False, str(error))
    return Layout(columns, sheets if len(sheets) > 1 else (), reading, remembered)


def check(run: ImportRun, *, options: dict[str, Any], skip_bad_rows: bool, now: datetime) -> None:
    """Rehearse the import with these options; the page shows what would change."""
    options = reading_of(run.kind, options).as_json()
    with transaction.atomic():
        _move(run, _WAITING, ImportState.CHECKING, options={**options, "skip_bad_rows": skip_bad_rows}, told=None)
        after_commit("accounts.check_import", run.pk)


def start(run: ImportRun) -> None:
    with transaction.atomic():
        _move(run, (ImportState.CHECKED, ImportState.INTERRUPTED), ImportState.QUEUED)
        cache.delete(f"import:{run.pk}:stop")
        after_commit("accounts.carry_import", run.pk)


def stop(run: ImportRun) -> None:
    """Heard within a second; a run that waits for its turn stops at once."""
    if ImportRun.objects.filter(pk=run.pk, state=ImportState.QUEUED).update(state=ImportState.INTERRUPTED):
        return
    cache.set(f"import:{run.pk}:stop", True, 600)


def take_back(run: ImportRun, *, actor: Actor) -> None:
    """Restore what the run changed, unless it was changed again since, and remove what it brought and nobody touched."""
    with transaction.atomic():
        _move(run, (ImportState.DONE, ImportState.INTERRUPTED), ImportState.UNDOING, told={"asked_by": str(actor)})
        after_commit("accounts.undo_import", run.pk)


def discard(run: ImportRun) -> None:
    """Forget a file that was not imported."""
    with transaction.atomic():
        _move(run, (ImportState.DRAFT, ImportState.CHECKED, ImportState.REFUSED), ImportState.REFUSED)
        uploads.forget(run)
        ImportRun.objects.filter(pk=run.pk).delete()


def progress(run: ImportRun) -> dict[str, Any]:
    return cache.get(f"import:{run.pk}") or {"doing": "waiting", "share": 0.0, "rows": 0}


def rehearse(run_id: int, *, now: datetime) -> None:
    """The check itself, in a worker."""
    run = ImportRun.objects.get(pk=run_id)
    if run.state != ImportState.CHECKING:
        return
    try:
        report = _carry(run, now=now, dry_run=True)
        told = {**report.as_json(), "problems": [], "importable": report.created + report.changed + report.same}
        problems = report.problems
    except Unreadable as error:
        if "Another import is running" in str(error):
            return
        told, problems = {"message": str(error), "state": str(ImportState.REFUSED)}, None
    with transaction.atomic():
        if ImportRun.objects.filter(pk=run_id, state=ImportState.CHECKING).update(state=ImportState.CHECKED, told=told):
            keep_problems(run, problems or ())


def carry(run_id: int, *, now: datetime) -> None:
    """The import itself, in a worker. A run whose worker died is found again by the sweep and goes on where it stopped."""
    run = ImportRun.objects.get(pk=run_id)
    if run.state not in (ImportState.QUEUED, ImportState.RUNNING):
        return
    try:
        report = _carry(run, now=now, dry_run=False)
    except Stopped:
        return
    except Unreadable as error:
        if "Another import is running" not in str(error):
            ImportRun.objects.filter(pk=run_id).update(state=ImportState.REFUSED, told={"message": str(error)})
        return
    ImportRun.objects.filter(pk=run_id).update(told={"message": report.message})
    _remember(run, now=now)
    if report.ok:
        uploads.forget(run)


def sweep(*, now: datetime) -> int:
    """Go on with what waits: checks and imports whose nudge was lost or whose worker died. Old files are deleted."""
    uploads.forget_old(now, states=_WAITING)
    for run_id in (undoing := list(ImportRun.objects.filter(state=ImportState.UNDOING).order_by("pk").values_list("pk", flat=True))):
        undo.take_back(run_id, now=now)
    waiting = ImportRun.objects.exclude(upload="").filter(state__in=[ImportState.CHECKING, ImportState.QUEUED, ImportState.RUNNING]).order_by("pk")
    for run in (found := list(waiting)):
        (rehearse if run.state == ImportState.CHECKING else carry)(run.pk, now=now)
    return len(undoing) + len(found)


def _carry(run: ImportRun, *, now: datetime, dry_run: bool) -> Report:
    told = 0.0

    def watch(doing: str, share: float, rows: int) -> None:
        nonlocal told
        if time.monotonic() - told < _PAUSE:
            return
        told = time.monotonic()
        if _told(run, {"doing": doing, "share": share, "rows": rows}):
            raise Stopped

    options = {name: value for name, value in run.options.items() if name != "skip_bad_rows"}
    order = Order(
        kind=run.kind,
        path=uploads.path_of(run),
        options=options,
        actor=Actor(*run.actor.split(":", 1)),
        now=now,
        skip_bad_rows=bool(run.options.get("skip_bad_rows")),
        dry_run=dry_run,
        run_id=None if dry_run else run.pk,
        watch=watch,
    )
    return (import_activity if run.kind == "activity" else import_records)(order, reading_of(run.kind, options))


def _told(run: ImportRun, progress: dict[str, Any]) -> bool:
    """Show the progress, and hear whether somebody pressed Stop. Without Valkey the import goes on unseen."""
    try:
        cache.set(f"import:{run.pk}", progress, 3600)
        return bool(cache.get(f"import:{run.pk}:stop"))
    except (RedisError, OSError):
        return False


def _remember(run: ImportRun, *, now: datetime) -> None:
    """Only what somebody chose is worth remembering: a run by command has no columns to choose."""
    options = {name: value for name, value in run.options.items() if name not in {"skip_bad_rows", "sheet"}}
    with open_table(uploads.path_of(run), reading_of(run.kind, run.options)) as table:
        signature = _signature(table.columns)
    ImportMapping.objects.update_or_create(kind=run.kind, signature=signature, defaults={"options": options, "used_at": now})


def _signature(names: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


def _move(run: ImportRun, of: Iterable[ImportState], to: ImportState, **more: Any) -> None:
    if not ImportRun.objects.filter(pk=run.pk, state__in=list(of)).update(state=to, **more):
        run.refresh_from_db()
        raise Refused("wrong_state", f"{run.file_name} is {run.get_state_display()} by now. Reload the page.")
