from django.db import models
from django.db.models import Q

from apps.accounts.models import User

from ..types import How, Severity, Whose
from .rules import AlertRule


class AlertSubscription(models.Model):
    """What somebody wants to hear of: of a severity, or of one rule, which then counts instead. Without a row the usual applies (subscribing.py)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="alert_subscriptions")
    severity = models.CharField(max_length=10, choices=Severity, blank=True, help_text="Empty: of one rule.")
    rule = models.ForeignKey(AlertRule, null=True, blank=True, on_delete=models.CASCADE, related_name="subscriptions")
    whose = models.CharField(max_length=6, choices=Whose, default=Whose.MINE)
    email = models.CharField(max_length=8, choices=How, default=How.OFF)
    push = models.CharField(max_length=8, choices=How, default=How.OFF)
    sms = models.CharField(max_length=8, choices=How, default=How.OFF)
    chat = models.CharField(max_length=8, choices=How, default=How.OFF)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = "subscription"
        constraints = [
            # Of a severity or of a rule, once each.
            models.CheckConstraint(condition=Q(rule__isnull=True) ^ Q(severity=""), name="subscription_of_one_thing"),
            models.UniqueConstraint(fields=["user", "severity"], condition=Q(rule__isnull=True), name="one_subscription_per_severity"),
            models.UniqueConstraint(fields=["user", "rule"], condition=Q(rule__isnull=False), name="one_subscription_per_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.severity or self.rule_id}"
