"""What is announced of milestones, rewards and recognition."""

from dataclasses import dataclass
from typing import ClassVar

from .base import AccountEvent, DomainEvent


@dataclass(frozen=True)
class MilestoneChanged(DomainEvent):
    """A milestone was written anew or moved to another state (`change` says it in words)."""

    type: ClassVar[str] = "milestone.changed"
    milestone_id: int
    key: str
    change: str

    @property
    def subject(self) -> str:
        return f"milestone:{self.milestone_id}"


@dataclass(frozen=True)
class MilestoneAchieved(AccountEvent):
    """An account reached a milestone; `achieved_at` says when, `via` how: rule, manual, api or import."""

    type: ClassVar[str] = "milestone.achieved"
    milestone_id: int
    key: str
    progress_id: int
    variant: str
    achieved_at: str
    via: str


@dataclass(frozen=True)
class MilestoneTakenBack(AccountEvent):
    """What had counted as reached does not hold: late or corrected facts, or a person said so."""

    type: ClassVar[str] = "milestone.taken_back"
    milestone_id: int
    key: str
    progress_id: int
    reason: str


@dataclass(frozen=True)
class ProgressMoved(DomainEvent):
    """Milestones of accounts were opened, locked or taken in as history; what was reached or lost is told on its own."""

    type: ClassVar[str] = "milestone.moved"
    account_ids: list[int]
    count: int

    @property
    def subject(self) -> str:
        return "milestones"

    @property
    def concerns(self) -> list[str]:
        return [f"account:{account}" for account in self.account_ids]


@dataclass(frozen=True)
class MilestonePaceChanged(AccountEvent):
    """The way to a milestone is on_track, behind or stuck now, judged by how long others of its cohort took."""

    type: ClassVar[str] = "milestone.pace_changed"
    milestone_id: int
    key: str
    progress_id: int
    pace: str
    was: str


@dataclass(frozen=True)
class MilestoneOffered(AccountEvent):
    """The next milestone was chosen for an account, in a variant it has this chance (0-1) to reach."""

    type: ClassVar[str] = "milestone.offered"
    milestone_id: int
    key: str
    progress_id: int
    variant: str
    chance: float | None = None


@dataclass(frozen=True)
class RewardGranted(AccountEvent):
    """A reward was entered in the ledger: `unit` is points, credits or a perk's key."""

    type: ClassVar[str] = "reward.granted"
    entry_id: int
    unit: str
    amount: str
    reason: str


@dataclass(frozen=True)
class RewardReversed(AccountEvent):
    """An entry of the ledger was taken back by another."""

    type: ClassVar[str] = "reward.reversed"
    entry_id: int
    reverses_id: int
    reason: str


@dataclass(frozen=True)
class RewardHeld(AccountEvent):
    """A grant waits for a person: above the limit, or it looks like gaming."""

    type: ClassVar[str] = "reward.held"
    claim_id: int
    reason: str


@dataclass(frozen=True)
class TierReached(AccountEvent):
    """An account's tier of recognition changed, up or down."""

    type: ClassVar[str] = "tier.reached"
    tier: str
    was: str


@dataclass(frozen=True)
class BadgeEarned(AccountEvent):
    """An account earned a badge, once and for good."""

    type: ClassVar[str] = "badge.earned"
    badge: str


@dataclass(frozen=True)
class RewardRedeemed(AccountEvent):
    """Something of the catalogue was asked for, approved, handed over or given back (`state`)."""

    type: ClassVar[str] = "reward.redeemed"
    redemption_id: int
    item: str
    state: str


@dataclass(frozen=True)
class RecognitionChanged(AccountEvent):
    """A person chose who may see their name: none, team, company or public."""

    type: ClassVar[str] = "recognition.changed"
    contact_id: int
    level: str
