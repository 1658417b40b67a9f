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
class AlertRuleChanged(DomainEvent):
    """A rule was made, written anew, described, turned live or off, or removed."""

    type: ClassVar[str] = "alert_rule.changed"
    rule_id: int
    key: str
    change: str

    @property
    def subject(self) -> str:
        return f"alert_rule:{self.rule_id}"
