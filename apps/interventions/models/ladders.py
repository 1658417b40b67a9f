from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.events.models import Event

from ..types import LadderState, Level, Silence
from .tasks import Task


def usual_levels() -> list[dict[str, Any]]:
    """Working minutes that the level before has: 4 hours (1 for large accounts) until the backup, 8 until the lead, 24 until the head."""
    return [
        {"level": Level.BACKUP.value, "minutes": 240, "minutes_large": 60},
        {"level": Level.LEAD.value, "minutes": 480, "minutes_large": 480},
        {"level": Level.HEAD.value, "minutes": 1440, "minutes_large": 1440},
    ]


class Ladder(models.Model):
    """Who gets a task when nobody takes it on, and after how long. Rows are never edited: a change is a new number, the newest is in force."""

    number = models.PositiveIntegerField(unique=True)
    levels = models.JSONField(default=usual_levels, help_text="In order; minutes of working time the level before has, and those for large accounts.")
    large_arr = models.DecimalField(
        "large from ARR", max_digits=14, decimal_places=2, default=Decimal(50_000), help_text="In the account's currency."
    )
    repeat = models.PositiveSmallIntegerField(default=1, help_text="How often the ladder begins again when the last level stays silent, 0 to 2.")
    head = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Empty: the first administrator.")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(repeat__lte=2), name="ladder_repeats_at_most_twice")]

    def __str__(self) -> str:
        return f"ladder v{self.number}"

    def clean(self) -> None:
        if problem := problem_with_levels(self.levels):
            raise ValidationError({"levels": problem})


def problem_with_levels(levels: Any) -> str:
    """Why these levels make no ladder, or nothing."""
    if not isinstance(levels, list) or not levels:
        return "A ladder needs a list with at least one level."
    for number, level in enumerate(levels, 1):
        if not isinstance(level, dict) or level.get("level") not in (Level.BACKUP, Level.LEAD, Level.HEAD):
            return f"Level {number}: use one of backup, lead, head."
        for name in ("minutes", "minutes_large"):
            if not isinstance(level.get(name), int) or isinstance(level[name], bool) or not 1 <= level[name] <= 10_080:
                return f"Level {number}: {name} is {level.get(name)!r}; use whole working minutes from 1 to 10080."
    return ""


class EscalationQuerySet(models.QuerySet["Escalation"]):
    def for_user(self, user: Any) -> "EscalationQuerySet":
        if getattr(user, "sees_everything", False) and user.is_active:
            return self
        return self.filter(task__in=Task.objects.for_user(user))


class Escalation(models.Model):
    """One climb of a task up the ladder, with the ladder as it was when it began."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="escalations")
    ladder = models.ForeignKey(Ladder, on_delete=models.PROTECT, related_name="+")
    levels = models.JSONField(help_text="The ladder's levels as they were when it began.")
    repeat = models.PositiveSmallIntegerField()
    large = models.BooleanField(help_text="The account's ARR was at the limit or above.")
    silence = models.CharField(max_length=10, choices=Silence)
    state = models.CharField(max_length=14, choices=LadderState, default=LadderState.RUNNING)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=120, blank=True)
    cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        constraints = [
            # One climb at a time.
            models.UniqueConstraint(fields=["task"], condition=Q(state="running"), name="one_running_escalation"),
            models.CheckConstraint(condition=Q(state="running") | Q(ended_at__isnull=False), name="ended_escalation_has_a_time"),
        ]

    def __str__(self) -> str:
        return f"task {self.task_id}, {self.state}"


class EscalationStepQuerySet(models.QuerySet["EscalationStep"]):
    def for_user(self, user: Any) -> "EscalationStepQuerySet":
        if getattr(user, "sees_everything", False):
            return self
        return self.filter(escalation__task__in=Task.objects.for_user(user))


class EscalationStep(models.Model):
    """One rung: when it is due, whom it reached and why. The step that waits has no `done_at`."""

    escalation = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="steps", db_index=False)
    position = models.PositiveSmallIntegerField(help_text="0 for the first rung; repeats count on.")
    level = models.CharField(max_length=8, choices=Level)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    person = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    what = models.CharField(max_length=250, blank=True)

    objects = EscalationStepQuerySet.as_manager()

    class Meta:
        constraints = [
            # A rung is taken once, whoever tries again.
            models.UniqueConstraint(fields=["escalation", "position"], name="one_row_per_rung"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(done_at__isnull=True), name="escalation_step_due")]

    def __str__(self) -> str:
        return self.what or f"{self.level}, due {self.due_at:%-d %b %H:%M}"
