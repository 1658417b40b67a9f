"""Alerts."""

from typing import Any

import django_filters
from rest_framework.request import Request
from rest_framework.response import Response

from apps.alerts import services
from apps.alerts.models import Alert
from apps.alerts.types import AlertState, Severity
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import OfAccount
from apps.core.api.filters import OfAccountFilters, during
from apps.core.api.items import Item
from apps.core.api.writing import ActViews, button


class AlertRow(OfAccount):
    class Meta:
        model = Alert
        fields = [
            "id",
            "account",
            "account_external_id",
            "kind",
            "severity",
            "title",
            "why",
            "state",
            "seen",
            "opened_at",
            "last_seen_at",
            "acknowledged_at",
            "acknowledged_by",
            "resolved_at",
            "resolved_by",
        ]


class AlertFilters(OfAccountFilters):
    kind = django_filters.CharFilter()
    severity = django_filters.ChoiceFilter(choices=Severity.choices)
    state = django_filters.ChoiceFilter(choices=AlertState.choices)
    since, until = during("opened_at").values()


class Nothing(Item):
    """The button says it all."""


class AlertViews(ActViews):
    """What needs a person's eyes."""

    scope = "work"
    queryset = Alert.objects.all()
    serializer_class = AlertRow
    filterset_class = AlertFilters
    orderings = ("pk", "-opened_at")

    @button(Nothing)
    def acknowledge(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """I have seen it and it is mine."""
        return self.act(request, Nothing, lambda row, _: services.acknowledge(row, actor=actor_of(request), now=clock.now()))

    @button(Nothing)
    def resolve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The matter is settled."""
        return self.act(request, Nothing, lambda row, _: services.resolve(row, actor=actor_of(request), now=clock.now()))


ROUTES = {"alerts": AlertViews}
