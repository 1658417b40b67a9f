from datetime import datetime

from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Account, OfAccountQuerySet, User
from apps.events.models import Event

from ..types import SNOOZE_REASONS, Level, Priority, SourceKind, TaskResult, TaskState, TaskType, matter
from .plays import Enrolment


class TaskQuerySet(OfAccountQuerySet):
    def waiting(self) -> "TaskQuerySet":
        return self.filter(state=TaskState.OPEN)

    def awake(self, now: datetime) -> "TaskQuerySet":
        """Open ones that nobody has put off beyond this moment."""
        return self.waiting().filter(Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now))

    def of(self, user: User) -> "TaskQuerySet":
        """What this person should do: their own, and what a ladder or a colleague handed to them."""
        return self.filter(Q(owner=user) | Q(pk__in=TaskAssignee.objects.filter(user=user).values("task")))


class Task(models.Model):
    """Something a success manager should do for an account (a call to action)."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tasks")
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks")
    enrolment = models.ForeignKey(Enrolment, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks")
    type = models.CharField(max_length=10, choices=TaskType, default=TaskType.RISK)
    reason = models.CharField(max_length=60, blank=True, default="", help_text="The key of the matter: reply, call, renewal.")
    name = models.CharField(max_length=80, blank=True, default="", help_text="Tells two matters of one reason apart: which renewal.")
    title = models.CharField(max_length=200)
    why = models.TextField(blank=True)
    evidence = models.JSONField(
        default=list, blank=True, help_text='Facts in words with what opens them: [{"words": "...", "about": "prediction:7"}].'
    )
    priority = models.CharField(max_length=8, choices=Priority, default=Priority.NORMAL)
    minutes = models.PositiveSmallIntegerField(default=15)
    state = models.CharField(max_length=10, choices=TaskState, default=TaskState.OPEN)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snooze_reason = models.CharField(max_length=200, blank=True, default="")
    dedup_key = models.CharField(max_length=200, help_text="Account, type, reason and name: the same matter is one open task, whoever asks.")
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=120, blank=True, default="")
    level = models.CharField(max_length=8, choices=Level, default=Level.OWNER, help_text="How far up the ladder it went.")
    chance = models.FloatField(
        null=True, blank=True, help_text="Chance (0-1) that the customer leaves, when the task was opened; empty where unknown."
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=120, blank=True)
    result = models.CharField(max_length=10, choices=TaskResult, blank=True, default="")
    outcome = models.CharField(max_length=250, blank=True)
    cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT)

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dedup_key"], condition=Q(state="open"), name="one_open_task_per_matter"),
            # Whoever puts something off says why.
            models.CheckConstraint(condition=Q(snoozed_until__isnull=True) | ~Q(snooze_reason=""), name="snooze_needs_reason"),
            models.CheckConstraint(condition=Q(chance__isnull=True) | Q(chance__range=(0, 1)), name="task_chance_zero_to_one"),
        ]
        indexes = [
            models.Index(fields=["owner", "due_at"], condition=Q(state="open"), name="task_open_by_owner"),
            # Read by the save rates: what became of accounts whose task was done long enough ago.
            models.Index(fields=["closed_at"], condition=Q(state="done", chance__isnull=False), name="task_done_with_chance"),
        ]

    def __str__(self) -> str:
        return self.title

    # Offered where a task is closed or put off.
    results = TaskResult.choices
    snooze_reasons = SNOOZE_REASONS

    @property
    def reason_words(self) -> str:
        return matter(self.reason).words

    def status(self, now: datetime) -> str:
        """open, snoozed, done or dropped."""
        return "snoozed" if self.state == TaskState.OPEN and self.snoozed_until is not None and self.snoozed_until > now else self.state


class TaskSource(models.Model):
    """Who asked for a task and how often: a play's run, an alert, a campaign, a person, a program. The first one opened it."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="sources", db_index=False)
    kind = models.CharField(max_length=10, choices=SourceKind)
    key = models.CharField(max_length=120, blank=True, help_text="Such as enrolment:12 or alert:7.")
    enrolment = models.ForeignKey(Enrolment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    words = models.CharField(max_length=250, blank=True, help_text="Why it asked.")
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text="When it no longer needed the task.")
    cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            # Asking again is counted, not listed again.
            models.UniqueConstraint(fields=["task", "kind", "key"], name="one_row_per_task_source"),
            models.CheckConstraint(condition=Q(last_at__gte=F("first_at")), name="task_source_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class TaskAssignee(models.Model):
    """Somebody who has the task beside its owner: the ladder reached them, or a colleague handed it over."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="assignees", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    level = models.CharField(max_length=8, choices=Level)
    why = models.CharField(max_length=250)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "user"], name="one_row_per_task_assignee")]
        indexes = [
            # Read by the turn of a team: who got something longest ago.
            models.Index(fields=["user", "-at"], name="task_assignee_by_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} has task {self.task_id}"
