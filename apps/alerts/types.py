from django.db.models import TextChoices


class Severity(TextChoices):
    INFO = "info", "for information"
    WARNING = "warning", "soon"
    URGENT = "urgent", "now"


class AlertState(TextChoices):
    """`open` is the firing alert that nobody has taken on."""

    OPEN = "open", "open"
    ACKNOWLEDGED = "acknowledged", "acknowledged"
    SNOOZED = "snoozed", "snoozed"
    RESOLVED = "resolved", "resolved"


class RuleKind(TextChoices):
    """How a rule looks. A `notice` is raised by the product itself when the matter happens; all others are looked after by the watch."""

    NOTICE = "notice", "when it happens"
    THRESHOLD = "threshold", "a figure passes a limit"
    BASELINE = "baseline", "a figure leaves its own pattern"
    ABSENCE = "absence", "nothing happened for a while"
    BAND = "band", "a band changed"
    FORECAST = "forecast", "a figure will pass a limit"
    PROBABILITY = "probability", "the model expects it"


class RuleState(TextChoices):
    DRAFT = "draft", "draft"
    LIVE = "live", "live"
    OFF = "off", "off"


class TrialState(TextChoices):
    ASKED = "asked", "waits for its turn"
    RUNNING = "running", "running"
    DONE = "done", "done"
    STOPPED = "stopped", "stopped"
    FAILED = "failed", "failed"


class Deed(TextChoices):
    """What happened to an alert."""

    ACKNOWLEDGED = "acknowledged", "taken on"
    ASSIGNED = "assigned", "given to"
    SNOOZED = "snoozed", "put to sleep"
    WOKE = "woke", "woke up"
    RESOLVED = "resolved", "resolved"
    SETTLED = "settled", "settled by itself"
    REOPENED = "reopened", "opened again"
    COMMENTED = "commented", "comment"
    USEFUL = "useful", "said to be useful"
    NOT_USEFUL = "not_useful", "said not to be useful"
    UNJUDGED = "unjudged", "judgement taken back"
    PLAY = "play", "play started"
    TASK = "task", "task opened"
    TOLD = "told", "somebody was told"


class Whose(TextChoices):
    """For whose accounts somebody wants to hear of alerts; never beyond what they may see."""

    MINE = "mine", "my accounts"
    TEAM = "team", "my team's"
    ALL = "all", "all I may see"


class Channel(TextChoices):
    """Where a member of staff is told. In the product everybody is, always."""

    IN_APP = "in_app", "in the product"
    EMAIL = "email", "email"
    PUSH = "push", "push"
    SMS = "sms", "SMS"
    CHAT = "chat", "chat"


class How(TextChoices):
    OFF = "off", "not"
    DIGEST = "digest", "in a digest"
    AT_ONCE = "at_once", "at once"
