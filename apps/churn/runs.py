"""The life of a training: asked for, worked on step by step, stopped, begun again after its worker died, ended with its reason."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import F, Max

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.jobs import after_commit
from apps.events import services as events
from apps.events.vocabulary import TrainingEnded

from . import training
from .beats import Beats
from .models import ChurnDefinition, ModelVersion, TrainingRun
from .progress import Report, Stopped, silent
from .types import RunState

ON_DEMAND, BY_SCHEDULE = "on demand", "by schedule"
OPEN = (RunState.QUEUED, RunState.RUNNING)
MOST_ATTEMPTS = 3
Clock = Callable[[], datetime]


def ask_for_training(definition: ChurnDefinition, *, why: str = ON_DEMAND, actor: Actor, now: datetime, as_of: datetime | None = None) -> TrainingRun:
    """Let a worker learn the definition's model from what is known at `as_of` (without it: now), under this actor's name.

    One at a time: while a training of the definition is open, that one is the answer.
    """
    with transaction.atomic():
        if (already := _open(definition)) is not None:
            return already
        run = _begin(definition, RunState.QUEUED, why=why, actor=actor, now=now, as_of=as_of or now)
        after_commit("churn.train", run.pk)
    return run


def train_here(definition: ChurnDefinition, *, as_of: datetime, actor: Actor, clock: Clock, watch: Report = silent) -> training.TrainingResult:
    """A training in this process, in everybody's sight. Refused while another one of the definition is open; `Stopped` when somebody stops it."""
    with transaction.atomic():
        if (already := _open(definition)) is not None:
            raise Refused("training_open", f"{definition} is learning already, asked for by {already.asked_by}. Wait for it, or stop it first.")
        now = clock()
        run = _begin(definition, RunState.RUNNING, why=ON_DEMAND, actor=actor, now=now, as_of=as_of, attempts=1, beat_at=now)
    return _carry(run, clock, watch)


def work(run_id: int, *, clock: Clock) -> str:
    """Train, in a worker; returns what came of it in words, nothing when the run is somebody else's or over."""
    if not _move(run_id, [RunState.QUEUED], RunState.RUNNING, attempts=F("attempts") + 1, beat_at=clock(), done=0, step="Starting"):
        return ""
    run = TrainingRun.objects.select_related("definition").get(pk=run_id)
    try:
        return _carry(run, clock, silent).reason
    except Stopped as stopped:
        return str(stopped)


def stop(run: TrainingRun, *, actor: Actor, now: datetime) -> None:
    """End a training: at once while it waits, before its next stage when it is at work. No version is made."""
    with transaction.atomic():
        if _end(run, RunState.CANCELLED, f"Stopped by {actor} before it began.", of=[RunState.QUEUED], actor=actor, now=now):
            return
        if not TrainingRun.objects.filter(pk=run.pk, state=RunState.RUNNING).update(cancel_asked=True):
            raise Refused("training_over", "This training is over, so there is nothing to stop.")


def sweep(*, now: datetime) -> int:
    """Settle trainings whose worker died and nudge those that nobody took; returns how many were looked after.

    A run that lost its worker (out of memory, killed, machine gone) begins again from its first stage, at most MOST_ATTEMPTS times in all.
    """
    silent_since = now - timedelta(seconds=settings.TRAINING_LEASE_SECONDS)
    dead = list(TrainingRun.objects.filter(state=RunState.RUNNING, beat_at__lt=silent_since).select_related("definition"))
    for run in dead:
        _settle_dead(run, now)
    waiting = list(TrainingRun.objects.filter(state=RunState.QUEUED, asked_at__lt=silent_since).values_list("pk", flat=True))
    for run_id in waiting:
        after_commit("churn.train", run_id)
    return len({*waiting, *(run.pk for run in dead)})


def _settle_dead(run: TrainingRun, now: datetime) -> None:
    actor = Actor.job("churn.sweep_training")
    made = made_by(run)
    if made is not None:
        # Its worker died between the last word of the model and the last word of the run.
        _end(run, _verdict(made), made.decision, actor=actor, now=now, version=made)
    elif run.cancel_asked:
        _end(run, RunState.CANCELLED, "Stopped; its worker had died.", actor=actor, now=now)
    elif run.attempts >= MOST_ATTEMPTS:
        words = (
            f"Its worker died {run.attempts} times, the last time at “{run.step}”. It may need more memory than there is. What scored before goes on."
        )
        _end(run, RunState.FAILED, words, actor=actor, now=now)
    else:
        same = {"attempts": run.attempts, "beat_at": run.beat_at}
        _move(run.pk, [RunState.RUNNING], RunState.QUEUED, only=same, done=0, step=f"Begins again: its worker died at “{run.step}”"[:120])


def ask_for_due(*, now: datetime) -> int:
    """Ask for the training of every definition that nobody trained for CHURN_RETRAIN_DAYS; returns how many were asked for."""
    actor, asked = Actor.job("churn.retrain"), 0
    before = now - timedelta(days=settings.CHURN_RETRAIN_DAYS)
    for definition in ChurnDefinition.objects.annotate(asked=Max("runs__asked_at"), learned=Max("versions__trained_as_of")):
        last = max((moment for moment in (definition.asked, definition.learned) if moment), default=None)
        if last is None or last <= before:
            ask_for_training(definition, why=BY_SCHEDULE, actor=actor, now=now)
            asked += 1
    return asked


def made_by(run: TrainingRun) -> ModelVersion | None:
    """The version that this run has stored: a version appears whole or not at all."""
    found = ModelVersion.objects.filter(definition=run.definition_id, trained_as_of=run.as_of, created_at__gte=run.asked_at)
    return found.defer("parameters", "golden").order_by("-number").first()


def _verdict(made: ModelVersion | None) -> RunState:
    """Done when the version went to work or challenges the one at work; refused when there is no model, or none worth that."""
    return RunState.DONE if made is not None and (made.is_live or made.is_challenger) else RunState.REFUSED


def _open(definition: ChurnDefinition) -> TrainingRun | None:
    """The open run; the definition stays locked until the transaction ends, so that two who ask at once get one."""
    ChurnDefinition.objects.select_for_update().get(pk=definition.pk)
    return TrainingRun.objects.filter(definition=definition, state__in=OPEN).first()


def _begin(definition: ChurnDefinition, state: RunState, *, why: str, actor: Actor, now: datetime, as_of: datetime, **more: Any) -> TrainingRun:
    return TrainingRun.objects.create(definition=definition, state=state, asked_by=str(actor), why=why[:200], as_of=as_of, asked_at=now, **more)


def _carry(run: TrainingRun, clock: Clock, watch: Report) -> training.TrainingResult:
    """Train for a claimed run and write down how it ended. Every end is written but two: the death of this process, and that of the database."""
    actor = Actor(*run.asked_by.split(":", 1))
    mine = TrainingRun.objects.filter(pk=run.pk, state=RunState.RUNNING, attempts=run.attempts)
    at = ""

    def report(step: str, done: float) -> None:
        nonlocal at
        at = step
        if not mine.update(step=step[:120], done=min(max(done, 0.0), 1.0), beat_at=clock()):
            raise Stopped("It was taken for dead and begun again elsewhere.")
        cancelled, revision = mine.values_list("cancel_asked", "definition__revision").get()
        if cancelled and done < 1:
            raise Stopped(f"Stopped before “{step}”. Nothing was stored.")
        if revision != run.definition.revision and done < 1:
            raise Stopped("Stopped: what leaving means was changed meanwhile. Train for what it means now.")
        watch(step, done)

    def end(state: RunState, words: str) -> None:
        # Whatever came between: a version that was stored is what came of it.
        made = made_by(run)
        _end(run, _verdict(made) if made else state, made.decision if made else words, actor=actor, now=clock(), version=made)

    try:
        with Beats(mine, clock):
            result = training.train(run.definition, as_of=run.as_of, now=clock(), actor=actor, report=report)
    except Stopped as stopped:
        end(RunState.CANCELLED, str(stopped))
        raise
    except KeyboardInterrupt:
        if not connection.is_usable():
            # It came in the middle of a statement: the last word needs a connection that can still speak.
            connection.close()
        end(RunState.CANCELLED, f"Stopped at the keyboard during “{at}”. Nothing was stored.")
        raise
    except OperationalError:
        # The database went away: the sweep finds the run when it is back.
        raise
    except Exception as error:
        end(RunState.FAILED, f"It broke at “{at}” ({type(error).__name__}). Nothing was stored, what scored before goes on. The log has the details.")
        raise
    end(RunState.REFUSED, result.reason)
    return result


def _end(
    run: TrainingRun,
    state: RunState,
    result: str,
    *,
    of: Iterable[RunState] = (RunState.RUNNING,),
    actor: Actor,
    now: datetime,
    version: ModelVersion | None = None,
) -> bool:
    """The last word of a run and its announcement, both or none; False when the run has moved on without us."""
    with transaction.atomic():
        same = {"attempts": run.attempts}
        if not _move(run.pk, of, state, only=same, result=result, ended_at=now, version=version, done=1.0 if version else F("done")):
            return False
        said = TrainingEnded(run_id=run.pk, definition_id=run.definition_id, state=state.value, result=result)
        events.publish(said, actor=actor, now=now)
    return True


def _move(run_id: int, of: Iterable[RunState], to: RunState, *, only: dict[str, Any] | None = None, **more: Any) -> bool:
    """The one place where a run's state changes: from a state that allows it, and when `only` still holds."""
    return bool(TrainingRun.objects.filter(pk=run_id, state__in=list(of), **(only or {})).update(state=to, **more))
