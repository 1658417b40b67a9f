"""What is announced of experiments and holdouts."""

from dataclasses import dataclass
from typing import ClassVar

from .base import AccountEvent, DomainEvent


@dataclass(frozen=True)
class ExperimentEvent(DomainEvent):
    type: ClassVar[str] = ""
    experiment_id: int
    key: str

    @property
    def subject(self) -> str:
        return f"experiment:{self.experiment_id}"


@dataclass(frozen=True)
class ExperimentStarted(ExperimentEvent):
    """Accounts are assigned to variants from now on."""

    type: ClassVar[str] = "experiment.started"
    variants: list[str]


@dataclass(frozen=True)
class ExperimentStopped(ExperimentEvent):
    """Nobody is assigned any more."""

    type: ClassVar[str] = "experiment.stopped"
    reason: str


@dataclass(frozen=True)
class ExperimentDecided(ExperimentEvent):
    """A planned look found a difference, or the last one found none (`verdict`); the experiment runs on until somebody stops it."""

    type: ClassVar[str] = "experiment.decided"
    verdict: str
    words: str


@dataclass(frozen=True)
class AssignmentOverridden(AccountEvent):
    """Against the plan of an experiment an account gets another variant; it is counted where it was assigned."""

    type: ClassVar[str] = "assignment.overridden"
    experiment_id: int
    key: str
    variant: str
    reason: str


@dataclass(frozen=True)
class HoldoutDrawn(DomainEvent):
    """Accounts were drawn that get nothing of a kind until the period is over."""

    type: ClassVar[str] = "holdout.drawn"
    holdout_id: int
    key: str
    share_percent: float
    accounts: int
    held_out: int

    @property
    def subject(self) -> str:
        return f"holdout:{self.holdout_id}"


@dataclass(frozen=True)
class HoldoutEnded(DomainEvent):
    """The period of a holdout is over."""

    type: ClassVar[str] = "holdout.ended"
    holdout_id: int
    key: str

    @property
    def subject(self) -> str:
        return f"holdout:{self.holdout_id}"
