from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.events.models import Event

from ..types import ClimbState, Severity, StepKind
from .alerts import Alert
from .rules import AlertRule


class EscalationPolicy(models.Model):
    """Who is told of an alert that nobody takes on, in what order and after how long. A climb keeps the steps as they were when it began."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    why = models.CharField(max_length=250, blank=True, help_text="What it is for, in one sentence.")
    steps = models.JSONField(help_text="In order; docs/escalation.md describes them.")
    repeat = models.PositiveSmallIntegerField(default=1, help_text="How often it begins again when the last step stays silent, 0 to 2.")
    least_severity = models.CharField(max_length=10, choices=Severity, default=Severity.WARNING, help_text="Alerts below it are not climbed for.")
    large_arr = models.DecimalField(
        "large from ARR", max_digits=14, decimal_places=2, default=Decimal(50_000), help_text="In the account's currency."
    )
    head = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="Empty: the first administrator.")
    is_default = models.BooleanField("usual one", default=False, help_text="For alerts of rules that name no policy.")
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["-is_default", "name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(repeat__lte=2), name="policy_repeats_at_most_twice"),
            # One answer to which policy an alert takes.
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_usual_policy"),
            models.CheckConstraint(condition=Q(is_default=False) | Q(is_active=True), name="usual_policy_is_active"),
        ]

    def __str__(self) -> str:
        return self.name


class PolicyOfRule(models.Model):
    """By which policy the alerts of a rule climb."""

    rule = models.OneToOneField(AlertRule, on_delete=models.CASCADE, related_name="escalation")
    policy = models.ForeignKey(EscalationPolicy, on_delete=models.CASCADE, related_name="of_rules")

    def __str__(self) -> str:
        return f"{self.rule} by {self.policy}"


class ClimbQuerySet(models.QuerySet["Climb"]):
    def for_user(self, user: Any) -> "ClimbQuerySet":
        if getattr(user, "sees_everything", False) and user.is_active:
            return self
        return self.filter(alert__in=Alert.objects.for_user(user))


class Climb(models.Model):
    """An alert on its way up, with the policy's steps as they were when it began."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="climbs")
    policy = models.ForeignKey(EscalationPolicy, on_delete=models.PROTECT, related_name="climbs")
    steps = models.JSONField(help_text="The policy's steps as they were when it began.")
    repeat = models.PositiveSmallIntegerField()
    large = models.BooleanField(help_text="The account's ARR was at the limit or above.")
    head = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=14, choices=ClimbState, default=ClimbState.RUNNING)
    started_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=120, blank=True)
    cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT)

    objects = ClimbQuerySet.as_manager()

    class Meta:
        constraints = [
            # One climb at a time.
            models.UniqueConstraint(fields=["alert"], condition=Q(state__in=["running", "paused"]), name="one_climb_under_way"),
            # What set one off sets off no second one.
            models.UniqueConstraint(fields=["cause"], condition=Q(cause__isnull=False), name="one_climb_per_cause"),
            models.CheckConstraint(condition=Q(state__in=["running", "paused"]) | Q(ended_at__isnull=False), name="ended_climb_has_a_time"),
            models.CheckConstraint(condition=~Q(state="paused") | Q(paused_at__isnull=False), name="paused_climb_has_a_time"),
        ]
        indexes = [models.Index(fields=["-started_at"], name="climb_newest")]

    def __str__(self) -> str:
        return f"alert {self.alert_id}, {self.get_state_display()}"


class ClimbStepQuerySet(models.QuerySet["ClimbStep"]):
    def for_user(self, user: Any) -> "ClimbStepQuerySet":
        if getattr(user, "sees_everything", False) and user.is_active:
            return self
        return self.filter(climb__alert__in=Alert.objects.for_user(user))


class ClimbStep(models.Model):
    """One step taken or due. The one that waits has no `done_at`."""

    climb = models.ForeignKey(Climb, on_delete=models.CASCADE, related_name="taken", db_index=False)
    position = models.PositiveSmallIntegerField(help_text="0 for the first step; repeats count on.")
    kind = models.CharField(max_length=8, choices=StepKind)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    people: "models.ManyToManyField[User, Any]" = models.ManyToManyField(User, related_name="+", blank=True)
    holder = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="By whose working time the next step waits."
    )
    what = models.CharField(max_length=250, blank=True)

    objects = ClimbStepQuerySet.as_manager()

    class Meta:
        ordering = ["climb", "position"]
        constraints = [
            # A step is taken once, whoever tries again.
            models.UniqueConstraint(fields=["climb", "position"], name="one_row_per_step"),
        ]
        indexes = [
            # Read by what takes steps, and by the auditor.
            models.Index(fields=["due_at"], condition=Q(done_at__isnull=True), name="climb_step_due"),
            models.Index(fields=["done_at"], name="climb_step_done"),
        ]

    def __str__(self) -> str:
        return self.what or f"{self.get_kind_display()}, due {self.due_at:%-d %b %H:%M}"
