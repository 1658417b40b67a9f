from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, Contact, OfAccountQuerySet
from apps.churn.models import Prediction
from apps.events.models import Event
from apps.messaging.models import Message

from ..types import Arm, EnrolmentState, ExitReason, PlayState, StepKind, problem_with_steps


class Play(models.Model):
    """A designed reaction: who enters, what happens step by step, what counts as success. A run keeps a frozen copy of its steps."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    why = models.TextField(help_text="What it is for, in one or two sentences.")
    state = models.CharField(max_length=10, choices=PlayState, default=PlayState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    steps = models.JSONField(
        default=list, help_text='A list such as [{"kind": "message", "channel": "email", "template": "save-fading"}, {"kind": "wait", "hours": 48}].'
    )
    holdout_percent = models.PositiveSmallIntegerField(default=10, help_text="Share of accounts that enter without treatment, for comparison.")
    goal_recovery_percent = models.PositiveSmallIntegerField(
        default=80, help_text="Success: weekly activity back at this share of the account's own 8-week pattern."
    )
    goal_window_days = models.PositiveSmallIntegerField(default=30)
    cooldown_days = models.PositiveSmallIntegerField(default=60, help_text="An account enters again only this long after its last run began.")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(holdout_percent__lte=50), name="holdout_at_most_half")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if problem := problem_with_steps(self.steps):
            raise ValidationError({"steps": problem})


class EnrolmentQuerySet(OfAccountQuerySet):
    def due_now(self, now: datetime) -> "EnrolmentQuerySet":
        """Read by the planner: runs whose next step is due."""
        return self.filter(state=EnrolmentState.WAITING, due_at__lte=now).order_by("due_at", "id")

    def running(self) -> "EnrolmentQuerySet":
        return self.filter(state=EnrolmentState.WAITING)


class Enrolment(models.Model):
    """One run of a play for one account."""

    play = models.ForeignKey(Play, on_delete=models.PROTECT, related_name="enrolments")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="enrolments")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL)
    prediction = models.ForeignKey(Prediction, null=True, blank=True, on_delete=models.PROTECT, help_text="The risk that opened the door.")
    arm = models.CharField(max_length=10, choices=Arm)
    play_version = models.PositiveIntegerField()
    steps = models.JSONField(help_text="The play's steps as they were when the run began.")
    position = models.PositiveSmallIntegerField(default=0, help_text="The step that comes next.")
    state = models.CharField(max_length=10, choices=EnrolmentState, default=EnrolmentState.WAITING)
    due_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    window_ends_at = models.DateTimeField()
    baseline = models.FloatField(default=0, help_text="Activity per week over the 8 weeks before entry.")
    goal_met_at = models.DateTimeField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    exit_reason = models.CharField(max_length=10, choices=ExitReason, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [
            # Two triggers at once must not start two runs.
            models.UniqueConstraint(fields=["play", "account"], condition=Q(state="waiting"), name="one_running_enrolment"),
            # An ended run says why.
            models.CheckConstraint(condition=Q(state="waiting") | ~Q(exit_reason=""), name="ended_needs_reason"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="enrolment_due"),
            models.Index(fields=["account", "-id"], name="enrolment_by_account"),
        ]

    def __str__(self) -> str:
        return f"{self.play_id} for account {self.account_id}"


class StepRecord(models.Model):
    """What a run did at a step and why: the answer to "why did, or didn't, they get it"."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="records")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=StepKind)
    at = models.DateTimeField()
    what = models.CharField(max_length=250)
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            # A step is done once, whoever tries again.
            models.UniqueConstraint(fields=["enrolment", "position"], name="one_record_per_step"),
        ]

    def __str__(self) -> str:
        return self.what
