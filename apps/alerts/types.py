from django.db.models import TextChoices


class Severity(TextChoices):
    INFO = "info", "for information"
    WARNING = "warning", "soon"
    URGENT = "urgent", "now"


class AlertState(TextChoices):
    OPEN = "open", "open"
    ACKNOWLEDGED = "acknowledged", "acknowledged"
    RESOLVED = "resolved", "resolved"
