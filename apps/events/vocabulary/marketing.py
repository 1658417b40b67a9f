"""What is announced of segments, campaigns and surveys."""

from dataclasses import dataclass
from typing import ClassVar

from .base import AccountEvent, DomainEvent


@dataclass(frozen=True)
class SegmentChanged(DomainEvent):
    """A segment was made, written anew, recounted as a whole or archived."""

    type: ClassVar[str] = "segment.changed"
    segment_id: int
    key: str

    @property
    def subject(self) -> str:
        return f"segment:{self.segment_id}"


@dataclass(frozen=True)
class SegmentEntered(AccountEvent):
    """An account came into a segment; `membership_id` is this stay."""

    type: ClassVar[str] = "segment.entered"
    segment_id: int
    segment: str
    membership_id: int


@dataclass(frozen=True)
class SegmentLeft(AccountEvent):
    type: ClassVar[str] = "segment.left"
    segment_id: int
    segment: str
    membership_id: int


@dataclass(frozen=True)
class CampaignChanged(DomainEvent):
    """A campaign was written, launched, paused, braked, resumed, aborted or came to its end, or the shares of its variants moved."""

    type: ClassVar[str] = "campaign.changed"
    campaign_id: int
    key: str
    state: str
    why: str = ""

    @property
    def subject(self) -> str:
        return f"campaign:{self.campaign_id}"


@dataclass(frozen=True)
class CampaignFrozen(DomainEvent):
    """The audience of one occurrence of a campaign stands: how many are written to, left out with a reason, and held out."""

    type: ClassVar[str] = "campaign.frozen"
    campaign_id: int
    occurrence_id: int
    key: str
    planned: int
    excluded: int
    held_out: int

    @property
    def subject(self) -> str:
        return f"campaign:{self.campaign_id}"


@dataclass(frozen=True)
class SurveyAnswered(AccountEvent):
    """Somebody answered a survey of ours; the answer stands with the account."""

    type: ClassVar[str] = "survey.answered"
    response_id: int
    kind: str
    score: int
    campaign: str = ""


@dataclass(frozen=True)
class LoopOverdue(AccountEvent):
    """An answer that needs one of ours has none in time."""

    type: ClassVar[str] = "survey.loop_overdue"
    response_id: int
    kind: str
    score: int
