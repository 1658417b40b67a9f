"""What an experiment says so far, by the rule that was planned, in figures and in words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection

from .models import Experiment, Look
from .statistics import beliefs, cuped, mismatch, sequential, several
from .statistics.estimates import ALPHA, Between, Mean, Sample, Share, difference, pooled
from .types import ExperimentState, MetricKind, Rule, Verdict

# Exposed accounts whose window is over, with what they did in it. `any` for shares, `sum` for amounts.
_ROWS = """
select a.variant, a.before, coalesce(o.total, 0), coalesce(o.best, 0)
from experiments_exposure e
join experiments_assignment a on a.experiment_id = e.experiment_id and a.account_id = e.account_id
left join lateral (
    select sum(value) as total, max(value) as best from experiments_outcomerow o
    where o.experiment_id = e.experiment_id and o.metric = %(metric)s and o.account_id = e.account_id
      and o.at >= e.at and o.at < e.at + %(window)s and o.at <= %(now)s
) o on true
where e.experiment_id = %(experiment)s and e.at <= %(ripe)s
"""
_EXPOSED = """
select a.variant, count(*) from experiments_exposure e
join experiments_assignment a on a.experiment_id = e.experiment_id and a.account_id = e.account_id
where e.experiment_id = %s and e.at <= %s group by a.variant
"""
_EXPOSED_OF_MANY = """
select e.experiment_id, a.variant, count(*) from experiments_exposure e
join experiments_assignment a on a.experiment_id = e.experiment_id and a.account_id = e.account_id
where e.experiment_id = any(%s) group by e.experiment_id, a.variant
"""
# The covariate is used where it is known of at least so many.
_KNOWN_ENOUGH = 0.5


@dataclass(frozen=True)
class VariantRead:
    """One variant against the control. Shares are of 1, amounts in the metric's unit; `low` and `high` hold at this look."""

    key: str
    name: str
    exposed: int
    n: int
    total: float
    mean: float
    difference: float | None
    low: float | None
    high: float | None
    z: float | None
    boundary: float | None
    chance_best: float | None
    verdict: Verdict
    words: str
    # Difference, low and high as they were when it was decided.
    found: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Readout:
    """`size` is of the smallest variant, `more` how many accounts per variant are missing, `next_look` the size at which the next look is due."""

    key: str
    as_of: datetime
    rule: Rule
    verdict: Verdict
    words: str
    baseline: str
    variants: list[VariantRead]
    size: int
    planned_size: int
    fraction: float
    looks_taken: int
    next_look: int | None
    look_due: bool
    more: int | None
    mismatch_p: float
    mismatch: bool
    adjusted: bool
    missing_before: int
    overridden: int
    # At the end: chi-squared, and whether the sizes are odd enough to be looked into though not enough to take the figures away.
    final_p: float | None = None
    suspect: bool = False


@dataclass(frozen=True)
class _Figures:
    plain: list[Sample]
    samples: list[Sample]
    totals: list[float]
    exposed: list[int]
    adjusted: bool
    missing: int


def readout(experiment: Experiment, *, now: datetime) -> Readout:
    figures, looks = _figures(experiment, now), list(experiment.looks.order_by("number"))
    size = min(sample.n for sample in figures.plain)
    fraction = min(1.0, size / experiment.planned_size)
    p, broken = _mismatch(experiment, figures.exposed, looks)
    final_p = mismatch.final_p(figures.exposed, experiment.weights) if experiment.state == ExperimentState.STOPPED else None
    suspect = final_p is not None and final_p < mismatch.SUSPECT and not broken
    compared = _by_plan(experiment, figures, looks, fraction) if experiment.rule == Rule.PLANNED else _at_any_time(experiment, figures)
    chances = beliefs.chances_to_be_best(figures.samples)
    variants = [
        VariantRead(
            key=key,
            name=experiment.name_of(key),
            exposed=figures.exposed[index],
            n=figures.plain[index].n,
            total=figures.totals[index],
            mean=figures.plain[index].mean,
            chance_best=chances[index] if chances else None,
            words=_told(experiment, key, figures.plain[index], figures.totals[index]),
            **(compared[index - 1] if index else _CONTROL),
        )
        for index, key in enumerate(experiment.variant_keys)
    ]
    verdict = Verdict.MISMATCH if broken else _whole(variants[1:])
    next_look = _next_look(experiment, looks) if experiment.rule == Rule.PLANNED else None
    more = _more(experiment, variants, size) if verdict in (Verdict.WAITING, Verdict.NO_DIFFERENCE) else None
    return Readout(
        key=experiment.key,
        as_of=now,
        rule=Rule(experiment.rule),
        verdict=verdict,
        words=_words(experiment, verdict, variants, figures, size, next_look, more) + (_doubt(figures, final_p) if suspect else ""),
        baseline=f"Without it: {variants[0].words}",
        variants=variants,
        size=size,
        planned_size=experiment.planned_size,
        fraction=fraction,
        looks_taken=len(looks),
        next_look=next_look,
        look_due=next_look is not None and size >= next_look and not broken and experiment.state == ExperimentState.RUNNING,
        more=more,
        mismatch_p=p,
        mismatch=broken,
        adjusted=figures.adjusted,
        missing_before=figures.missing,
        overridden=experiment.overrides.values("account").distinct().count(),
        final_p=final_p,
        suspect=suspect,
    )


_CONTROL: dict[str, Any] = {"difference": None, "low": None, "high": None, "z": None, "boundary": None, "verdict": Verdict.WAITING}


def _figures(experiment: Experiment, now: datetime) -> _Figures:
    window = timedelta(days=experiment.window_days)
    asked: dict[str, Any] = {"experiment": experiment.pk, "metric": experiment.metric, "window": window, "now": now, "ripe": now - window}
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, asked)
        rows = cursor.fetchall()
        cursor.execute(_EXPOSED, [experiment.pk, now])
        exposed = dict(cursor.fetchall())
    places = {key: index for index, key in enumerate(experiment.variant_keys)}
    arms = np.array([places[row[0]] for row in rows], dtype=np.int_)
    before = np.array([math.nan if row[1] is None else row[1] for row in rows], dtype=np.float64)
    share = experiment.metric_kind == MetricKind.SHARE
    outcomes = np.array([float(row[3] > 0) if share else row[2] for row in rows], dtype=np.float64)
    plain: list[Sample] = []
    totals = []
    for index in places.values():
        mine = outcomes[arms == index]
        totals.append(float(mine.sum()))
        plain.append(Share(len(mine), float(mine.sum())) if share else Mean(len(mine), float(mine.sum()), float((mine**2).sum())))
    missing = int(np.isnan(before).sum())
    adjusted = bool(rows) and missing <= (1 - _KNOWN_ENOUGH) * len(rows)
    samples: list[Sample] = [*cuped.adjust(outcomes, before, arms, len(places))] if adjusted else plain
    return _Figures(plain, samples, totals, [exposed.get(key, 0) for key in places], adjusted, missing if adjusted else 0)


def _between(experiment: Experiment, first: Sample, second: Sample) -> Between | None:
    return (pooled if experiment.metric_kind == MetricKind.SHARE else difference)(first, second)


def exposed_of(experiments: Sequence[Experiment]) -> dict[int, list[int]]:
    """How many accounts were exposed, by experiment, in the order of its variants; one statement for all."""
    with connection.cursor() as cursor:
        cursor.execute(_EXPOSED_OF_MANY, [[one.pk for one in experiments]])
        found = {(key, variant): count for key, variant, count in cursor.fetchall()}
    return {one.pk: [found.get((one.pk, key), 0) for key in one.variant_keys] for one in experiments}


def groups_fit(experiment: Experiment, exposed: Sequence[int]) -> bool:
    """Whether the groups have the planned sizes, by the test that may be read at any time."""
    return mismatch.sequential_p(exposed, experiment.weights) >= mismatch.WHILE_RUNNING


def _mismatch(experiment: Experiment, exposed: Sequence[int], looks: Sequence[Look]) -> tuple[float, bool]:
    """Once found it stays found: an arm that lost accounts does not heal by getting more."""
    p = mismatch.sequential_p(exposed, experiment.weights)
    broken = min([p, *(look.mismatch_p for look in looks)]) < mismatch.WHILE_RUNNING
    if experiment.state == ExperimentState.STOPPED and mismatch.final_p(exposed, experiment.weights) < mismatch.AT_THE_END:
        broken = True
    return p, broken


def _doubt(figures: _Figures, p: float | None) -> str:
    counts = " and ".join(f"{count:,}" for count in figures.exposed)
    return f" Mind the sizes: {counts} accounts differ from the plan as only {p:.1%} of honest splits do. Find out why before you act on it."


def _by_plan(experiment: Experiment, figures: _Figures, looks: Sequence[Look], fraction: float) -> list[dict[str, Any]]:
    """Intervals hold with the looks taken so far and this one; verdicts are only those of looks that were taken."""
    taken = tuple(look.fraction for look in looks)
    fractions = taken if not fraction or (taken and fraction <= taken[-1]) else (*taken, fraction)
    found = []
    betweens = [_between(experiment, figures.samples[0], sample) for sample in figures.samples[1:]]
    verdicts = [_decided(key, looks) for key in experiment.variant_keys[1:]]
    levels = _levels(betweens, verdicts)
    for index, between in enumerate(betweens):
        verdict = verdicts[index]
        boundary = sequential.boundaries(fractions, levels[index])[-1] if fractions else None
        if between is None or boundary is None:
            found.append(_CONTROL | {"verdict": verdict})
            continue
        width = boundary * between.error
        low, high = between.effect - width, between.effect + width
        read = {"difference": between.effect, "low": low, "high": high, "z": between.z, "boundary": boundary}
        found.append({**read, "verdict": verdict, "found": _when_decided(experiment.variant_keys[index + 1], looks)})
    return found


def _when_decided(key: str, looks: Sequence[Look]) -> tuple[float, float, float] | None:
    said = [look.figures[key] for look in looks if key in look.figures and decided(Verdict(look.figures[key]["verdict"]))]
    return (said[0]["difference"], said[0]["low"], said[0]["high"]) if said else None


def decided(verdict: Verdict) -> bool:
    return verdict in (Verdict.BETTER, Verdict.WORSE)


def strength(variant: VariantRead) -> tuple[bool, float]:
    """What Holm's procedure takes first: what is decided already, then the larger |z|."""
    return decided(variant.verdict), abs(variant.z or 0.0)


def _levels(betweens: Sequence[Between | None], verdicts: Sequence[Verdict]) -> list[float]:
    """The error that each comparison may spend: Holm's steps, the strongest first."""
    order = sorted(range(len(betweens)), key=lambda at: (decided(verdicts[at]), abs(one.z) if (one := betweens[at]) else 0.0), reverse=True)
    found = [ALPHA] * len(betweens)
    for rank, level in enumerate(several.levels(len(betweens), ALPHA)):
        found[order[rank]] = level
    return found


def _decided(key: str, looks: Sequence[Look]) -> Verdict:
    """The first look that decided stands."""
    said = [Verdict(look.figures[key]["verdict"]) for look in looks if key in look.figures]
    return next((verdict for verdict in said if decided(verdict)), said[-1] if said else Verdict.WAITING)


def _at_any_time(experiment: Experiment, figures: _Figures) -> list[dict[str, Any]]:
    """Intervals that hold however often they are read; with several variants each spends its part of the error."""
    found = []
    alpha = ALPHA / (len(figures.samples) - 1)
    for sample in figures.samples[1:]:
        between = _between(experiment, figures.samples[0], sample)
        if between is None:
            found.append(dict(_CONTROL))
            continue
        low, high = sequential.always_valid(between, figures.samples[0].n + sample.n, alpha)
        verdict = Verdict.BETTER if low > 0 else Verdict.WORSE if high < 0 else Verdict.WAITING
        read = {"difference": between.effect, "low": low, "high": high, "z": between.z, "boundary": None}
        found.append({**read, "verdict": verdict, "found": (between.effect, low, high) if decided(verdict) else None})
    return found


def _whole(variants: Sequence[VariantRead]) -> Verdict:
    said = [variant.verdict for variant in variants]
    return next((verdict for verdict in (Verdict.BETTER, Verdict.WORSE, Verdict.NO_DIFFERENCE) if verdict in said), Verdict.WAITING)


def _next_look(experiment: Experiment, looks: Sequence[Look]) -> int | None:
    done = looks[-1].fraction if looks else 0.0
    steps = (number / experiment.planned_looks for number in range(1, experiment.planned_looks + 1))
    return next((math.ceil(step * experiment.planned_size - 1e-9) for step in steps if step > done + 1e-9), None)


def _more(experiment: Experiment, variants: Sequence[VariantRead], size: int) -> int | None:
    """Accounts per variant: to the planned end, or, past it, as many as the present difference would need; None where none would do."""
    if size < experiment.planned_size:
        return experiment.planned_size - size
    reach = [
        (one.high - one.low) / 2 / abs(one.difference) for one in variants[1:] if one.difference and one.low is not None and one.high is not None
    ]
    wanted = math.ceil(size * min(reach) ** 2) if reach else 0
    return wanted - size if size < wanted <= 20 * experiment.planned_size else None


def figure(experiment: Experiment, value: float) -> str:
    return f"{100 * value:.1f} %" if experiment.metric_kind == MetricKind.SHARE else f"{value:,.2f}"


def apart(experiment: Experiment, value: float) -> str:
    return f"{100 * value:.1f} points" if experiment.metric_kind == MetricKind.SHARE else f"{value:,.2f}"


def _told(experiment: Experiment, key: str, sample: Sample, total: float) -> str:
    name = experiment.name_of(key)
    if not sample.n:
        return f"“{name}”: nobody whose window is over yet"
    if experiment.metric_kind == MetricKind.SHARE:
        return f"“{name}”: {figure(experiment, sample.mean)} ({total:,.0f} of {sample.n:,})"
    return f"“{name}”: {figure(experiment, sample.mean)} per account ({sample.n:,} accounts)"


def _words(
    experiment: Experiment, verdict: Verdict, variants: list[VariantRead], figures: _Figures, size: int, next_look: int | None, more: int | None
) -> str:
    if verdict == Verdict.MISMATCH:
        shares = ", ".join(
            f"{count:,} instead of {sum(figures.exposed) * weight:,.0f} in “{variant.name}”"
            for count, weight, variant in zip(figures.exposed, experiment.weights, variants, strict=True)
        )
        return f"Do not read this: the groups are not of the planned sizes ({shares}), so something loses or adds accounts. Find it first."
    if verdict in (Verdict.BETTER, Verdict.WORSE):
        best = max((one for one in variants[1:] if one.verdict == verdict), key=lambda one: abs(one.difference or 0.0))
        difference, low, high = best.found or (0.0, 0.0, 0.0)
        small, large = sorted((abs(low), abs(high)))
        way = "more" if verdict == Verdict.BETTER else "less"
        sure = f"95 % sure of {apart(experiment, small).removesuffix(' points')} to {apart(experiment, large)}"
        return f"“{best.name}” is {verdict.label} than “{variants[0].name}”: {apart(experiment, abs(difference))} {way} ({sure})."
    if verdict == Verdict.NO_DIFFERENCE:
        widest = max((max(abs(one.low), abs(one.high)) for one in variants[1:] if one.low is not None and one.high is not None), default=0.0)
        return f"No difference was found with the planned {experiment.planned_size:,} accounts per variant; it is below {apart(experiment, widest)}."
    if experiment.state == ExperimentState.STOPPED:
        return f"It was stopped before it could tell: {size:,} of {experiment.planned_size:,} planned accounts per variant were in."
    if more is None:
        return "We cannot tell yet, and at so small a difference no reasonable number of accounts would."
    look = f" The next planned look is at {next_look:,}." if next_look else ""
    return f"We cannot tell yet: about {more:,} more accounts per variant are needed ({size:,} of {experiment.planned_size:,} are in).{look}"
