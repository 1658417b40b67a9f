from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, OfAccountQuerySet
from apps.events.models import Event

from .types import AlertState, Severity


class AlertQuerySet(OfAccountQuerySet):
    def unresolved(self) -> "AlertQuerySet":
        return self.exclude(state=AlertState.RESOLVED)


class Alert(models.Model):
    """Something about an account or the platform that needs a person's eyes; it stays one alert until resolved, however often it is seen again."""

    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.CASCADE, related_name="alerts", help_text="Empty: about the platform itself."
    )
    kind = models.CharField(max_length=40)
    severity = models.CharField(max_length=10, choices=Severity)
    title = models.CharField(max_length=200)
    why = models.JSONField(default=list, help_text="Reasons in words, strongest first.")
    dedup_key = models.CharField(max_length=160)
    state = models.CharField(max_length=14, choices=AlertState, default=AlertState.OPEN)
    seen = models.PositiveIntegerField(default=1, help_text="How often the same matter came up while unresolved.")
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=120, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=120, blank=True)
    cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT)

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            # The same matter is one alert until resolved.
            models.UniqueConstraint(fields=["dedup_key"], condition=~Q(state="resolved"), name="one_unresolved_alert"),
        ]
        indexes = [
            models.Index(fields=["-opened_at"], condition=~Q(state="resolved"), name="alert_unresolved_newest"),
            models.Index(fields=["account", "-opened_at"], name="alert_by_account"),
        ]

    def __str__(self) -> str:
        return self.title
