"""What is announced of alerts."""

from dataclasses import dataclass
from typing import ClassVar

from .base import DomainEvent


@dataclass(frozen=True)
class AlertEvent(DomainEvent):
    """About an alert; of no account where the platform itself needs eyes."""

    type: ClassVar[str] = ""
    account_id: int | None
    alert_id: int

    @property
    def subject(self) -> str:
        return f"alert:{self.alert_id}" if self.account_id is None else f"account:{self.account_id}"


@dataclass(frozen=True)
class AlertOpened(AlertEvent):
    """Something needs a person's eyes."""

    type: ClassVar[str] = "alert.opened"
    severity: str


@dataclass(frozen=True)
class AlertChanged(AlertEvent):
    """An alert was acknowledged or resolved (`state`)."""

    type: ClassVar[str] = "alert.changed"
    state: str


@dataclass(frozen=True)
class AlertTold(AlertEvent):
    """People of ours (`user_ids`) and channels outside were told of an alert; `words` says whom and why."""

    type: ClassVar[str] = "alert.told"
    user_ids: list[int]
    words: str


@dataclass(frozen=True)
class AlertAnswered(AlertEvent):
    """A rule answered its alert by itself, would have, or asks a person (`state`); `name` is the play, task or flag, or what webhooks wait for."""

    type: ClassVar[str] = "alert.answered"
    run_id: int
    deed: str
    name: str
    state: str
    words: str


@dataclass(frozen=True)
class AlertCalled(AlertEvent):
    """A rule tells webhooks of its alert, under the `name` that staff gave it."""

    type: ClassVar[str] = "alert.called"
    run_id: int
    name: str
    title: str
    severity: str
    why: list[str]
