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
