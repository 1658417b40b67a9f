from django.db import models
from django.db.models import Q

from apps.accounts.models import User

from ..types import RuleKind, RuleState, Severity


class AlertRule(models.Model):
    """What is worth a person's eyes. Every alert has one, also the matters that the product raises by itself (`notice`)."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    why = models.CharField(max_length=250, blank=True, help_text="What it is for, in one sentence.")
    kind = models.CharField(max_length=12, choices=RuleKind)
    state = models.CharField(max_length=8, choices=RuleState, default=RuleState.DRAFT)
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.WARNING)
    current = models.ForeignKey("RuleVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="The version in force.")
    digest = models.BooleanField(default=False, help_text="Told in a digest only: a person chose it, or too few of its alerts were useful.")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            # What is watched says how.
            models.CheckConstraint(condition=~Q(state="live") | Q(kind="notice") | Q(current__isnull=False), name="live_rule_says_something"),
        ]

    def __str__(self) -> str:
        return self.name


class RuleVersion(models.Model):
    """A rule as it was once put in force. Rows are never edited: an alert keeps the version that it was raised by."""

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    says = models.JSONField(help_text="The definition: docs/alert-rules.md describes it.")
    note = models.CharField(max_length=250, blank=True, help_text="What changed, and why.")
    written_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Empty: shipped, or tuned by itself."
    )
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["rule", "number"], name="one_rule_version_per_number")]

    def __str__(self) -> str:
        return f"{self.rule_id} v{self.number}"
