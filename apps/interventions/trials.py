"""Experiments inside plays: a split sends accounts different ways by lot, and the play's goal is what the ways are judged by.

The key of the experiment is made of the play, the step and its ways: other ways are another experiment, with a shuffle of its own, and the same
ways in a later version go on with the one that runs. Accounts keep their way for good.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from apps.core.actor import Actor
from apps.experiments import selectors as experiments
from apps.experiments import services
from apps.experiments.models import Experiment
from apps.experiments.types import ExperimentState, Outcome

from .definition import Definition, SplitStep
from .models import Enrolment, Play

_METRIC = "goal"


def key_of(play_key: str, step: SplitStep) -> str:
    ways = json.dumps([[way.name, way.weight, way.go] for way in step.ways])
    return f"play-{play_key[:30]}-{step.id[:30]}-{hashlib.sha256(ways.encode()).hexdigest()[:8]}"


def begin(play: Play, says: Definition, *, actor: Actor, now: datetime) -> None:
    """Start the experiments of a play that goes live, and stop those that its present version no longer asks."""
    wanted = {key_of(play.key, step): step for step in says.steps if isinstance(step, SplitStep)}
    known = {one.key: one for one in Experiment.objects.filter(key__startswith=f"play-{play.key[:30]}-")}
    for key, step in wanted.items():
        experiment = known.get(key) or _create(play, says, key, step, actor=actor, now=now)
        if experiment.state == ExperimentState.DRAFT:
            services.start(experiment, actor=actor, now=now)
    for key, experiment in known.items():
        if key not in wanted and experiment.state == ExperimentState.RUNNING and _belongs(experiment, play):
            services.stop(experiment, reason="The play asks something else now.", actor=actor, now=now)


def _belongs(experiment: Experiment, play: Play) -> bool:
    """Whether it is of this play, and not of one whose key begins the same."""
    keys = {key_of(play.key, step) for version in play.versions.all() for step in version.says.steps if isinstance(step, SplitStep)}
    return experiment.key in keys


def _create(play: Play, says: Definition, key: str, step: SplitStep, *, actor: Actor, now: datetime) -> Experiment:
    total = sum(way.weight for way in step.ways)
    return services.create(
        key=key,
        name=f"{play.name}: {step.id}"[:120],
        hypothesis=step.question or f"One way of “{play.name}” reaches its goal more often.",
        variants=[{"key": way.name, "name": way.name, "weight": way.weight / total} for way in step.ways],
        metric=_METRIC,
        metric_words=f"reached the goal of “{play.name}” within {says.goal.window_days} days"[:160],
        window_days=says.goal.window_days,
        planned_size=step.planned_size,
        actor=actor,
        now=now,
    )


def ways(asked: Iterable[tuple[int, str, SplitStep]], *, actor: Actor, now: datetime) -> dict[tuple[int, str], str]:
    """By (account, step id) the way that the account takes, drawn now where it has none. Asked: account, the play's key, the step.

    Where the experiment does not run nobody is assigned: those accounts are left out and take the first way, the control.
    """
    by_key: dict[str, tuple[SplitStep, set[int]]] = {}
    for account, play_key, step in asked:
        by_key.setdefault(key_of(play_key, step), (step, set()))[1].add(account)
    found: dict[tuple[int, str], str] = {}
    running = {one.key: one for one in Experiment.objects.filter(key__in=by_key, state=ExperimentState.RUNNING)}
    for key, (step, accounts) in by_key.items():
        if key in running:
            given = services.assign(running[key], account_ids=sorted(accounts), now=now, actor=actor)
            services.expose(running[key], account_ids=sorted(given), now=now)
            found |= {(account, step.id): drawn.given for account, drawn in given.items()}
    return found


def foreseen(account: str, play_key: str, step: SplitStep) -> str:
    """The way that the lot gives an account (its external id), were it drawn now; nothing is written."""
    return experiments.drawn_variant(key_of(play_key, step), account, [(way.name, way.weight) for way in step.ways])


def note_goals(runs: Collection[Enrolment], *, at: datetime) -> None:
    """Tell the experiments that these runs (their plays and versions loaded) passed through that the goal was reached."""
    asked: dict[str, list[Enrolment]] = defaultdict(list)
    for run in runs:
        for step in run.version.says.steps:
            if isinstance(step, SplitStep):
                asked[key_of(run.play.key, step)].append(run)
    known: Mapping[str, Experiment] = {one.key: one for one in Experiment.objects.filter(key__in=asked)} if asked else {}
    for key, experiment in known.items():
        outcomes = [Outcome(account_id=run.account_id, metric=_METRIC, value=1.0, at=at, key=f"run:{run.pk}") for run in asked[key]]
        services.record_outcomes(experiment, outcomes=outcomes)
