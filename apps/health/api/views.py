"""Health: the present score with what it is made of, and every score that was ever told."""

import django_filters
from rest_framework import serializers

from apps.core.api.fields import OfAccount
from apps.core.api.filters import IdFilter, OfAccountFilters, TrueFalseFilter, during
from apps.core.api.views import ReadViews
from apps.health.models import AccountHealth, HealthScore
from apps.health.types import Band


class HealthRow(OfAccount):
    model_name = serializers.CharField(source="model", read_only=True, allow_null=True)
    select = ("account", "model")

    class Meta:
        model = AccountHealth
        fields = [
            "id",
            "account",
            "account_external_id",
            "model_name",
            "score",
            "band",
            "coverage",
            "momentum",
            "before",
            "pulse",
            "pulse_gap",
            "parts",
            "as_of",
            "stale_since",
        ]


class HealthFilters(OfAccountFilters):
    band = django_filters.ChoiceFilter(choices=Band.choices)
    score_until = django_filters.NumberFilter(field_name="score", lookup_expr="lte", min_value=0, max_value=100)
    stale = TrueFalseFilter(field_name="stale_since", lookup_expr="isnull", exclude=True, label="Something newer waits to be scored.")


class HealthViews(ReadViews):
    """The present health of each account; `parts` says what each measure gave: points, weight and contribution in hundredths."""

    scope = "health"
    queryset = AccountHealth.objects.all()
    serializer_class = HealthRow
    filterset_class = HealthFilters


class HealthScoreRow(OfAccount):
    model_name = serializers.CharField(source="model", read_only=True)
    select = ("account", "model")

    class Meta:
        model = HealthScore
        fields = ["id", "account", "account_external_id", "model_name", "as_of", "score", "band", "coverage", "parts", "cause", "created_at"]


class HealthScoreFilters(OfAccountFilters):
    model = IdFilter(field_name="model_id")
    band = django_filters.ChoiceFilter(choices=Band.choices)
    since, until = during("as_of").values()


class HealthScoreViews(ReadViews):
    """Health as it was told at a moment, with its contributions; never rewritten."""

    scope = "health"
    queryset = HealthScore.objects.all()
    serializer_class = HealthScoreRow
    filterset_class = HealthScoreFilters
    orderings = ("pk", "-as_of")


ROUTES = {"health": HealthViews, "health-scores": HealthScoreViews}
