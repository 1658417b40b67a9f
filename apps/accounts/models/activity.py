from django.db import models

from ..types import Meaning
from .customers import Account, Contact, OfAccountQuerySet


class EventName(models.Model):
    """The catalogue of activity event names; a new name appears by itself and waits for a meaning."""

    name = models.CharField(max_length=160, primary_key=True)
    meaning = models.CharField(max_length=12, choices=Meaning, default=Meaning.OTHER)
    first_seen_at = models.DateTimeField(db_default=models.functions.Now())

    class Meta:
        verbose_name = "activity name"

    def __str__(self) -> str:
        return self.name


class ActivityEvent(models.Model):
    """Something a customer did in the product, paid, or asked of support."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="activity")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="activity")
    source = models.CharField(max_length=60)
    message_id = models.CharField(max_length=100)
    name = models.CharField(max_length=160)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    value = models.FloatField(default=1.0)
    properties = models.JSONField(null=True, blank=True)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # A source may send the same message again after a lost reply: it counts once.
            models.UniqueConstraint(fields=["source", "message_id"], name="one_activity_per_message"),
        ]
        indexes = [
            # Read by the account's timeline and by single-account features.
            models.Index(fields=["account", "-at"], name="activity_by_account"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of account {self.account_id}"


class DailyRollup(models.Model):
    """Activity of one account per day (UTC) and event name, kept in the transaction that stores the events."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="rollups")
    day = models.DateField()
    name = models.CharField(max_length=160)
    count = models.PositiveIntegerField()
    value = models.FloatField()

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # The upsert that keeps the rollup aims at this key; features read it by account and day.
            models.UniqueConstraint(fields=["account", "day", "name"], name="one_rollup_per_account_day_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of account {self.account_id} on {self.day}"
