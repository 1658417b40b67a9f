"""What is announced of coaching."""

from dataclasses import dataclass
from typing import ClassVar

from .base import AccountEvent


@dataclass(frozen=True)
class TipsRecommended(AccountEvent):
    """A slate of tips was made for an account; some slots may be held back at random."""

    type: ClassVar[str] = "coaching.tips_recommended"
    slate_id: int
    shown: int
    held_back: int


@dataclass(frozen=True)
class TipAnswered(AccountEvent):
    """Somebody said accept, not_now, not_useful or done to a tip."""

    type: ClassVar[str] = "coaching.tip_answered"
    recommendation_id: int
    tip: str
    answer: str


@dataclass(frozen=True)
class CoachingChanged(AccountEvent):
    """A session was proposed, accepted, scheduled, begun, missed, called off, or something in it was written down."""

    type: ClassVar[str] = "coaching.changed"
    session_id: int
    state: str


@dataclass(frozen=True)
class CoachingHeld(AccountEvent):
    """A session took place; what was agreed stands with it."""

    type: ClassVar[str] = "coaching.held"
    session_id: int
    strategy: str
    minutes: int


@dataclass(frozen=True)
class CoachingOutcome(AccountEvent):
    """A session's goal was read `days` after it (7 or 30): reached or not."""

    type: ClassVar[str] = "coaching.outcome"
    session_id: int
    days: int
    reached: bool
    strategy: str
