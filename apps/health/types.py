from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import TextChoices


class Band(TextChoices):
    """How a health is spoken of: 0-50, 51-75, 76-100 of the whole number that is shown; unknown where less than half of the weight is known."""

    POOR = "poor", "poor"
    FAIR = "fair", "fair"
    GOOD = "good", "good"
    UNKNOWN = "unknown", "too little known"


RANK = {Band.POOR: 0, Band.FAIR: 1, Band.GOOD: 2}


class ModelState(TextChoices):
    DRAFT = "draft", "draft"
    PUBLISHED = "published", "published"
    RETIRED = "retired", "retired"


class Whom(TextChoices):
    """The columns of an account that a model or a measure can be narrowed to. Of several models that fit, the first in this order speaks."""

    STAGE = "stage", "stage"
    TIER = "tier", "tier"
    SEGMENT = "segment", "segment"
    PLAN = "plan", "plan"


class WhenMissing(TextChoices):
    """What a measure counts as when nothing is known."""

    REDISTRIBUTE = "redistribute", "leave it out, the others weigh more"
    NEUTRAL = "neutral", "count it as 50"
    ZERO = "zero", "count it as 0"


class By(TextChoices):
    """What the tiers of a measure may depend on, in days."""

    TENURE = "tenure", "days as a customer"
    RENEWAL = "renewal", "days to the renewal"


class Known(TextChoices):
    """Where the points of a measure come from."""

    KNOWN = "known", "measured"
    FILLED = "filled", "not known, counted as the model says"
    MISSING = "missing", "not known, left out"
    APART = "apart", "does not apply to this account"


@dataclass(frozen=True)
class HealthView:
    """An account's health as it is spoken of. Points have two decimals; `momentum` is points per 28 days, `change` against a week ago.

    `parts` hold what the score was made of when it was made: measure, value, tier, points, weight and contribution (points, weights and
    contributions in hundredths).
    """

    account_id: int
    score: Decimal | None
    band: str
    coverage: int
    momentum: Decimal | None
    change: Decimal | None
    pulse: Decimal | None
    pulse_gap: Decimal | None
    parts: tuple[dict[str, Any], ...]
    model_id: int | None
    source: str
    as_of: datetime | None
    stale: bool = False

    @property
    def word(self) -> str:
        return str(Band(self.band).label)

    @property
    def points(self) -> int | None:
        """The whole number that is shown; the band reads the same one."""
        return None if self.score is None else whole(self.score)

    @property
    def disagrees(self) -> bool:
        """The success manager feels something else than the figures say."""
        return self.pulse_gap is not None and abs(self.pulse_gap) >= DISAGREEMENT


# The colour is refused below this share of known weight.
ENOUGH = 50
# How far (points) the pulse may stand from what the figures alone say.
DISAGREEMENT = 25


def whole(score: Decimal) -> int:
    """Half a point counts as one: 50.50 is 51."""
    return (int(score * 100) + 50) // 100


def band_of(score: Decimal | None, coverage: int) -> Band:
    if score is None or coverage < ENOUGH:
        return Band.UNKNOWN
    points = whole(score)
    return Band.POOR if points <= 50 else Band.FAIR if points <= 75 else Band.GOOD
