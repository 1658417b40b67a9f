from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, OfAccountQuerySet, User
from apps.events.models import Event

from ..types import AlertState, Severity
from .rules import AlertRule, RuleVersion


class Incident(models.Model):
    """What is the matter with one account at one time: its alerts are told together, taken on together and answered together."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="incidents")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True, help_text="When its last alert was resolved.")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            # An account has one open incident, whatever comes to it.
            models.UniqueConstraint(fields=["account"], condition=Q(closed_at__isnull=True), name="one_open_incident"),
        ]

    def __str__(self) -> str:
        return f"incident {self.pk} of account {self.account_id}"


class AlertQuerySet(OfAccountQuerySet):
    def unresolved(self) -> "AlertQuerySet":
        return self.exclude(state=AlertState.RESOLVED)


class Alert(models.Model):
    """Something about an account or the platform that needs a person's eyes; it stays one alert until resolved, however often it is seen again."""

    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.CASCADE, related_name="alerts", db_index=False, help_text="Empty: about the platform itself."
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
    rule = models.ForeignKey(AlertRule, null=True, blank=True, on_delete=models.PROTECT, related_name="alerts", db_index=False)
    version = models.ForeignKey(RuleVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Empty for notices.")
    facts = models.JSONField(default=dict, help_text="The figures that it was raised by: value, limit, usual, score, from when until when.")
    incident = models.ForeignKey(
        Incident, null=True, blank=True, on_delete=models.SET_NULL, related_name="alerts", help_text="Empty: about no account."
    )
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Who took it on or was given it.")
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snooze_reason = models.CharField(max_length=250, blank=True)
    by_itself = models.BooleanField(default=False, help_text="Resolved because the matter settled, not because a person said so.")
    useful = models.BooleanField(null=True, blank=True, help_text="What people said of it; empty: nobody has said.")
    useful_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    useful_at = models.DateTimeField(null=True, blank=True)
    acted_at = models.DateTimeField(null=True, blank=True, help_text="When somebody first started a play or a task from it.")

    objects = AlertQuerySet.as_manager()

    class Meta:
        constraints = [
            # The same matter is one alert until resolved.
            models.UniqueConstraint(fields=["dedup_key"], condition=~Q(state="resolved"), name="one_unresolved_alert"),
            # What sleeps wakes again.
            models.CheckConstraint(condition=~Q(state="snoozed") | Q(snoozed_until__isnull=False), name="snoozed_alert_wakes"),
        ]
        indexes = [
            models.Index(fields=["-opened_at"], condition=~Q(state="resolved"), name="alert_unresolved_newest"),
            models.Index(fields=["account", "-opened_at"], name="alert_by_account"),
            # Read by what is known of a rule: how many of its alerts were useful.
            models.Index(fields=["rule", "-opened_at"], name="alert_by_rule"),
            # Read by what wakes alerts.
            models.Index(fields=["snoozed_until"], condition=Q(state="snoozed"), name="alert_asleep"),
            models.Index(fields=["-resolved_at"], condition=Q(state="resolved"), name="alert_resolved_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_quiet(self) -> bool:
        """Told in a digest only: its rule is noise, or the person has had as many of the rule today as fit a day."""
        return "digest" in self.facts or (self.rule is not None and self.rule.digest)
