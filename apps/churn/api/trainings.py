"""Trainings: ask for one, look at it while a worker learns, stop it."""

from typing import Annotated, Any

import django_filters
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.churn import selectors, services
from apps.churn.models import TrainingRun
from apps.churn.types import RunState
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import Rows
from apps.core.api.items import Item, Misfit
from apps.core.api.views import SharedViews
from apps.core.api.writing import ActViews, CreateViews, button
from apps.core.errors import Refused


class TrainingAsked(Item):
    """A new training, under the caller's name."""

    definition: Annotated[str, Meta(max_length=60, description="A definition's name; without it the default one.")] = ""


class Nothing(Item):
    """The button says it all."""


class TrainingRow(Rows):
    definition = serializers.SlugRelatedField[Any](slug_field="name", read_only=True)
    select = ("definition",)

    class Meta:
        model = TrainingRun
        fields = [
            "id",
            "definition",
            "state",
            "asked_by",
            "why",
            "as_of",
            "step",
            "done",
            "attempts",
            "cancel_asked",
            "asked_at",
            "ended_at",
            "version",
            "result",
        ]


class TrainingFilters(django_filters.FilterSet):
    definition = django_filters.CharFilter(field_name="definition__name")
    state = django_filters.ChoiceFilter(choices=RunState.choices)


class TrainingViews(CreateViews, ActViews, SharedViews):
    """Attempts to learn a model, one at a time for each definition: `step` is done now, `done` is the share (0 to 1), `result` what came of it."""

    scope = "churn"
    queryset = TrainingRun.objects.all()
    serializer_class = TrainingRow
    filterset_class = TrainingFilters
    orderings = ("pk", "-asked_at")
    item = TrainingAsked

    def make(self, item: TrainingAsked) -> TrainingRun:
        found = selectors.definition_named(item.definition) if item.definition else selectors.default_definition()
        if found is None:
            raise Misfit("definition", "There is no such definition.")
        now = clock.now()
        run = services.ask_for_training(found, actor=actor_of(self.request), now=now)
        if run.asked_at != now:
            raise Refused("training_open", f"{found} is learning already: training {run.pk}. Wait for it, or stop it.")
        return run

    @button(Nothing)
    def stop(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """End the training before its next stage; no version is made."""
        return self.act(request, Nothing, lambda row, _: services.runs.stop(row, actor=actor_of(request), now=clock.now()))


ROUTES = {"churn/trainings": TrainingViews}
