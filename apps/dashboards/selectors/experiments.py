"""What the experiments pages show: lists from what was kept at the last look, one experiment as it stands now."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from apps.experiments import selectors as experiments
from apps.experiments.models import ArmCount, Experiment, Holdout, Look
from apps.experiments.types import ExperimentState, HoldoutState, MetricKind, Rule, Verdict

_SHOWN = 50
_LEAST_EFFECT = 1e-4
_TONES = {
    Verdict.BETTER: "good",
    Verdict.WORSE: "bad",
    Verdict.NO_DIFFERENCE: "calm",
    Verdict.MISMATCH: "bad",
    Verdict.WAITING: "info",
}
_STATES = {ExperimentState.RUNNING: "good", ExperimentState.DRAFT: "info", ExperimentState.STOPPED: "calm"}


@dataclass(frozen=True)
class Band:
    """An interval on its axis, in percent of the width; zero, the estimate and both ends."""

    low: float
    high: float
    at: float
    zero: float
    words: str

    @property
    def width(self) -> float:
        return self.high - self.low


def band(experiment: Experiment, difference: float | None, low: float | None, high: float | None, reach: float) -> Band | None:
    """`reach` is the end of the axis on both sides, in the metric's unit."""
    if difference is None or low is None or high is None or not reach:
        return None

    def place(value: float) -> float:
        return round(50 + 48 * max(-1.0, min(1.0, value / reach)), 2)

    share = experiment.metric_kind == MetricKind.SHARE
    told = [f"{100 * value:+.1f}" if share else f"{value:+,.2f}" for value in (difference, low, high)]
    words = f"{told[0]}{' points' if share else ''} ({told[1]} to {told[2]})"
    return Band(place(low), place(high), place(difference), 50.0, words.replace("-", "−"))


@dataclass(frozen=True)
class Line:
    """One experiment in the list."""

    experiment: Experiment
    tone: str
    verdict: str
    verdict_tone: str
    exposed: int
    percent: int
    band: Band | None
    strongest: str


@dataclass(frozen=True)
class Drawn:
    holdout: Holdout
    accounts: int
    held_out: int


@dataclass(frozen=True)
class Learned:
    arm: str
    successes: float
    tries: float
    segments: int

    @property
    def percent(self) -> float:
        return 100 * self.successes / self.tries if self.tries else 0.0


@dataclass(frozen=True)
class Desk:
    verdict: str
    lines: list[Line]
    holdouts: list[Drawn]
    learned: list[Learned] = field(default_factory=list)


def desk() -> Desk:
    rows = list(Experiment.objects.order_by("-pk")[:_SHOWN])
    looks: dict[int, Look] = {}
    for look in Look.objects.filter(experiment__in=rows).order_by("number"):
        looks[look.experiment_id] = look
    exposed = experiments.exposed_of(rows)
    lines = [_line(row, looks.get(row.pk), exposed[row.pk]) for row in rows]
    holdouts = Holdout.objects.annotate(accounts=Count("members"), held=Count("members", filter=Q(members__held_out=True)))
    running = holdouts.filter(state=HoldoutState.RUNNING).order_by("key")[:_SHOWN]
    return Desk(_verdict(lines), lines, [Drawn(row, row.accounts, row.held) for row in running], _learned())


def _line(experiment: Experiment, look: Look | None, exposed: list[int]) -> Line:
    planned = experiment.planned_size * len(experiment.variants)
    told = look.figures.get(look.strongest, {}) if look else {}
    low, high = told.get("low"), told.get("high")
    reach = 1.15 * max(abs(low), abs(high)) if low is not None and high is not None else 0.0
    verdict = Verdict(look.verdict) if look else Verdict.WAITING
    if not experiments.groups_fit(experiment, exposed):
        verdict = Verdict.MISMATCH
    word, tone = str(verdict.label), _TONES[verdict]
    if experiment.state == ExperimentState.DRAFT:
        word, tone = "not begun", "calm"
    elif experiment.rule == Rule.ANY_TIME and verdict != Verdict.MISMATCH:
        word, tone = "open it: this rule is read as it stands", "calm"
    return Line(
        experiment=experiment,
        tone=_STATES[ExperimentState(experiment.state)],
        verdict=word,
        verdict_tone=tone,
        exposed=sum(exposed),
        percent=min(100, round(100 * sum(exposed) / planned)),
        band=band(experiment, told.get("difference"), low, high, reach),
        strongest=experiment.name_of(look.strongest) if look else "",
    )


def _verdict(lines: list[Line]) -> str:
    running = [line for line in lines if line.experiment.state == ExperimentState.RUNNING]
    if not lines:
        return "Nothing has been tried yet."
    if not running:
        return "Nothing is being tried now."
    told = sum(line.verdict in (Verdict.BETTER.label, Verdict.WORSE.label) for line in running)
    many = f"{len(running)} experiment{'s' if len(running) > 1 else ''} run{'' if len(running) > 1 else 's'}"
    broken = sum(line.verdict == Verdict.MISMATCH.label for line in running)
    wrong = f" {broken} {'have' if broken > 1 else 'has'} groups of the wrong sizes." if broken else ""
    return f"{many}; planned looks decided {told} so far.{wrong}"


def _learned() -> list[Learned]:
    """What channels earned so far over all segments; older outcomes count less."""
    found: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for row in ArmCount.objects.filter(policy="channel")[:2_000]:
        cell = found[row.arm]
        cell[0] += row.successes
        cell[1] += row.successes + row.failures
        cell[2] += 1
    told = [Learned(experiments.arm_word(arm), cell[0], cell[1], int(cell[2])) for arm, cell in found.items()]
    return sorted(told, key=lambda one: -one.percent)


@dataclass(frozen=True)
class Shown:
    """One variant of a read-out with its interval on the axis that all share."""

    variant: experiments.VariantRead
    mean: str
    band: Band | None
    tone: str
    percent: int
    likely: int | None


@dataclass(frozen=True)
class Detail:
    experiment: Experiment
    readout: experiments.Readout
    variants: list[Shown]
    looks: list[tuple[Look, str, str]]
    overrides: list[Any]
    tone: str
    state_tone: str
    edge: str
    percent: int


def detail(experiment: Experiment, *, now: datetime) -> Detail:
    told = experiments.readout(experiment, now=now)
    ends = [abs(end) for one in told.variants for end in (one.low, one.high) if end is not None]
    reach = 1.15 * max(ends, default=0.0)
    share = experiment.metric_kind == MetricKind.SHARE
    variants = [
        Shown(
            one,
            f"{100 * one.mean:.1f} %" if share else f"{one.mean:,.2f}",
            band(experiment, one.difference, one.low, one.high, reach),
            _TONES[one.verdict],
            min(100, round(100 * one.n / experiment.planned_size)),
            None if one.chance_best is None else round(100 * one.chance_best),
        )
        for one in told.variants
    ]
    looks = [(look, _TONES[Verdict(look.verdict)], experiment.name_of(look.strongest)) for look in experiment.looks.order_by("number")]
    overrides = list(experiment.overrides.select_related("account").order_by("-pk")[:20])
    edge = f"{100 * reach:.1f} points" if share else f"{reach:,.2f}"
    return Detail(
        experiment,
        told,
        variants,
        looks,
        overrides,
        _TONES[told.verdict],
        _STATES[ExperimentState(experiment.state)],
        edge,
        min(100, round(100 * told.fraction)),
    )


@dataclass(frozen=True)
class Power:
    """What the calculator was asked and what it answers."""

    rate: str
    effect: str
    accounts: str
    share: str
    words: str
    other: str
    problem: str = ""


def power(asked: Any) -> Power:
    """Rate and effect in percent, the share of the accounts in the second arm in percent; `accounts` asks the other way round."""
    fields = {name: str(asked.get(name, usual))[:12] for name, usual in (("rate", "10"), ("effect", "2"), ("accounts", "1000"), ("share", "50"))}
    try:
        rate, effect, share = (float(fields[name].replace(",", ".")) / 100 for name in ("rate", "effect", "share"))
        accounts = int(fields["accounts"])
        if not 0 < share < 1 or not 2 <= accounts <= 10**9:
            raise ValueError("The share lies between 0 and 100 %, and there are at least two accounts.")
        if abs(effect) < _LEAST_EFFECT:
            raise ValueError("The change is at least a hundredth of a point.")
        second = experiments.size_per_arm(rate, effect, share=share)
    except (ValueError, OverflowError) as error:
        own = str(error) if str(error)[:4] in ("Rate", "The ") else "Use numbers, such as 10 and 2."
        return Power(**fields, words="", other="", problem=own)
    first = round(second * (1 - share) / share)
    moved = f"from {100 * rate:g} to {100 * (rate + effect):g} %"
    words = f"{first + second:,} accounts: {second:,} treated and {first:,} not. Then a change {moved} is found in 4 of 5 cases."
    treated = max(1, round(accounts * share))
    smallest = experiments.smallest_effect(rate, max(1, accounts - treated), treated)
    other = (
        f"{accounts:,} accounts can tell a rise of {100 * smallest:.1f} points or more, from {100 * rate:g} to {100 * (rate + smallest):.1f} %."
        if smallest is not None
        else f"{accounts:,} accounts cannot tell any rise."
    )
    return Power(**fields, words=words, other=other)
