"""The desk's page: the definition in a sentence, what there is to learn from, the model at work and those that wait."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.accounts.models import User
from apps.churn import selectors as churn
from apps.churn.models import Check, ChurnDefinition, ModelVersion, ShadowScore, TrainingRun
from apps.churn.types import RunState
from apps.core.reading import read

from .. import changed
from . import acts, capacity, card, figures, past

_OPEN = (RunState.QUEUED, RunState.RUNNING)
_PATIENCE = timedelta(minutes=2)
_VERSIONS = 12
_RUNS = 5
_CHECKS = 40


@dataclass(frozen=True)
class Desk:
    definitions: list[ChurnDefinition]
    definition: ChurnDefinition
    counts: churn.Counts
    live: ModelVersion | None
    challenger: ModelVersion | None
    way_back: acts.Act | None
    versions: list["Choice"]
    verdict: str
    stage: str
    card: card.Card | None
    backtests: list[past.BackTest]
    drift: past.Drift | None
    duel: "Duel | None"
    runs: list["Run"]
    capacity: capacity.Capacity

    @property
    def open_run(self) -> TrainingRun | None:
        return is_open(self.runs)


@dataclass(frozen=True)
class Run:
    """An attempt to learn, who asked for it, and what seems to be wrong with it."""

    row: TrainingRun
    asker: str
    worry: str = ""


@dataclass(frozen=True)
class Choice:
    """A version with what may be done to it."""

    version: ModelVersion
    acts: list[acts.Act]


@dataclass(frozen=True)
class Duel:
    """Champion and challenger on the same figures, and how much their present scores differ."""

    rows: list[tuple[str, str, str]]
    shadows: int
    since: datetime | None
    share: float


def is_open(runs: list[Run]) -> TrainingRun | None:
    """The training that is not over yet."""
    return next((run.row for run in runs if run.row.state in _OPEN), None)


def definitions() -> list[ChurnDefinition]:
    """The default one first."""
    return list(ChurnDefinition.objects.order_by("-is_default", "name"))


def desk(
    user: User,
    definition: ChurnDefinition,
    *,
    known: list[ChurnDefinition],
    setting: tuple[int, int],
    share_of: Callable[[str], float],
    now: datetime,
) -> Desk:
    """`share_of` says for a definition by its name which share of the accounts (0 to 1) its challenger scores."""
    versions = list(
        definition.versions.select_related("definition", "before")
        .defer("golden", "before__golden", "before__parameters", "before__metrics")
        .order_by("-number")[:_VERSIONS]
    )
    live = next((version for version in versions if version.is_live), None) or churn.live_model(definition)
    challenger = next((version for version in versions if version.is_challenger), None)
    checks = Check.objects.filter(model__definition=definition).select_related("model").defer("model__parameters", "model__golden", "model__metrics")
    backtests, drift = past.latest(checks.order_by("-as_of", "-id")[:_CHECKS] if live else [], live)
    hours, minutes = setting
    return Desk(
        definitions=known,
        definition=definition,
        counts=churn.counts(definition, now=now),
        live=live,
        challenger=challenger,
        way_back=acts.way_back(definition, live),
        versions=[Choice(version, acts.acts(version, live, challenger)) for version in versions],
        verdict=figures.verdict(live),
        stage=figures.stage(live),
        card=card.card(live) if live else None,
        backtests=backtests,
        drift=drift,
        duel=_duel(live, challenger, share_of(definition.name) if challenger else 0.0),
        runs=runs(definition, now=now),
        capacity=capacity.capacity(churn.reach(user, definition, now=now), live, hours=hours, minutes=minutes),
    )


def runs(definition: ChurnDefinition, *, now: datetime) -> list[Run]:
    rows = list(
        definition.runs.select_related("version")
        .defer("version__parameters", "version__golden", "version__metrics")
        .order_by("-asked_at", "-id")[:_RUNS]
    )
    people = read(changed.named(changed.behind(row.asked_by for row in rows)))
    return [Run(row, changed.who(row.asked_by, people), _worry(row, now)) for row in rows]


def _worry(row: TrainingRun, now: datetime) -> str:
    """What somebody who waits should know."""
    if row.state == RunState.QUEUED and not row.attempts and now - row.asked_at > _PATIENCE:
        return "No worker has taken it yet. Is one running?"
    if row.state == RunState.RUNNING and row.beat_at is not None and now - row.beat_at > _PATIENCE:
        return "Its worker has been silent for minutes. If it died, the training begins again by itself."
    return ""


def _duel(live: ModelVersion | None, challenger: ModelVersion | None, share: float) -> Duel | None:
    if live is None or challenger is None:
        return None
    mine, theirs = ({figure.key: figure for figure in figures.figures(version)} for version in (live, challenger))
    rows = [
        (figure.name, mine[key].shown if key in mine else "–", theirs[key].shown if key in theirs else "–")
        for key, figure in {**mine, **theirs}.items()
    ]
    shadows = ShadowScore.objects.filter(model=challenger)
    first = shadows.order_by("as_of").values_list("as_of", flat=True).first()
    return Duel(rows, shadows.count(), first, share)
