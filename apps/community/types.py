from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices

from .referral_words import (  # noqa: F401  (words of referrals: part of this face)
    HARD,
    OPEN,
    PROGRAM_TURNS,
    REFERRAL_TURNS,
    REFERRALS_HOLDOUT,
    WEIGHTS,
    AdvocateState,
    FraudSign,
    ProgramState,
    ReferralRewardState,
    ReferralState,
    ReferralVia,
    Side,
)


class Surface(TextChoices):
    """What a person may take part in, or not. Nobody takes part before they said so, but for the first: whoever is asked may be asked to refer."""

    REFERRAL = "referral", "be asked to recommend us"
    ADVOCACY = "advocacy", "be asked for a review, a reference or a case"
    PROOF = "proof", "count in statements such as “31 teams your size”"
    BOARDS = "boards", "be on leaderboards and in challenges"
    NAMED = "named", "be named in public, each time after a yes of its own"


# What holds for somebody who said nothing. Counting without names needs no yes (a k-anonymous count tells of nobody), being asked can be declined;
# boards and names are off until chosen.
STANDARD_CHOICES: dict[str, bool] = {
    Surface.REFERRAL: True,
    Surface.ADVOCACY: True,
    Surface.PROOF: True,
    Surface.BOARDS: False,
    Surface.NAMED: False,
}
# Surfaces on which somebody is written to: messages that ask have these topics, so that the governor asks once more before each leaves.
ASKING = (Surface.REFERRAL, Surface.ADVOCACY)


@dataclass(frozen=True)
class Standing:
    """A person's word on one surface as it counts now; `at` is empty where they said nothing and the standard holds."""

    surface: Surface
    allowed: bool
    at: datetime | None = None
    source: str = ""


class AskKind(TextChoices):
    """What somebody is asked for."""

    REFERRAL = "referral", "a recommendation"
    REVIEW = "review", "a review"
    REFERENCE = "reference", "a reference"
    CASE = "case", "a customer story"


SURFACE_OF: dict[str, Surface] = {
    AskKind.REFERRAL: Surface.REFERRAL,
    AskKind.REVIEW: Surface.ADVOCACY,
    AskKind.REFERENCE: Surface.ADVOCACY,
    AskKind.CASE: Surface.ADVOCACY,
}


class Signal(TextChoices):
    """What makes a moment right."""

    MILESTONE = "milestone", "a milestone reached"
    HEALTH = "health", "green and rising health"
    PROMOTER = "promoter", "a promoter's answer"
    RENEWAL = "renewal", "a renewal done"
    PRAISE = "praise", "praise in a reply"


class MomentState(TextChoices):
    OPEN = "open", "open"
    HELD_OUT = "held_out", "held out"
    ASKED = "asked", "asked"
    EXPIRED = "expired", "passed"
    CALLED_OFF = "called_off", "called off"


class AskState(TextChoices):
    PROPOSED = "proposed", "proposed"
    ASKED = "asked", "asked"
    AGREED = "agreed", "agreed"
    DECLINED = "declined", "declined"
    DONE = "done", "done"
    EXPIRED = "expired", "expired"


ASK_MOVES: dict[str, frozenset[str]] = {
    AskState.PROPOSED: frozenset({AskState.ASKED, AskState.DECLINED, AskState.EXPIRED}),
    # Called off before it left: it was never asked.
    AskState.ASKED: frozenset({AskState.AGREED, AskState.DECLINED, AskState.DONE, AskState.EXPIRED}),
    AskState.AGREED: frozenset({AskState.DONE, AskState.DECLINED, AskState.EXPIRED}),
}
OPEN_ASKS = (AskState.PROPOSED, AskState.ASKED, AskState.AGREED)


class ChallengeState(TextChoices):
    DRAFT = "draft", "draft"
    OPEN = "open", "open"
    CLOSED = "closed", "closed"


class CountKind(TextChoices):
    """What a challenge counts."""

    ACTIVITY = "activity", "times something was done"
    MILESTONE = "milestone", "a milestone reached"


class Cohort(TextChoices):
    """In what accounts are alike that are compared; as boards know it."""

    EVERYBODY = "", "everybody"
    PLAN = "plan", "same plan"
    SEGMENT = "segment", "same segment"
    TIER = "tier", "same service tier"


class Deed(TextChoices):
    """What a statement tells of accounts."""

    FIRST_DAYS = "first_days", "did something in their first days"
    LATELY = "lately", "did something lately"
    MILESTONE = "milestone", "reached a milestone"
    SUM = "sum", "how much of something they did lately"


class Verdict(TextChoices):
    PUBLISHED = "published", "published"
    SUPPRESSED = "suppressed", "suppressed"
