"""What is announced of plays and of tasks for people."""

from dataclasses import dataclass
from typing import ClassVar

from .base import AccountEvent, DomainEvent


@dataclass(frozen=True)
class PlayChanged(DomainEvent):
    """A play was written anew or moved to another state (`change` says it in words)."""

    type: ClassVar[str] = "play.changed"
    play_id: int
    key: str
    change: str
    state: str

    @property
    def subject(self) -> str:
        return f"play:{self.play_id}"


@dataclass(frozen=True)
class PlayEntered(AccountEvent):
    """An account entered a play, or was held out of it for comparison (`arm`)."""

    type: ClassVar[str] = "play.entered"
    enrolment_id: int
    play_key: str
    arm: str


@dataclass(frozen=True)
class PlayEnded(AccountEvent):
    """A run of a play ended; `reason` says why, `outcome` what the customer did."""

    type: ClassVar[str] = "play.ended"
    enrolment_id: int
    play_key: str
    reason: str
    outcome: str


@dataclass(frozen=True)
class PlayCalled(AccountEvent):
    """A run of a play came to a step that tells webhooks; `name` says which call it is."""

    type: ClassVar[str] = "play.called"
    enrolment_id: int
    play_key: str
    name: str


@dataclass(frozen=True)
class PlayStuck(DomainEvent):
    """Runs of a play should have moved and did not, or that is over (`stuck` runs are left); `words` say what is the matter."""

    type: ClassVar[str] = "play.stuck"
    play_id: int
    key: str
    stuck: int
    words: str

    @property
    def subject(self) -> str:
        return f"play:{self.play_id}"


@dataclass(frozen=True)
class TaskOpened(AccountEvent):
    """A success manager has something to do for an account."""

    type: ClassVar[str] = "task.opened"
    task_id: int
    title: str


@dataclass(frozen=True)
class TaskClosed(AccountEvent):
    """A task was done or dropped."""

    type: ClassVar[str] = "task.closed"
    task_id: int
    outcome: str
    result: str = ""


@dataclass(frozen=True)
class TaskSnoozed(AccountEvent):
    """A task was put off until a moment, for a reason."""

    type: ClassVar[str] = "task.snoozed"
    task_id: int
    until: str
    reason: str


@dataclass(frozen=True)
class TaskAcknowledged(AccountEvent):
    """Somebody took a task on; the ladder stopped."""

    type: ClassVar[str] = "task.acknowledged"
    task_id: int
    by: str


@dataclass(frozen=True)
class TaskAssigned(AccountEvent):
    """A task has another owner."""

    type: ClassVar[str] = "task.assigned"
    task_id: int
    user_id: int


@dataclass(frozen=True)
class TaskEscalated(AccountEvent):
    """Nobody took a task on in time, or the customer did not answer (`why`): it went to `user_id` on this level of the ladder."""

    type: ClassVar[str] = "task.escalated"
    task_id: int
    escalation_id: int
    level: str
    user_id: int
    why: str
