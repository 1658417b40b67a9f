from django.db.models import TextChoices

from apps.accounts.types import SurveyKind


class SegmentState(TextChoices):
    DRAFT = "draft", "draft"
    LIVE = "live", "live"
    ARCHIVED = "archived", "archived"


class ListedFrom(TextChoices):
    HAND = "hand", "by hand"
    IMPORT = "import", "from a file"


class CampaignKind(TextChoices):
    MESSAGE = "message", "message"
    SEQUENCE = "sequence", "sequence of steps"
    SURVEY = "survey", "survey"


class CampaignState(TextChoices):
    DRAFT = "draft", "draft"
    LIVE = "live", "live"
    PAUSED = "paused", "paused"
    DONE = "done", "done"
    ABORTED = "aborted", "aborted"
    ARCHIVED = "archived", "archived"


CAMPAIGN_TURNS: dict[str, tuple[str, ...]] = {
    CampaignState.DRAFT: (CampaignState.LIVE, CampaignState.ARCHIVED),
    CampaignState.LIVE: (CampaignState.PAUSED, CampaignState.DONE, CampaignState.ABORTED),
    CampaignState.PAUSED: (CampaignState.LIVE, CampaignState.ABORTED),
    CampaignState.DONE: (CampaignState.ARCHIVED,),
    CampaignState.ABORTED: (CampaignState.ARCHIVED,),
    CampaignState.ARCHIVED: (),
}


class OccurrenceState(TextChoices):
    """`freezing`: the audience is being written down; `sending`: its rows are worked off."""

    PLANNED = "planned", "planned"
    FREEZING = "freezing", "being frozen"
    SENDING = "sending", "sending"
    DONE = "done", "done"
    ABORTED = "aborted", "aborted"


class RecipientState(TextChoices):
    """`excluded`: left out when the audience was frozen; `held_out`: the control group, who get nothing; `handed`: a message is written, or a run of
    the play begun, what becomes of it stands there; `skipped`: no longer fitting when it was their turn; `cancelled`: the campaign was aborted."""

    PLANNED = "planned", "planned"
    EXCLUDED = "excluded", "left out"
    HELD_OUT = "held_out", "held out"
    HANDED = "handed", "handed over"
    SKIPPED = "skipped", "no longer fitting"
    CANCELLED = "cancelled", "cancelled"


class Left(TextChoices):
    """Why somebody is left out or skipped; one reason each, the first that holds in this order."""

    GONE = "gone", "the customer has left"
    NOBODY = "nobody", "nobody there to write to"
    NO_ADDRESS = "no_address", "no address on these channels"
    SUPPRESSED = "suppressed", "their address is barred"
    NO_CONSENT = "no_consent", "they said no to the topic, or have not said yes"
    SAVING = "saving", "a save play runs"
    TICKET = "ticket", "an urgent ticket is open"
    AGAIN = "again", "had it too short a time ago"
    SURVEYED = "surveyed", "was asked in a survey too short a time ago"
    NOT_IN_SEGMENT = "not_in_segment", "no longer in the segment"
    BUDGET = "budget", "the budget is spent"
    LATE = "late", "its hour had passed"
    CHANGED = "changed", "another rule of the campaign"


class CampaignVerdict(TextChoices):
    """What the comparison with those held out says. `mismatch`: the sides have other sizes than they were drawn for, so nothing is said."""

    WAITING = "waiting", "cannot tell yet"
    BETTER = "better", "it helped"
    WORSE = "worse", "it did harm"
    NO_DIFFERENCE = "no_difference", "no difference was found"
    NOBODY = "nobody", "nobody was held out"
    MISMATCH = "mismatch", "something is broken"


class ReadingRule(TextChoices):
    """How sure is meant: read once when every window is over, or at every look while it runs."""

    AT_THE_END = "at_the_end", "read once, at the end"
    ANY_TIME = "any_time", "holds at every look"


class AttributionModel(TextChoices):
    FIRST = "first", "first touch"
    LAST = "last", "last touch"
    LINEAR = "linear", "linear"
    POSITION = "position", "position-based"
    DECAY = "decay", "time decay"


class AttributedOutcome(TextChoices):
    """What may be attributed to touches; milestones have no revenue of their own."""

    MILESTONE = "milestone", "milestones reached"
    RENEWAL = "renewal", "renewals"
    EXPANSION = "expansion", "expansions"
    CONVERSION = "conversion", "conversions to paying customers"


class InvitationState(TextChoices):
    """`withdrawn`: the message never left, so that it counts for nothing."""

    ASKED = "asked", "asked"
    ANSWERED = "answered", "answered"
    EXPIRED = "expired", "not answered in time"
    WITHDRAWN = "withdrawn", "never sent"


class TouchKind(TextChoices):
    """What an outside tool tells of, in the order of a message's life."""

    SENT = "sent", "sent"
    DELIVERED = "delivered", "delivered"
    OPENED = "opened", "opened"
    CLICKED = "clicked", "clicked"
    CONVERTED = "converted", "converted"
    UNSUBSCRIBED = "unsubscribed", "unsubscribed"


# The lowest and the highest score.
SCALES = {SurveyKind.NPS: (0, 10), SurveyKind.CSAT: (1, 5), SurveyKind.CES: (1, 7)}
