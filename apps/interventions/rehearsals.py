"""The life of a dry run: asked for, worked on, stopped, begun again after its worker died, ended with what it found or why not."""

from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import F

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.jobs import after_commit

from . import definition, foretold
from .models import Play, Rehearsal
from .types import RehearsalState

DAYS = 90
MOST_ATTEMPTS = 3
# So long a worker may be silent before it is taken for dead.
LEASE = timedelta(minutes=5)
OPEN = (RehearsalState.ASKED, RehearsalState.RUNNING)
Clock = Callable[[], datetime]


class Stopped(Exception):
    """Somebody stopped the dry run, or it was begun again elsewhere."""


def ask(play: Play, *, says: Any, days: int = DAYS, actor: Actor, now: datetime) -> Rehearsal:
    """Let a worker try a definition, saved or not, on the days before now. While one of the play is open, that one is the answer. Raises Flaws."""
    said = definition.plain(definition.read(says))
    if not 1 <= days <= 366:
        raise Refused("days_out_of_range", "A dry run looks back 1 to 366 days.")
    with transaction.atomic():
        Play.objects.select_for_update().get(pk=play.pk)
        if (already := Rehearsal.objects.filter(play=play, state__in=OPEN).first()) is not None:
            return already
        row = Rehearsal.objects.create(play=play, definition=said, asked_by=str(actor), asked_at=now, since=now - timedelta(days=days), until=now)
        after_commit("interventions.rehearse", row.pk)
    return row


def stop(row: Rehearsal, *, now: datetime) -> None:
    """End a dry run: at once while it waits, at its next sign of life while it runs. Nothing is kept of it."""
    if _move(row.pk, [RehearsalState.ASKED], RehearsalState.STOPPED, ended_at=now, error="Stopped before it began."):
        return
    if not Rehearsal.objects.filter(pk=row.pk, state=RehearsalState.RUNNING).update(cancel_asked=True):
        raise Refused("rehearsal_over", "This dry run is over, so there is nothing to stop.")


def work(row_id: int, *, clock: Clock) -> str:
    """Try it, in a worker; returns the state it ended in, nothing when it is somebody else's or over."""
    if not _move(row_id, [RehearsalState.ASKED], RehearsalState.RUNNING, attempts=F("attempts") + 1, beat_at=clock(), done=0, total=0):
        return ""
    row = Rehearsal.objects.select_related("play").get(pk=row_id)
    mine = Rehearsal.objects.filter(pk=row_id, state=RehearsalState.RUNNING, attempts=row.attempts)
    beat = row.beat_at

    def progress(done: int, total: int) -> None:
        nonlocal beat
        now = clock()
        # A sign of life a second is enough; the last one is always given.
        if beat is not None and now - beat < timedelta(seconds=1) and done < total:
            return
        beat = now
        if not mine.update(done=max(done, 0), total=max(total, 0), beat_at=now):
            raise Stopped("It was taken for dead and begun again elsewhere.")
        if mine.filter(cancel_asked=True).exists():
            raise Stopped("Stopped.")

    try:
        # Looked up late: only the worker needs the whole engine.
        rehearse = import_module(f"{__package__}.rehearsal").rehearse
        found = rehearse(definition.read(row.definition), play_key=row.play.key, since=row.since, until=row.until, progress=progress)
    except Stopped as stopped:
        return _end(row, RehearsalState.STOPPED, clock(), error=str(stopped))
    except OperationalError:
        # The database went away: the sweep finds the row when it is back.
        raise
    except Exception as error:
        _end(row, RehearsalState.FAILED, clock(), error=f"It broke ({type(error).__name__}). Nothing was sent or changed. The log has the details.")
        raise
    return _end(row, RehearsalState.DONE, clock(), result=foretold.as_json(found))


def sweep(*, now: datetime) -> int:
    """Settle dry runs whose worker died and nudge those that nobody took; returns how many were looked after."""
    before = now - LEASE
    dead = list(Rehearsal.objects.filter(state=RehearsalState.RUNNING, beat_at__lt=before))
    for row in dead:
        if row.cancel_asked:
            _end(row, RehearsalState.STOPPED, now, error="Stopped; its worker had died.")
        elif row.attempts >= MOST_ATTEMPTS:
            _end(row, RehearsalState.FAILED, now, error=f"Its worker died {row.attempts} times. Try fewer days, or a narrower audience.")
        else:
            _move(row.pk, [RehearsalState.RUNNING], RehearsalState.ASKED, only={"attempts": row.attempts, "beat_at": row.beat_at})
    waiting = set(Rehearsal.objects.filter(state=RehearsalState.ASKED, asked_at__lt=before).values_list("pk", flat=True))
    for row_id in waiting:
        after_commit("interventions.rehearse", row_id)
    return len(waiting | {row.pk for row in dead})


def _end(row: Rehearsal, state: RehearsalState, now: datetime, **more: Any) -> str:
    """The last word; without effect when the row has moved on without us."""
    moved = _move(row.pk, [RehearsalState.RUNNING], state, only={"attempts": row.attempts}, ended_at=now, **more)
    return str(state.value) if moved else ""


def _move(row_id: int, of: list[RehearsalState], to: RehearsalState, *, only: dict[str, Any] | None = None, **more: Any) -> bool:
    """The one place where its state changes."""
    return bool(Rehearsal.objects.filter(pk=row_id, state__in=of, **(only or {})).update(state=to, **more))
