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
    """An alert was acknowledged, put to sleep, woken, given to somebody, resolved or opened again (`deed`); `state` is what it is now.

    `by_itself`: it settled, or its sleep was over; nobody pressed a button.
    """

    type: ClassVar[str] = "alert.changed"
    state: str
    deed: str = ""
    by_itself: bool = False


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


@dataclass(frozen=True)
class AlertCommented(AlertEvent):
    """Somebody wrote something to an alert."""

    type: ClassVar[str] = "alert.commented"


@dataclass(frozen=True)
class AlertJudged(AlertEvent):
    """Somebody said whether an alert was useful; None: the judgement was taken back."""

    type: ClassVar[str] = "alert.judged"
    useful: bool | None


@dataclass(frozen=True)
class AlertRuleTold(DomainEvent):
    """From here on a rule is told in a digest only (`digest`), or at once again. `by_itself`: too few of its alerts were useful."""

    type: ClassVar[str] = "alert.rule_told"
    rule_id: int
    digest: bool
    by_itself: bool
    right: int | None
    judged: int | None

    @property
    def subject(self) -> str:
        return f"alert-rule:{self.rule_id}"


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
