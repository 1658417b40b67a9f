from django.db.models import TextChoices


class DeliveryState(TextChoices):
    PENDING = "pending", "waiting"
    DONE = "done", "done"
    FAILED = "failed", "given up"
