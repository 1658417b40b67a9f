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
    month_bounds,
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


class ClaimKind(TextChoices):
    """Who says that a milestone is reached; the criteria's own finding is no claim."""

    MANUAL = "manual", "a person, with proof"
    API = "api", "another system"
    IMPORT = "import", "a file"


class Pace(TextChoices):
    ON_TRACK = "on_track", "on track"
    BEHIND = "behind", "behind"
    STUCK = "stuck", "stuck"


# A draft goes live; what is live is retired, and may come back.
MILESTONE_TURNS: dict[str, tuple[MilestoneState, ...]] = {
    MilestoneState.DRAFT: (MilestoneState.LIVE, MilestoneState.RETIRED),
    MilestoneState.LIVE: (MilestoneState.RETIRED,),
    MilestoneState.RETIRED: (MilestoneState.LIVE,),
}

# The variants a milestone may have, from the easiest; "standard" is what the definition says itself.
STANDARD = "standard"


class FitReason(TextChoices):
    """Why an account has its variant of a milestone."""

    ONLY = "only", "the milestone has no other variant"
    NEAREST = "nearest", "its chance is nearest to the share that should succeed"
    STRUGGLES = "struggles", "the account struggles, so nothing harder than before was allowed"
    OPTED_OUT = "opted_out", "the account is to get every milestone as it is written"
    SWITCHED_OFF = "switched_off", "fitting is switched off"
    BEGUN = "begun", "they had begun already, and what was begun is not changed"


class OrderRule(TextChoices):
    CATALOGUE = "catalogue", "the order of the catalogue"
    LEARNED = "learned", "what it is worth times the chance to reach it"


# The experiment that says whether the learned order is better than the catalogue's.
PATHWAYS = "pathways"
