"""Alerts."""

import django_filters

from apps.alerts.models import Alert
from apps.alerts.types import AlertState, Severity
from apps.core.api.fields import OfAccount
from apps.core.api.filters import OfAccountFilters, during
from apps.core.api.views import ReadViews


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


class AlertViews(ReadViews):
    """What needs a person's eyes."""

    scope = "work"
    queryset = Alert.objects.all()
    serializer_class = AlertRow
    filterset_class = AlertFilters
    orderings = ("pk", "-opened_at")


ROUTES = {"alerts": AlertViews}
