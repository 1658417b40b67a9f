"""An experiment from its plan to its end. What runs is not changed: who edits weights on the way shuffles accounts between the answers."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import ExperimentStarted, ExperimentStopped

from .models import Experiment, Holdout
from .types import TRANSITIONS, ExperimentState


def create(*, key: str, actor: Actor, now: datetime, **plan: Any) -> Experiment:
    """Write down the question and how it will be read, before anything happens."""
    experiment = Experiment(key=key, created_at=now, created_by=str(actor), **plan)
    if Holdout.objects.filter(salt=key).exists():
        raise Refused("key_is_a_salt", f"“{key}” is the salt of a holdout; an experiment needs a shuffle of its own, so choose another key.")
    _check(experiment)
    try:
        with transaction.atomic():
            experiment.save(force_insert=True)
    except IntegrityError as error:
        raise Refused("key_taken", f"There is an experiment “{key}” already.") from error
    return experiment


def revise(experiment: Experiment, *, actor: Actor, now: datetime, **plan: Any) -> Experiment:
    """Change the plan of a draft; the key is never changed."""
    if set(plan) - _OF_THE_PLAN:
        raise Refused("not_of_the_plan", f"{', '.join(sorted(set(plan) - _OF_THE_PLAN))} cannot be changed.")
    with transaction.atomic():
        row = Experiment.objects.select_for_update().get(pk=experiment.pk)
        if row.state != ExperimentState.DRAFT:
            words = f"“{row.name}” is {row.get_state_display()}: a change now would move accounts between its variants. Stop it and begin another."
            raise Refused("not_a_draft", words)
        for name, value in plan.items():
            setattr(row, name, value)
        _check(row)
        row.save(update_fields=list(plan))
    return row


_OF_THE_PLAN = {
    *("name", "hypothesis", "variants", "coverage", "metric", "metric_words", "metric_kind", "window_days", "rule", "planned_size", "planned_looks"),
}


def start(experiment: Experiment, *, actor: Actor, now: datetime) -> Experiment:
    """From now on accounts are assigned."""
    with transaction.atomic():
        row = _move(experiment, ExperimentState.RUNNING, started_at=now, started_by=str(actor))
        events.publish(ExperimentStarted(experiment_id=row.pk, key=row.key, variants=row.variant_keys), actor=actor, now=now)
    return row


def stop(experiment: Experiment, *, reason: str, actor: Actor, now: datetime) -> Experiment:
    """Nobody is assigned any more; what was found is kept."""
    with transaction.atomic():
        row = _move(experiment, ExperimentState.STOPPED, stopped_at=now, stopped_by=str(actor), stop_reason=reason[:250])
        events.publish(ExperimentStopped(experiment_id=row.pk, key=row.key, reason=row.stop_reason), actor=actor, now=now)
    return row


def _move(experiment: Experiment, to: ExperimentState, **fields: Any) -> Experiment:
    """The only place where the state changes."""
    sources = [state for state, ways in TRANSITIONS.items() if to in ways]
    moved = Experiment.objects.filter(pk=experiment.pk, state__in=sources).update(state=to, **fields)
    row = Experiment.objects.get(pk=experiment.pk)
    if not moved:
        raise Refused(f"cannot_be_{to}", f"“{row.name}” is {row.get_state_display()} and cannot be {to.label}.")
    return row


def _check(experiment: Experiment) -> None:
    try:
        experiment.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        field, words = next(iter(error.message_dict.items()))
        raise Refused("invalid_plan", f"{field}: {words[0]}") from error
