from typing import Any

from django.db import models
from django.db.models import Q

from apps.accounts.models import User

from ..types import ResponseDeed, ResponseMode, RunState
from .alerts import Alert
from .rules import AlertRule


class Response(models.Model):
    """What a rule does by itself when it raises an alert, within its limits."""

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="responses")
    deed = models.CharField(max_length=8, choices=ResponseDeed)
    says = models.JSONField(help_text="What exactly: the play, the task, the name for webhooks, the flag. docs/escalation.md describes it.")
    mode = models.CharField(max_length=5, choices=ResponseMode, default=ResponseMode.DRY)
    per_hour = models.PositiveSmallIntegerField(default=10, help_text="At most so many times within an hour.")
    per_day = models.PositiveSmallIntegerField(default=50, help_text="At most so many times within 24 hours.")
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["rule", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(per_hour__gte=1) & Q(per_day__gte=1), name="response_limits_let_one_through"),
            models.CheckConstraint(condition=Q(per_hour__lte=1000) & Q(per_day__lte=10_000), name="response_limits_limit"),
        ]

    def __str__(self) -> str:
        return f"{self.get_deed_display()} on {self.rule}"


class ResponseRunQuerySet(models.QuerySet["ResponseRun"]):
    def for_user(self, user: Any) -> "ResponseRunQuerySet":
        if getattr(user, "sees_everything", False) and user.is_active:
            return self
        return self.filter(alert__in=Alert.objects.for_user(user))


class ResponseRun(models.Model):
    """What came of a response to one alert: at most one each, also where it was only noted."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="runs", db_index=False)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="responses")
    deed = models.CharField(max_length=8, choices=ResponseDeed)
    says = models.JSONField(help_text="The response as it was then.")
    state = models.CharField(max_length=8, choices=RunState)
    what = models.CharField(max_length=250, help_text="What was, would be or could not be done, in words.")
    made = models.JSONField(default=dict, help_text="What it made or changed, so that it can be taken back.")
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ResponseRunQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            # A rule answers an alert once.
            models.UniqueConstraint(fields=["response", "alert"], name="one_answer_per_alert"),
            models.CheckConstraint(condition=~Q(state__in=["done", "undone"]) | Q(done_at__isnull=False), name="done_answer_has_a_time"),
        ]
        indexes = [
            # How often it was done lately.
            models.Index(fields=["response", "done_at"], condition=Q(done_at__isnull=False), name="answer_done"),
            models.Index(fields=["-at"], condition=Q(state="asked"), name="answer_asked"),
        ]

    def __str__(self) -> str:
        return self.what
