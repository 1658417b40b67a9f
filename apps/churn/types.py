from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import repeat
from typing import Any, NamedTuple, TypeVar

from django.db.models import TextChoices


class Band(TextChoices):
    """How a risk is spoken of. Bounds: see scoring.bands."""

    LOW = "low", "low"
    MEDIUM = "medium", "watch"
    HIGH = "high", "high"


RANK = {Band.LOW: 0, Band.MEDIUM: 1, Band.HIGH: 2}


class DefinitionKind(TextChoices):
    CANCELLED = "cancelled", "cancelled"
    NOT_RENEWED = "not_renewed", "not renewed"
    DOWNGRADED = "downgraded", "downgraded"
    UNPAID = "unpaid", "lost to a failed payment"
    INACTIVE = "inactive", "silent for a number of days"
    SNAPSHOT = "snapshot", "a column says so"


class ModelKind(TextChoices):
    RULE = "rule", "weighted rule"
    LOGISTIC = "logistic", "logistic regression"
    TREES = "trees", "gradient-boosted trees"
    NETWORK = "network", "neural network"
    STACK = "stack", "stack of models"


class RunState(TextChoices):
    """A training run: `refused` found no model worth putting to work and says why, `failed` broke."""

    QUEUED = "queued", "waiting"
    RUNNING = "running", "running"
    DONE = "done", "done"
    REFUSED = "refused", "not put to work"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "stopped"


class CheckKind(TextChoices):
    BACKTEST = "backtest", "predictions against what happened"
    DRIFT = "drift", "present data against the training data"


class CareKind(TextChoices):
    TREATED = "treated", "treated"
    HELD_OUT = "held_out", "held out"


@dataclass(frozen=True)
class Look:
    """What a look back at a model found: figures (JSON), whether they are beyond what chance explains, and both in words."""

    figures: dict[str, Any]
    alarm: bool
    verdict: str


class Reason(NamedTuple):
    """One signed contribution to a score, in words: in log-odds for a model, in points of 100 for the rule; positive raises the risk."""

    feature: str
    words: str
    value: Any
    contribution: float

    def as_json(self) -> dict[str, Any]:
        return {"feature": self.feature, "words": self.words, "value": self.value, "contribution": round(self.contribution, 4)}


class Score(NamedTuple):
    """Probability (0-1), or for the rule a rank in the same range that is not called a probability, with its reasons in the order to read them.

    The true probability lies between `low` and `high` for four accounts in five; none where a rule speaks.
    """

    probability: float
    reasons: list[Reason]
    low: float | None = None
    high: float | None = None


Kind = TypeVar("Kind", bound=tuple[Any, ...])


def each(kind: type[Kind], *columns: Iterable[Any]) -> list[Kind]:
    """A named tuple of this kind for each row of the columns, every field given, without a call of Python for each: half the time of making them."""
    return list(map(tuple.__new__, repeat(kind), zip(*columns, strict=False)))


@dataclass(frozen=True)
class Fact:
    """One raw row. `kind` and `key` say which: event, ticket, survey, invoice, contact, note, message, health,
    change or account."""

    kind: str
    key: int
    at: datetime | date | None
    title: str
    detail: str = ""

    def as_json(self) -> dict[str, Any]:
        at = None if self.at is None else self.at.isoformat()
        return {"kind": self.kind, "id": self.key, "at": at, "title": self.title, "detail": self.detail}
