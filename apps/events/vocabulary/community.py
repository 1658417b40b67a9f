"""What is announced of word of mouth: privacy choices, right moments, asks, referrals, challenges."""

from dataclasses import dataclass
from typing import ClassVar

from .base import AccountEvent, DomainEvent


@dataclass(frozen=True)
class SharingChosen(AccountEvent):
    """A person said what of the community they take part in; `surfaces` are those that they allow now."""

    type: ClassVar[str] = "community.sharing_chosen"
    contact_id: int
    surfaces: list[str]


@dataclass(frozen=True)
class NamingAnswered(AccountEvent):
    """A person said whether one thing may name them, or took their yes back."""

    type: ClassVar[str] = "community.naming_answered"
    contact_id: int
    item: str
    allowed: bool


@dataclass(frozen=True)
class MomentFound(AccountEvent):
    """It is a good moment to ask somebody something; `kind` says what (referral, review, reference, case)."""

    type: ClassVar[str] = "community.moment_found"
    moment_id: int
    contact_id: int
    kind: str
    because: str


@dataclass(frozen=True)
class AskChanged(AccountEvent):
    """Somebody was asked for a referral, a review, a reference or a case, or answered."""

    type: ClassVar[str] = "community.ask_changed"
    ask_id: int
    contact_id: int
    kind: str
    state: str


@dataclass(frozen=True)
class ReferralChanged(AccountEvent):
    """A referral moved; the account is the advocate's."""

    type: ClassVar[str] = "referral.changed"
    referral_id: int
    program: str
    state: str
    reason: str = ""
    friend_account_id: int | None = None


@dataclass(frozen=True)
class ReferralRewarded(AccountEvent):
    """One side of a referral got its reward, or lost it (`amount` below nought)."""

    type: ClassVar[str] = "referral.rewarded"
    referral_id: int
    program: str
    side: str
    amount: str
    unit: str


@dataclass(frozen=True)
class ChallengeChanged(DomainEvent):
    """A challenge opened, reached its target or ended."""

    type: ClassVar[str] = "challenge.changed"
    challenge_id: int
    key: str
    state: str

    @property
    def subject(self) -> str:
        return f"challenge:{self.challenge_id}"


@dataclass(frozen=True)
class ChallengeJoined(AccountEvent):
    """An account takes part in a challenge from now on, or no more."""

    type: ClassVar[str] = "challenge.joined"
    challenge_id: int
    key: str
    takes_part: bool
