from django.db.models import TextChoices


class SegmentState(TextChoices):
    DRAFT = "draft", "draft"
    LIVE = "live", "live"
    ARCHIVED = "archived", "archived"


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
