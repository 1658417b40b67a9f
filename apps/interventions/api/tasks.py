"""Tasks of success managers and their climbs up the ladder."""

from typing import Annotated, Any, Literal

import django_filters
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Account, User
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import OfAccount, Rows, by_email
from apps.core.api.filters import IdFilter, OfAccountFilters, during
from apps.core.api.items import Email, Id, Item, Misfit, Moment
from apps.core.api.views import ReadViews
from apps.core.api.writing import ActViews, CreateViews, button
from apps.interventions import services
from apps.interventions.models import Escalation, Task
from apps.interventions.types import LadderState, Level, Priority, TaskResult, TaskState, TaskType


class TaskRow(OfAccount):
    owner = by_email()
    select = ("account", "owner")

    class Meta:
        model = Task
        fields = [
            "id",
            "account",
            "account_external_id",
            "owner",
            "enrolment",
            "type",
            "reason",
            "name",
            "title",
            "why",
            "evidence",
            "priority",
            "minutes",
            "state",
            "level",
            "due_at",
            "snoozed_until",
            "snooze_reason",
            "acknowledged_at",
            "acknowledged_by",
            "created_at",
            "closed_at",
            "closed_by",
            "result",
            "outcome",
        ]


class TaskFilters(OfAccountFilters):
    state = django_filters.ChoiceFilter(choices=TaskState.choices)
    type = django_filters.ChoiceFilter(choices=TaskType.choices)
    priority = django_filters.ChoiceFilter(choices=Priority.choices)
    level = django_filters.ChoiceFilter(choices=Level.choices)
    reason = django_filters.CharFilter()
    owner = django_filters.CharFilter(field_name="owner__email", lookup_expr="iexact")
    due_from, due_until = during("due_at").values()


class Fact(Item):
    """One fact in words, and what it is about."""

    words: Annotated[str, Meta(min_length=1, max_length=250)]
    about: Annotated[str, Meta(max_length=80)] = ""


class NewTask(Item):
    """Something to do for an account. A matter (account, type, reason, name) that is open already is joined."""

    account_external_id: Id
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    reason: Annotated[str, Meta(pattern="^[a-z0-9_-]{1,60}$")]
    due_at: Moment
    type: Literal["risk", "expansion", "lifecycle", "activity", "objective"] = "risk"
    name: Annotated[str, Meta(max_length=80)] = ""
    why: Annotated[str, Meta(max_length=2000)] = ""
    priority: Literal["low", "normal", "high", "urgent"] = "normal"
    minutes: Annotated[int, Meta(ge=1, le=480)] = 15
    evidence: Annotated[list[Fact], Meta(max_length=12)] = []
    escalate: bool | None = None


class Close(Item):
    """What came of it: a result that is counted, and words."""

    result: Literal["reached", "no_answer", "meeting", "saved", "not_needed", "other"] = "other"
    outcome: Annotated[str, Meta(max_length=250)] = ""


class Snooze(Item):
    days: Annotated[int, Meta(ge=1, le=14)]
    reason: Annotated[str, Meta(min_length=1, max_length=200)]


class Acknowledge(Item):
    """Nothing needs to be said."""


class Assign(Item):
    owner: Email


class TaskViews(CreateViews, ActViews):
    """What success managers should do for accounts."""

    scope = "work"
    queryset = Task.objects.all()
    serializer_class = TaskRow
    filterset_class = TaskFilters
    orderings = ("pk", "due_at")
    item = NewTask

    def make(self, item: NewTask) -> Task:
        account = Account.objects.for_user(self.caller).filter(external_id=item.account_external_id).first()
        if account is None:
            raise Misfit("account_external_id", "There is no such account in your book.")
        return services.open_task(
            account=account,
            title=item.title,
            why=item.why,
            minutes=item.minutes,
            due_at=item.due_at,
            actor=actor_of(self.request),
            now=clock.now(),
            task_type=TaskType(item.type),
            reason=item.reason,
            name=item.name,
            priority=Priority(item.priority),
            evidence=[{"words": fact.words, "about": fact.about} for fact in item.evidence],
            escalate=item.escalate,
        )

    @button(Close)
    def close(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Done, with what came of it."""

        def do(row: Task, said: Close) -> None:
            services.close_task(row, outcome=said.outcome, result=TaskResult(said.result), actor=actor_of(request), now=clock.now())

        return self.act(request, Close, do)

    @button(Snooze)
    def snooze(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Put it off by days, with the reason."""
        return self.act(
            request,
            Snooze,
            lambda row, said: services.snooze_task(row, days=said.days, reason=said.reason, actor=actor_of(request), now=clock.now()),
        )

    @button(Acknowledge)
    def acknowledge(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take it on: the ladder stops."""
        return self.act(request, Acknowledge, lambda row, said: services.acknowledge_task(row, actor=actor_of(request), now=clock.now()))

    @button(Assign)
    def assign(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a colleague its owner."""

        def do(row: Task, said: Assign) -> None:
            to = User.objects.filter(email__iexact=said.owner, is_active=True).first()
            if to is None:
                raise Misfit("owner", "Nobody of the staff has this address.")
            services.assign_task(row, to=to, actor=actor_of(request), now=clock.now())

        return self.act(request, Assign, do)


class EscalationRow(Rows):
    steps = serializers.SerializerMethodField()
    account = serializers.IntegerField(source="task.account_id", read_only=True)
    select = ("task",)
    prefetch = ("steps__person",)

    class Meta:
        model = Escalation
        fields = ["id", "task", "account", "ladder", "levels", "repeat", "large", "silence", "state", "started_at", "ended_at", "ended_by", "steps"]

    def get_steps(self, row: Escalation) -> list[dict[str, Any]]:
        return [
            {
                "position": step.position,
                "level": step.level,
                "due_at": step.due_at,
                "done_at": step.done_at,
                "person": step.person.email if step.person else None,
                "what": step.what,
            }
            for step in sorted(row.steps.all(), key=lambda step: step.position)
        ]


class EscalationFilters(django_filters.FilterSet):
    task = IdFilter(field_name="task_id")
    state = django_filters.ChoiceFilter(choices=LadderState.choices)
    since, until = during("started_at").values()


class EscalationViews(ReadViews):
    """Climbs of tasks up the ladder: who was asked, when and why, and what ended them."""

    scope = "work"
    queryset = Escalation.objects.all()
    serializer_class = EscalationRow
    filterset_class = EscalationFilters
    orderings = ("pk", "-started_at")
