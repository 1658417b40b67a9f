"""Taking the planned looks: each spends its part of the error, so each is written down, also those that found nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import ExperimentDecided

from .models import Experiment, Look
from .readouts import Readout, VariantRead, decided, readout, strength
from .types import ExperimentState, Rule, Verdict


def take_look(experiment: Experiment, *, actor: Actor, now: datetime) -> Look:
    """Read the experiment by its plan, for good. Refused before the next planned size is reached."""
    with transaction.atomic():
        row = Experiment.objects.select_for_update().get(pk=experiment.pk)
        if row.state != ExperimentState.RUNNING or row.rule != Rule.PLANNED:
            raise Refused("no_planned_looks", f"“{row.name}” has no planned look to take.")
        found = readout(row, now=now)
        if not found.look_due:
            if found.mismatch:
                raise Refused("mismatch", found.words)
            missing = f"The next look is at {found.next_look:,} accounts per variant, {found.size:,} are in." if found.next_look else ""
            raise Refused("look_not_due", missing or f"All planned looks of “{row.name}” were taken.")
        return _keep(row, found, actor=actor, now=now)


def take_looks(*, actor: Actor, now: datetime) -> int:
    """Take every planned look that is due. Returns how many were taken."""
    taken = 0
    for experiment in Experiment.objects.filter(state=ExperimentState.RUNNING, rule=Rule.PLANNED).order_by("pk"):
        if readout(experiment, now=now).look_due:
            take_look(experiment, actor=actor, now=now)
            taken += 1
    return taken


def _keep(experiment: Experiment, found: Readout, *, actor: Actor, now: datetime) -> Look:
    last = found.fraction >= 1
    judged = _holm(found.variants[1:], last=last)
    strongest = max(judged, key=lambda one: abs(one.z or 0.0))
    verdicts = [one.verdict for one in judged]
    verdict = next(one for one in (Verdict.BETTER, Verdict.WORSE, Verdict.NO_DIFFERENCE, Verdict.WAITING) if one in verdicts)
    look = Look.objects.create(
        experiment=experiment,
        number=found.looks_taken + 1,
        at=now,
        size=found.size,
        fraction=found.fraction,
        z=strongest.z,
        boundary=strongest.boundary,
        strongest=strongest.key,
        verdict=verdict,
        figures={one.key: {"n": one.n, "mean": one.mean, "verdict": one.verdict} | _numbers(one) for one in (found.variants[0], *judged)},
        mismatch_p=found.mismatch_p,
        actor=str(actor),
    )
    if verdict != Verdict.WAITING and not experiment.looks.exclude(pk=look.pk).exclude(verdict=Verdict.WAITING).exists():
        words = readout(experiment, now=now).words
        events.publish(ExperimentDecided(experiment_id=experiment.pk, key=experiment.key, verdict=verdict, words=words), actor=actor, now=now)
    return look


def _numbers(variant: VariantRead) -> dict[str, float | None]:
    return {"difference": variant.difference, "low": variant.low, "high": variant.high, "z": variant.z, "boundary": variant.boundary}


def _holm(variants: Sequence[VariantRead], *, last: bool) -> list[VariantRead]:
    """Step down: what an earlier look decided stays decided; of the others a weaker one may decide only when all stronger ones did."""
    otherwise = Verdict.NO_DIFFERENCE if last else Verdict.WAITING
    found, door_open = {}, True
    for variant in sorted(variants, key=strength, reverse=True):
        if not decided(variant.verdict):
            door_open = door_open and variant.z is not None and variant.boundary is not None and abs(variant.z) >= variant.boundary
            verdict = otherwise if not door_open else Verdict.BETTER if (variant.z or 0.0) > 0 else Verdict.WORSE
            variant = replace(variant, verdict=verdict)
        found[variant.key] = variant
    return [found[variant.key] for variant in variants]
