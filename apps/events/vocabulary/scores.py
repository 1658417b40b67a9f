"""What is announced of health and of churn risk."""

from dataclasses import dataclass
from typing import ClassVar

from .base import AccountEvent, DomainEvent


@dataclass(frozen=True)
class HealthModelPublished(DomainEvent):
    """A version of the health model was put to work."""

    type: ClassVar[str] = "health.published"
    model_id: int
    name: str

    @property
    def subject(self) -> str:
        return f"health_model:{self.model_id}"


@dataclass(frozen=True)
class HealthChanged(DomainEvent):
    """The health score of accounts moved: one event per batch of scores and cause."""

    type: ClassVar[str] = "health.changed"
    account_ids: list[int]
    count: int

    @property
    def subject(self) -> str:
        return "health"

    @property
    def concerns(self) -> list[str]:
        return [f"account:{account}" for account in self.account_ids]


@dataclass(frozen=True)
class HealthBandChanged(AccountEvent):
    """The health of an account crossed an edge between poor, fair and good."""

    type: ClassVar[str] = "health.band_changed"
    score_id: int
    from_band: str
    to_band: str
    score: str


@dataclass(frozen=True)
class RiskRaised(AccountEvent):
    """The churn risk of an account rose into a higher band."""

    type: ClassVar[str] = "risk.raised"
    prediction_id: int
    from_band: str
    to_band: str
    probability: float


@dataclass(frozen=True)
class RiskLowered(AccountEvent):
    """The churn risk of an account fell into a lower band."""

    type: ClassVar[str] = "risk.lowered"
    prediction_id: int
    from_band: str
    to_band: str
    probability: float


@dataclass(frozen=True)
class RiskScored(DomainEvent):
    """The churn risk of accounts moved, or the reasons for it: one event per batch and cause. What crossed a band is told on its own too."""

    type: ClassVar[str] = "risk.scored"
    account_ids: list[int]
    count: int

    @property
    def subject(self) -> str:
        return "risk"

    @property
    def concerns(self) -> list[str]:
        return [f"account:{account}" for account in self.account_ids]


@dataclass(frozen=True)
class ModelEvent(DomainEvent):
    """About a version of a churn model (`name`: its kind and number)."""

    type: ClassVar[str] = ""
    version_id: int
    definition_id: int
    name: str

    @property
    def subject(self) -> str:
        return f"model:{self.version_id}"


@dataclass(frozen=True)
class ModelPutToWork(ModelEvent):
    """A version scores from now on, in place of another (`before`, empty where there was none)."""

    type: ClassVar[str] = "model.put_to_work"
    before: str
    reason: str


@dataclass(frozen=True)
class ModelBroken(ModelEvent):
    """A version at work cannot be trusted any more (`problem`); the weighted rule answers in its place."""

    type: ClassVar[str] = "model.broken"
    problem: str


@dataclass(frozen=True)
class ModelJudged(ModelEvent):
    """A look back at the version at work (`kind`: backtest or drift) raised an alarm, or the alarm is over (`alarm`); `found` says it in words."""

    type: ClassVar[str] = "model.judged"
    kind: str
    alarm: bool
    found: str


@dataclass(frozen=True)
class TrainingEnded(DomainEvent):
    """A training run is over: `state` is done, refused, failed or cancelled, `result` says it in words."""

    type: ClassVar[str] = "training.ended"
    run_id: int
    definition_id: int
    state: str
    result: str

    @property
    def subject(self) -> str:
        return f"training:{self.run_id}"
