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
