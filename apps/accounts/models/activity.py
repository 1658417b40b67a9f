from django.db import models
from django.db.models import Q

from apps.core.fields import ExactField

from ..types import Meaning
from .customers import Account, Contact, OfAccountQuerySet
from .imports import ImportRun


class EventName(models.Model):
    """The catalogue of activity event names; a new name appears by itself and waits for a meaning."""

    name = models.CharField(max_length=160, primary_key=True)
    meaning = models.CharField(max_length=12, choices=Meaning, default=Meaning.OTHER)
    first_seen_at = models.DateTimeField(db_default=models.functions.Now())
    last_seen_on = models.DateField(null=True, blank=True)
    events_28 = models.PositiveBigIntegerField("events, 28 days", default=0, db_default=0)
    accounts_28 = models.PositiveIntegerField("accounts, 28 days", default=0, db_default=0)

    class Meta:
        verbose_name = "activity name"

    def __str__(self) -> str:
        return self.name


class ActivityEvent(models.Model):
    """Something a customer did in the product, paid, or asked of support.

    The table is partitioned by month of `at`, with a default partition for months that have none yet (partitions.py). That a message counts once is
    kept beside it, in `accounts_messagekey`: a retry may come with another corrected time, so the key cannot hold the time that a partition needs.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="activity", db_index=False)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="activity", db_index=False)
    source = models.CharField(max_length=60)
    message_id = models.CharField(max_length=100)
    name = models.CharField(max_length=160)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    value = models.FloatField(default=1.0)
    properties = models.JSONField(null=True, blank=True)
    import_run = models.ForeignKey(
        ImportRun, null=True, blank=True, on_delete=models.SET_NULL, related_name="activity", db_index=False, help_text="The file it came with."
    )

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        indexes = [
            # Read by the account's timeline and by single-account features.
            models.Index(fields=["account", "-at"], name="activity_by_account"),
            # Read when people are merged or erased, and when an import is taken back.
            models.Index(fields=["contact"], condition=Q(contact__isnull=False), name="activity_by_contact"),
            models.Index(fields=["import_run"], condition=Q(import_run__isnull=False), name="activity_by_import"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of account {self.account_id}"


class DailyRollup(models.Model):
    """Activity of one account per day (UTC) and event name, kept in the transaction that stores the events."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="rollups", db_index=False)
    day = models.DateField()
    name = models.CharField(max_length=160)
    count = models.PositiveIntegerField()
    value = ExactField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # The upsert that keeps the rollup aims at this key; features read it by account and day.
            models.UniqueConstraint(fields=["account", "day", "name"], name="one_rollup_per_account_day_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of account {self.account_id} on {self.day}"
