from django.db import models
from django.db.models import Q


class Source(models.Model):
    """A place activity comes from, with its write key. The key itself is shown once and kept only as a SHA-256."""

    name = models.SlugField(max_length=60, unique=True)
    key_start = models.CharField(max_length=20, help_text="The first characters, to tell keys apart.")
    key_hash = models.CharField(max_length=64, unique=True)
    is_open = models.BooleanField(default=True, help_text="Off refuses everything sent with this key.")
    requests_per_minute = models.PositiveIntegerField(default=6_000, help_text="More than this is answered with 429 and sent again later.")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Rejection(models.Model):
    """One message that a source sent and that could not be stored, with the reason; it can be replayed once the reason is mended."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="rejections")
    received_at = models.DateTimeField()
    message_id = models.CharField(max_length=100, blank=True)
    field = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=250)
    raw = models.JSONField(help_text="The message as it came, its time already corrected.")
    waits_for = models.CharField(max_length=120, blank=True, help_text="The person whose account is unknown: replayed as soon as it is known.")
    replayed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # A client that sends a bad message again and again is told each time and listed once.
            models.UniqueConstraint(fields=["source", "message_id"], condition=~Q(message_id=""), name="one_rejection_per_message"),
        ]
        indexes = [
            # Read by the list of what waits for mending.
            models.Index(fields=["source", "-id"], condition=Q(replayed_at__isnull=True), name="rejection_waiting"),
            # Read when a person's account becomes known.
            models.Index(fields=["source", "waits_for"], condition=Q(replayed_at__isnull=True) & ~Q(waits_for=""), name="rejection_for_person"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}: {self.reason}"
