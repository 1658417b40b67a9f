"""Risks and predictions."""

from datetime import datetime
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.churn import selectors as churn
from apps.churn.models import AccountRisk, Prediction
from apps.churn.types import Band
from apps.core.api.filters import IdFilter, MomentFilter, OfAccountFilters, TrueFalseFilter, during
from apps.core.api.problem import invalid
from apps.core.api.views import ReadViews
from apps.core.reading import gather, read

from . import rows

_MOST_BEHIND = 20


class RiskFilters(OfAccountFilters):
    band = django_filters.ChoiceFilter(choices=Band.choices)
    probability_from = django_filters.NumberFilter(field_name="probability", lookup_expr="gte", min_value=0, max_value=1)
    stale = TrueFalseFilter(field_name="stale_since", lookup_expr="isnull", exclude=True, label="Newer activity waits to be scored.")


class RiskViews(ReadViews):
    """The present churn risk of each account by the default definition, with signed reasons in words."""

    scope = "churn"
    queryset = AccountRisk.objects.all()
    serializer_class = rows.RiskRow
    filterset_class = RiskFilters


class AccountRiskViews(ReadViews):
    """The present churn risk of one account with its interval, its reasons and the model that speaks.

    By the account's id here; by its id in your own systems: /risks/?account_external_id=...
    """

    scope = "churn"
    queryset = AccountRisk.objects.all()
    serializer_class = rows.AccountRiskRow
    lookup_field = "account_id"

    @extend_schema(parameters=[OpenApiParameter("behind", int, description="Raw rows to tell behind each reason, newest first: 0 (none) to 20.")])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        word = request.query_params.get("behind", "0")
        if not (word.isascii() and word.isdigit() and len(word) <= 2 and int(word) <= _MOST_BEHIND):
            raise invalid({"behind": [f"A whole number from 0 to {_MOST_BEHIND}."]})
        risk = self.get_object()
        if int(word):
            self._go_down(risk, int(word))
        return self.told(risk)

    def _go_down(self, risk: AccountRisk, limit: int) -> None:
        """Give each reason the rows behind it, in one statement."""
        if risk.prediction is None:
            return
        as_of, known = risk.prediction.as_of, risk.prediction.created_at
        found = read(gather(*(churn.why.behind(risk.account, str(one["feature"]), as_of=as_of, known=known, limit=limit) for one in risk.reasons)))
        for reason, behind in zip(risk.reasons, found, strict=True):
            reason["behind"] = {
                "first": behind.first,
                "last": behind.last,
                "late": behind.late,
                "more": bool(behind.older) or behind.more,
                "rows": [fact.as_json() for fact in behind.facts[:limit]],
                "beside": [fact.as_json() for fact in behind.beside],
            }


class PredictionFilters(OfAccountFilters):
    model = IdFilter(field_name="model_id")
    definition = django_filters.CharFilter(field_name="model__definition__name")
    band = django_filters.ChoiceFilter(choices=Band.choices)
    since, until = during("as_of").values()


class PredictionViews(ReadViews):
    """Risks as they were known at a moment; never rewritten."""

    scope = "churn"
    queryset = Prediction.objects.all()
    serializer_class = rows.PredictionRow
    filterset_class = PredictionFilters
    orderings = ("pk", "-as_of")


class PastFilters(PredictionFilters):
    as_of = MomentFilter(method="known", label="The newest prediction of each account and definition at this moment.")

    def known(self, predictions: QuerySet[Prediction], name: str, value: datetime) -> QuerySet[Prediction]:
        then = Prediction.objects.filter(as_of__lte=value).order_by("account_id", "model__definition_id", "-as_of", "-id")
        return predictions.filter(pk__in=then.distinct("account_id", "model__definition_id").values("pk"))


class PastPredictionViews(PredictionViews):
    """Predictions of every definition, also as of a moment: one for each account and definition."""

    filterset_class = PastFilters


ROUTES: dict[str, Any] = {
    "risks": RiskViews,
    "predictions": PredictionViews,
    "churn/predictions": PastPredictionViews,
}
