"""Tasks of success managers, plays and their runs."""

from typing import Annotated, Any

import django_filters
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import OfAccount, Rows, by_email
from apps.core.api.filters import IdFilter, OfAccountFilters, during
from apps.core.api.items import Item
from apps.core.api.views import ReadViews, SharedViews
from apps.core.api.writing import ActViews, button
from apps.interventions import services
from apps.interventions.models import Enrolment, Play, Task
from apps.interventions.types import Arm, EnrolmentState, PlayState, TaskState


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
            "title",
            "why",
            "minutes",
            "state",
            "due_at",
            "created_at",
            "closed_at",
            "closed_by",
            "outcome",
        ]


class TaskFilters(OfAccountFilters):
    state = django_filters.ChoiceFilter(choices=TaskState.choices)
    owner = django_filters.CharFilter(field_name="owner__email", lookup_expr="iexact")
    due_from, due_until = during("due_at").values()


class Close(Item):
    """What came of it."""

    outcome: Annotated[str, Meta(max_length=250)] = ""


class Snooze(Item):
    days: Annotated[int, Meta(ge=1, le=14)]


class TaskViews(ActViews):
    """What success managers should do for accounts."""

    scope = "work"
    queryset = Task.objects.all()
    serializer_class = TaskRow
    filterset_class = TaskFilters
    orderings = ("pk", "due_at")

    @button(Close)
    def close(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Done, with what came of it."""
        return self.act(request, Close, lambda row, said: services.close_task(row, outcome=said.outcome, actor=actor_of(request), now=clock.now()))

    @button(Snooze)
    def snooze(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Put it off by days."""
        return self.act(request, Snooze, lambda row, said: services.snooze_task(row, days=said.days, actor=actor_of(request), now=clock.now()))


class PlayRow(Rows):
    version = serializers.IntegerField(source="current.number", read_only=True)
    definition = serializers.JSONField(source="current.definition", read_only=True)
    select = ("current",)

    class Meta:
        model = Play
        fields = [
            "id",
            "key",
            "name",
            "why",
            "state",
            "version",
            "definition",
        ]


class PlayFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    state = django_filters.ChoiceFilter(choices=PlayState.choices)


class PlayViews(SharedViews):
    """Designed reactions: who enters, what happens, what counts as success."""

    scope = "work"
    queryset = Play.objects.all()
    serializer_class = PlayRow
    filterset_class = PlayFilters


class EnrolmentRow(OfAccount):
    version = serializers.IntegerField(source="version.number", read_only=True)
    select = ("account", "version")

    class Meta:
        model = Enrolment
        fields = [
            "id",
            "play",
            "account",
            "account_external_id",
            "contact",
            "arm",
            "version",
            "position",
            "state",
            "due_at",
            "entered_at",
            "window_ends_at",
            "goal_met_at",
            "replied_at",
            "exit_reason",
            "ended_at",
        ]


class EnrolmentFilters(OfAccountFilters):
    play = IdFilter(field_name="play_id")
    arm = django_filters.ChoiceFilter(choices=Arm.choices)
    state = django_filters.ChoiceFilter(choices=EnrolmentState.choices)
    since, until = during("entered_at").values()


class EnrolmentViews(ReadViews):
    """Runs of plays."""

    scope = "work"
    queryset = Enrolment.objects.all()
    serializer_class = EnrolmentRow
    filterset_class = EnrolmentFilters
    orderings = ("pk", "-entered_at")


ROUTES = {"tasks": TaskViews, "plays": PlayViews, "play-runs": EnrolmentViews}
