from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from .types import DeliveryState, ProcessKind


class Event(models.Model):
    """Something that happened: history, audit trail and outbox in one. Rows are only ever added."""

    type = models.CharField(max_length=60)
    subject = models.CharField(max_length=80, help_text="What it is about, for example account:12.")
    payload = models.JSONField(default=dict)
    actor = models.CharField(max_length=120, help_text="Who did it: user:3, job:churn.score_stale, contact:12.")
    cause = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="effects", db_index=False)
    at = models.DateTimeField(help_text="When it happened by the business clock.")
    recorded_at = models.DateTimeField(db_default=models.functions.Now(), help_text="When the row was written.")

    class Meta:
        indexes = [
            # Read by the account's timeline, newest first.
            models.Index(fields=["subject", "-id"], name="event_by_subject"),
            # Read by the board's feed.
            models.Index(fields=["type", "-id"], name="event_by_type"),
            # Read by the page of an event: what it caused.
            models.Index(fields=["cause"], condition=Q(cause__isnull=False), name="event_by_cause"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due_at_moment(self, now: Any) -> "DeliveryQuerySet":
        return self.filter(state=DeliveryState.PENDING, due_at__lte=now).order_by("due_at", "id")


class Delivery(models.Model):
    """One handler's turn with one event. Its effects and its `done` commit together, so a repeat is a no-op."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    handler = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            # A handler hears of an event once, however often it is published again by mistake.
            models.UniqueConstraint(fields=["event", "handler"], name="one_delivery_per_handler"),
        ]
        indexes = [
            # Read by events.sweep.
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="delivery_waiting"),
            # Read by the health of the system: what nobody tries again.
            models.Index(fields=["id"], condition=Q(state="failed"), name="delivery_given_up"),
        ]

    def __str__(self) -> str:
        return f"{self.handler} of {self.event_id}"


class JobRun(models.Model):
    """The last run of a periodic job, so that silence is seen."""

    name = models.CharField(max_length=100, unique=True)
    last_started_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    last_result = models.TextField(blank=True)
    seconds = models.FloatField(null=True, blank=True, help_text="How long the last successful run took.")
    runs = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveBigIntegerField(default=0, db_default=0)
    total_seconds = models.FloatField(default=0, db_default=0, help_text="Of all successful runs together.")
    recent = ArrayField(
        models.FloatField(), default=list, db_default=[], blank=True, help_text="Seconds that the last successful runs took, the newest first."
    )

    class Meta:
        verbose_name = "job"

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """The last sign of life of a process of ours, written by itself every two seconds. One row per process, forgotten a day after its last."""

    name = models.CharField(max_length=160, unique=True, help_text="worker@host, or kind@host:pid.")
    kind = models.CharField(max_length=10, choices=ProcessKind)
    host = models.CharField(max_length=100)
    pid = models.PositiveIntegerField()
    queues = ArrayField(models.CharField(max_length=40), default=list, blank=True, help_text="What a worker takes from.")
    started_at = models.DateTimeField()
    at = models.DateTimeField()
    says = models.JSONField(default=dict, help_text="What it is doing, since when; how many pages it serves live.")
    stopped_at = models.DateTimeField(null=True, blank=True, help_text="When it was asked to stop: it is not missed then.")

    def __str__(self) -> str:
        return self.name


class Change(models.Model):
    """One field of one row became something else: who, when, from where, before and after. Rows are only ever added.

    A database trigger fills `salt` and `digest` and refuses every other rewriting. Erasing a person's data empties `before`, `after` and `salt` and
    sets `erased_at`; the digest stays, so the seals over it still hold. An empty `field` says that the row was created.
    """

    subject = models.CharField(max_length=80, help_text="What it is about, for example account:12.")
    field = models.CharField(max_length=180, blank=True, help_text="Traits as traits.NAME; empty: the row was created.")
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    version = models.PositiveIntegerField(null=True, blank=True, help_text="The version that the change made.")
    actor = models.CharField(max_length=120)
    source = models.CharField(max_length=60, help_text="Where the word came from: staff, the name of a source, an import.")
    batch = models.CharField(max_length=80, blank=True, help_text="What it came with and can be taken back with, for example import:7.")
    cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField(help_text="When it was said, by the business clock.")
    recorded_at = models.DateTimeField(db_default=models.functions.Now(), help_text="When the row was written.")
    salt = models.CharField(max_length=40, null=True, blank=True, db_default=None)  # noqa: DJ001 (gone is not empty)
    digest = models.CharField(max_length=64, db_default="")
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # Read by the gate (the last word on a field) and by as-of reading.
            models.Index(fields=["subject", "field", "at", "id"], name="change_by_field"),
            # Read when an import is taken back.
            models.Index(fields=["batch", "id"], condition=~Q(batch=""), name="change_by_batch"),
            # Read by figures as of a moment: what was changed later is undone.
            models.Index(fields=["at"], name="change_by_moment"),
            # Read by events.seal, in the order of the seals.
            models.Index(fields=["recorded_at", "id"], name="change_by_record"),
        ]

    def __str__(self) -> str:
        return f"{self.field or 'creation'} of {self.subject}"


class Seal(models.Model):
    """A link of the chain over the history: SHA-256 of the link before it and of every digest recorded since. Rows are only ever added."""

    until = models.DateTimeField(unique=True, help_text="Every change recorded before this moment, and after the seal before, is under it.")
    changes = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.changes} changes until {self.until:%Y-%m-%d %H:%M:%S}"
