"""Risks and predictions, with their reasons."""

import django_filters

from apps.churn.models import AccountRisk, Prediction
from apps.churn.types import Band
from apps.core.api.fields import OfAccount
from apps.core.api.filters import IdFilter, OfAccountFilters, TrueFalseFilter, during
from apps.core.api.views import ReadViews


class RiskRow(OfAccount):
    class Meta:
        model = AccountRisk
        fields = ["id", "account", "account_external_id", "prediction", "probability", "band", "reasons", "source", "as_of", "before", "stale_since"]


class RiskFilters(OfAccountFilters):
    band = django_filters.ChoiceFilter(choices=Band.choices)
    probability_from = django_filters.NumberFilter(field_name="probability", lookup_expr="gte", min_value=0, max_value=1)
    stale = TrueFalseFilter(field_name="stale_since", lookup_expr="isnull", exclude=True, label="Newer activity waits to be scored.")


class RiskViews(ReadViews):
    """The present churn risk of each account by the default definition, with signed reasons in words."""

    scope = "churn"
    queryset = AccountRisk.objects.all()
    serializer_class = RiskRow
    filterset_class = RiskFilters


class PredictionRow(OfAccount):
    class Meta:
        model = Prediction
        fields = ["id", "account", "account_external_id", "model", "as_of", "probability", "band", "reasons", "created_at"]


class PredictionFilters(OfAccountFilters):
    model = IdFilter(field_name="model_id")
    band = django_filters.ChoiceFilter(choices=Band.choices)
    since, until = during("as_of").values()


class PredictionViews(ReadViews):
    """Risks as they were known at a moment; never rewritten."""

    scope = "churn"
    queryset = Prediction.objects.all()
    serializer_class = PredictionRow
    filterset_class = PredictionFilters
    orderings = ("pk", "-as_of")


ROUTES = {"risks": RiskViews, "predictions": PredictionViews}
