from django.db import models
from django.db.models import Q

from apps.accounts.models import Account, OfAccountQuerySet, User
from apps.events.models import Event

from ..types import TaskState
from .plays import Enrolment


class TaskQuerySet(OfAccountQuerySet):
    def waiting(self) -> "TaskQuerySet":
        return self.filter(state=TaskState.OPEN)


class Task(models.Model):
    """Something a success manager should do for an account (a call to action)."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tasks")
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks")
    enrolment = models.ForeignKey(Enrolment, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks")
    title = models.CharField(max_length=200)
    why = models.TextField(blank=True)
    minutes = models.PositiveSmallIntegerField(default=15)
    state = models.CharField(max_length=10, choices=TaskState, default=TaskState.OPEN)
    dedup_key = models.CharField(max_length=200, help_text="Account, type and reason: the same matter is one open task.")
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=120, blank=True)
    outcome = models.CharField(max_length=250, blank=True)
    cause = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT)

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dedup_key"], condition=Q(state="open"), name="one_open_task_per_matter")]
        indexes = [models.Index(fields=["owner", "due_at"], condition=Q(state="open"), name="task_open_by_owner")]

    def __str__(self) -> str:
        return self.title
