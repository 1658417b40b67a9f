"""Versions of models, what may be done with them, and how they held against what happened."""

from typing import Annotated, Any

import django_filters
from django.db.models import QuerySet
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.churn import services
from apps.churn.models import Check, ModelVersion
from apps.churn.types import CheckKind, ModelKind
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.filters import IdFilter, TrueFalseFilter
from apps.core.api.items import Item
from apps.core.api.problem import Problem
from apps.core.api.views import SharedViews
from apps.core.api.writing import ActViews, button

from . import rows

_MOST_WEIGHTS = 50


class Nothing(Item):
    """The button says it all."""


class Weights(Item):
    """A weight for every term of the rule, by its key; they sum to 1."""

    weights: Annotated[dict[Annotated[str, Meta(max_length=60)], float], Meta(max_length=_MOST_WEIGHTS)]


class ModelFilters(django_filters.FilterSet):
    definition = django_filters.CharFilter(field_name="definition__name")
    kind = django_filters.ChoiceFilter(choices=ModelKind.choices)
    live = TrueFalseFilter(field_name="is_live", label="At work.")
    challenger = TrueFalseFilter(field_name="is_challenger", label="Scores beside the one at work.")


class ModelViews(ActViews, SharedViews):
    """Versions of models with what was measured on later dates than they learned from, and why they were or were not put to work.

    A version never changes; promote, challenge, withdraw and rollback say which one scores, as the buttons of the churn desk do.
    """

    scope = "churn"
    queryset = ModelVersion.objects.defer("parameters", "golden")
    serializer_class = rows.ModelRow
    filterset_class = ModelFilters

    @button(Nothing)
    def promote(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Put it to work: every account is scored anew by it."""
        return self.act(request, Nothing, lambda row, _: services.put_to_work(self._for_work(row), actor=actor_of(request), now=clock.now()))

    @button(Nothing)
    def challenge(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let it score beside the one at work, unseen."""
        return self.act(request, Nothing, lambda row, _: services.challenge(self._for_work(row), actor=actor_of(request), now=clock.now()))

    @button(Nothing)
    def withdraw(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let it challenge no more; what it said stays for the comparison."""
        return self.act(request, Nothing, lambda row, _: services.withdraw(self._for_work(row), actor=actor_of(request), now=clock.now()))

    @button(Nothing)
    def rollback(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Back from this version, which is at work, to the one that was at work before it; answers the version that scores from now on."""

        def back(row: ModelVersion, _: Nothing) -> None:
            live = services.roll_back(self._for_work(row).definition, leaving=row, actor=actor_of(request), now=clock.now())
            self.kwargs[self.lookup_field] = live.pk

        return self.act(request, Nothing, back)

    @button(Weights)
    def weigh(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Other weights for a rule, as a new version, which is the answer; administrators, and keys that belong to nobody in particular."""

        def write(row: ModelVersion, said: Weights) -> None:
            self._refuse_without("churn.change_modelversion")
            # The rows of this address come without their parameters.
            whole = ModelVersion.objects.select_related("definition").get(pk=row.pk)
            made = services.weigh(whole, weights=said.weights, actor=actor_of(request), now=clock.now())
            self.kwargs[self.lookup_field] = made.pk

        return self.act(request, Weights, write)

    def _for_work(self, row: ModelVersion) -> ModelVersion:
        self._refuse_without("churn.view_modelversion")
        return row

    def _refuse_without(self, permission: str) -> None:
        caller = self.caller
        if not (caller.has_perm(permission) if isinstance(caller, User) else caller.sees_everything):
            raise Problem(403, "forbidden", "Your role does not change what scores.")


class CheckFilters(django_filters.FilterSet):
    model = IdFilter(field_name="model_id")
    definition = django_filters.CharFilter(field_name="model__definition__name")
    kind = django_filters.ChoiceFilter(choices=CheckKind.choices)
    alarm = TrueFalseFilter(label="Beyond what chance explains.")


class CheckViews(SharedViews):
    """Looks back at models: what they told against what happened (backtest), and the present data against what they learned from (drift)."""

    scope = "churn"
    queryset: QuerySet[Check] = Check.objects.defer("model__parameters", "model__golden", "model__metrics")
    serializer_class = rows.CheckRow
    filterset_class = CheckFilters
    orderings = ("pk", "-as_of")


ROUTES = {"churn/models": ModelViews, "churn/checks": CheckViews}
