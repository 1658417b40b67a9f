"""Experiments, who is in which variant, holdouts, and the choices of learning policies."""

from typing import Annotated, Any

import django_filters
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Account
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.filters import IdFilter, OfAccountFilters, TrueFalseFilter, during
from apps.core.api.items import Item, Misfit
from apps.core.api.views import ReadViews, SharedViews
from apps.core.api.writing import ActViews, button
from apps.experiments import selectors, services
from apps.experiments.models import Assignment, Experiment, Holdout, PolicyDecision
from apps.experiments.types import ExperimentState, HoldoutState, How

from . import rows


class ExperimentFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    state = django_filters.ChoiceFilter(choices=ExperimentState.choices)


class Nothing(Item):
    """The button says it all."""


class Stop(Item):
    """Why it ends."""

    reason: Annotated[str, Meta(max_length=250)] = ""


class Overrule(Item):
    """What an account gets instead of its variant, and why."""

    account: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    variant: Annotated[str, Meta(max_length=40)]
    reason: Annotated[str, Meta(min_length=1, max_length=250)]


class ExperimentViews(ActViews, SharedViews):
    """Questions with two or more answers, of which every account gets one by arithmetic; docs/experiments.md says how a client computes the same."""

    scope = "work"
    queryset = Experiment.objects.all()
    serializer_class = rows.ExperimentRow
    filterset_class = ExperimentFilters
    orderings = ("pk", "-pk")

    @extend_schema(responses={200: rows.ReadoutAnswer})
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def readout(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What it says so far, by the rule in force."""
        return Response(rows.ReadoutAnswer(selectors.readout(self.get_object(), now=clock.now())).data)

    @button(Nothing)
    def start(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """From now on accounts are assigned."""
        return self.act(request, Nothing, lambda row, _: services.start(row, actor=actor_of(request), now=clock.now()))

    @button(Stop)
    def stop(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Nobody is assigned any more."""
        return self.act(request, Stop, lambda row, said: services.stop(row, reason=said.reason, actor=actor_of(request), now=clock.now()))

    @button(Overrule)
    def override(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Give one account another variant, against the plan; it is counted where it was assigned."""

        def write(row: Experiment, said: Overrule) -> None:
            if not Account.objects.for_user(self.caller).filter(pk=said.account).exists():
                raise Misfit("account", "There is no such account.")
            services.override(row, account_id=said.account, variant=said.variant, reason=said.reason, actor=actor_of(request), now=clock.now())

        return self.act(request, Overrule, write)


class AssignmentFilters(OfAccountFilters):
    experiment = django_filters.CharFilter(field_name="experiment__key")
    variant = django_filters.CharFilter()


class AssignmentViews(ReadViews):
    """Which variant an account has."""

    scope = "work"
    queryset = Assignment.objects.all()
    serializer_class = rows.AssignmentRow
    filterset_class = AssignmentFilters


class HoldoutFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    state = django_filters.ChoiceFilter(choices=HoldoutState.choices)


class HoldoutViews(SharedViews):
    """Draws of accounts that get nothing of a kind for a while, so that it can be said what the rest is worth."""

    scope = "work"
    queryset = Holdout.objects.all()
    serializer_class = rows.HoldoutRow
    filterset_class = HoldoutFilters
    orderings = ("pk", "-pk")


class DecisionFilters(OfAccountFilters):
    policy = django_filters.CharFilter()
    chosen = django_filters.CharFilter()
    how = django_filters.ChoiceFilter(choices=How.choices)
    success = TrueFalseFilter(label="Settled as a success.")
    contact = IdFilter(field_name="contact_id")
    since, until = during("at").values()


class DecisionViews(ReadViews):
    """Choices of learning policies: what could have been taken, what was, with which chance, and what came of it."""

    scope = "work"
    queryset = PolicyDecision.objects.all()
    serializer_class = rows.DecisionRow
    filterset_class = DecisionFilters
    orderings = ("pk", "-pk")


ROUTES: dict[str, Any] = {
    "experiments": ExperimentViews,
    "assignments": AssignmentViews,
    "holdouts": HoldoutViews,
    "decisions": DecisionViews,
}
