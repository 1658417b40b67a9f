"""The desk's page: the definition in a sentence, what there is to learn from, the model at work and those that wait."""

from dataclasses import dataclass
from datetime import datetime

from apps.accounts.models import User
from apps.churn import selectors as churn
from apps.churn.models import Check, ChurnDefinition, ModelVersion, ShadowScore, TrainingRun
from apps.churn.types import CheckKind, RunState
from apps.core.reading import read

from .. import changed
from . import capacity, card, figures

_OPEN = (RunState.QUEUED, RunState.RUNNING)
_VERSIONS = 12
_RUNS = 5


@dataclass(frozen=True)
class Desk:
    definitions: list[ChurnDefinition]
    definition: ChurnDefinition
    counts: churn.Counts
    live: ModelVersion | None
    challenger: ModelVersion | None
    before: ModelVersion | None
    versions: list["Choice"]
    verdict: str
    stage: str
    card: card.Card | None
    backtests: list[Check]
    drift: Check | None
    duel: "Duel | None"
    runs: list["Run"]
    capacity: capacity.Capacity

    @property
    def open_run(self) -> TrainingRun | None:
        return next((run.row for run in self.runs if run.row.state in _OPEN), None)


@dataclass(frozen=True)
class Run:
    """An attempt to learn, and who asked for it."""

    row: TrainingRun
    asker: str


@dataclass(frozen=True)
class Choice:
    """A version with the question that promoting it asks."""

    version: ModelVersion
    ask: str


@dataclass(frozen=True)
class Duel:
    """Champion and challenger on the same figures, and how much their present scores differ."""

    rows: list[tuple[str, str, str]]
    shadows: int
    since: datetime | None


def definitions() -> list[ChurnDefinition]:
    """The default one first."""
    return list(ChurnDefinition.objects.order_by("-is_default", "name"))


def desk(user: User, definition: ChurnDefinition, *, known: list[ChurnDefinition], setting: tuple[int, int], now: datetime) -> Desk:
    versions = list(definition.versions.select_related("definition").defer("golden").order_by("-number")[:_VERSIONS])
    live = next((version for version in versions if version.is_live), None) or churn.live_model(definition)
    challenger = next((version for version in versions if version.is_challenger), None)
    checks = list(Check.objects.filter(model=live).order_by("-as_of")[:12]) if live else []
    hours, minutes = setting
    return Desk(
        definitions=known,
        definition=definition,
        counts=churn.counts(definition, now=now),
        live=live,
        challenger=challenger,
        before=next((version for version in versions if live and version.number < live.number), None),
        versions=[Choice(version, figures.ask(version, live)) for version in versions],
        verdict=figures.verdict(live),
        stage=figures.stage(live),
        card=card.card(live) if live else None,
        backtests=[check for check in checks if check.kind == CheckKind.BACKTEST],
        drift=next((check for check in checks if check.kind == CheckKind.DRIFT), None),
        duel=_duel(live, challenger),
        runs=runs(definition),
        capacity=capacity.capacity(churn.reach(user, definition, now=now), live, hours=hours, minutes=minutes),
    )


def runs(definition: ChurnDefinition) -> list[Run]:
    rows = list(definition.runs.select_related("version").order_by("-asked_at", "-id")[:_RUNS])
    people = read(changed.named(changed.behind(row.asked_by for row in rows)))
    return [Run(row, changed.who(row.asked_by, people)) for row in rows]


def _duel(live: ModelVersion | None, challenger: ModelVersion | None) -> Duel | None:
    if live is None or challenger is None:
        return None
    mine, theirs = ({figure.key: figure for figure in figures.figures(version)} for version in (live, challenger))
    rows = [
        (figure.name, mine[key].shown if key in mine else "–", theirs[key].shown if key in theirs else "–")
        for key, figure in {**mine, **theirs}.items()
    ]
    shadows = ShadowScore.objects.filter(model=challenger)
    first = shadows.order_by("as_of").values_list("as_of", flat=True).first()
    return Duel(rows, shadows.count(), first)
