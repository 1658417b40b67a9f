from django.db.models import TextChoices

from .prizes import (  # noqa: F401  (words of rewards and recognition: part of this face)
    CENT,
    LEVELS,
    REDEMPTION_WAYS,
    REWARDS_HOLDOUT,
    WAYS,
    BadgeFor,
    Book,
    ClaimState,
    ItemState,
    Level,
    Move,
    RedemptionState,
    RuleOn,
    RuleState,
    Signal,
    Step,
    Unit,
    reaches,
)


class MilestoneState(TextChoices):
    DRAFT = "draft", "draft"
    LIVE = "live", "live"
    RETIRED = "retired", "retired"


class ProgressState(TextChoices):
    """`open`: all it needs is reached, so they may win it; `locked`: not yet; `paused`: time stands still for it."""

    LOCKED = "locked", "locked"
    OPEN = "open", "open"
    PAUSED = "paused", "paused"
    ACHIEVED = "achieved", "reached"
    DROPPED = "dropped", "dropped"


class Via(TextChoices):
    """How a milestone came to count as reached."""

    RULE = "rule", "from what they did"
    MANUAL = "manual", "a person, with proof"
    API = "api", "another system"
    IMPORT = "import", "a file"


class Pace(TextChoices):
    ON_TRACK = "on_track", "on track"
    BEHIND = "behind", "behind"
    STUCK = "stuck", "stuck"


# The variants a milestone may have, from the easiest; "standard" is what the definition says itself.
STANDARD = "standard"
