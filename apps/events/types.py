from django.db.models import TextChoices


class DeliveryState(TextChoices):
    PENDING = "pending", "waiting"
    DONE = "done", "done"
    FAILED = "failed", "given up"


class ProcessKind(TextChoices):
    """A process of ours that shows that it lives."""

    WEB = "web", "web"
    WORKER = "worker", "worker"
    BEAT = "beat", "clock"
