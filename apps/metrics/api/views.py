"""Figures: what there is, one now or on a past day, over days, split, and the accounts behind it. Of the caller's own book of accounts."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import clock
from apps.core.api.errors import invalid
from apps.core.api.views import Door
from apps.metrics import forecasting, selectors
from apps.metrics.models import Tally
from apps.metrics.types import Figure, Metric

_MOST_DAYS = 731
_MOST_ROWS = 200
DIMENSIONS = ("owner", "team", "band", "health", "stage", "plan", "segment", "currency")
_FILTERS = [OpenApiParameter(name, str, description=f"Only accounts of this {name}.") for name in DIMENSIONS]
_AS_OF = OpenApiParameter("as_of", date, description="As it stood at the end of that day (UTC).")


class _Asked(forms.Form):
    as_of = forms.DateField(required=False)


class _Days(forms.Form):
    start = forms.DateField(required=False)
    end = forms.DateField(required=False)
    by = forms.ChoiceField(choices=[(name, name) for name in DIMENSIONS], required=False)
    forecast_days = forms.IntegerField(min_value=0, max_value=forecasting.MOST_DAYS, required=False)


class _Split(_Asked):
    by = forms.ChoiceField(choices=[(name, name) for name in DIMENSIONS])


class _Page(_Asked):
    by = forms.ChoiceField(choices=[(name, name) for name in DIMENSIONS], required=False)
    part = forms.CharField(max_length=80, required=False)
    limit = forms.IntegerField(min_value=1, max_value=_MOST_ROWS, required=False)
    offset = forms.IntegerField(min_value=0, max_value=1_000_000, required=False)


class MetricViews(Door):
    """The registry of figures. A figure that cannot be told has no value and says why in `words`."""

    scope = "metrics"
    queryset = Tally.objects.none()
    lookup_value_regex = r"[a-z0-9_]{1,60}"

    @extend_schema(operation_id="metrics_list", responses={200: OpenApiTypes.OBJECT})
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Every figure that the caller may read: unit, definition, dimensions, how old it may be."""
        self.read(_None)
        return Response({"results": [_metric(one) for one in selectors.catalogue(self.caller)]})

    @extend_schema(parameters=[_AS_OF, *_FILTERS], responses={200: OpenApiTypes.OBJECT})
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One figure, now or as it stood at the end of a day."""
        one, (asked, filters) = self.metric(), self.read(_Asked)
        found = selectors.figure(self.caller, one.key, now=clock.now(), as_of=asked["as_of"], filters=filters)
        return Response({**_metric(one), **_figure(found)})

    @extend_schema(
        parameters=[
            OpenApiParameter("start", date, description="The first day; without it 90 days back."),
            OpenApiParameter("end", date, description="The last day; without it today."),
            OpenApiParameter("by", str, enum=DIMENSIONS),
            OpenApiParameter("forecast_days", int, description="How many days are expected after the last one; at most 92."),
            *_FILTERS,
        ],
        responses={200: OpenApiTypes.OBJECT},
    )
    @action(detail=True, methods=["get"])
    def series(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The figure at the end of every day; null where it is not known, which is not nought."""
        one, (asked, filters), now = self.metric(), self.read(_Days), clock.now()
        end = asked["end"] or now.date()
        start = asked["start"] or end - timedelta(days=90)
        if not timedelta() <= end - start < timedelta(days=_MOST_DAYS):
            raise invalid({"start": [f"It lies at most {_MOST_DAYS - 1} days before `end`, and not after it."]})
        given = {"start": start, "end": end, "now": now, "filters": filters, "dimension": asked["by"]}
        found = selectors.series(self.caller, one.key, **given, forecast_days=asked["forecast_days"] or 0)
        return Response({"key": one.key, "unit": one.unit, "series": [asdict(line) for line in found]})

    @extend_schema(parameters=[_AS_OF, OpenApiParameter("by", str, enum=DIMENSIONS, required=True), *_FILTERS], responses={200: OpenApiTypes.OBJECT})
    @action(detail=True, methods=["get"])
    def parts(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The figure of each value of a dimension, the largest first."""
        one, (asked, filters) = self.metric(), self.read(_Split)
        if asked["by"] not in one.dimensions:
            raise invalid({"by": [f"It can be split by {', '.join(one.dimensions) or 'nothing'}."]})
        found = selectors.parts(self.caller, one.key, asked["by"], now=clock.now(), as_of=asked["as_of"], filters=filters)
        parts = [{"part": part.value, "label": part.label, **_figure(part.figure)} for part in found]
        return Response({"key": one.key, "unit": one.unit, "by": asked["by"], "parts": parts})

    @extend_schema(
        parameters=[
            _AS_OF,
            OpenApiParameter("by", str, enum=DIMENSIONS),
            OpenApiParameter("part", str, description="The value of `by` whose accounts are asked for."),
            OpenApiParameter("limit", int, description="At most 200; without it 50."),
            OpenApiParameter("offset", int),
            *_FILTERS,
        ],
        responses={200: OpenApiTypes.OBJECT},
    )
    @action(detail=True, methods=["get"])
    def rows(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The accounts behind the figure and what each brings to it, the largest first."""
        one, (asked, filters) = self.metric(), self.read(_Page)
        given = {"as_of": asked["as_of"], "filters": filters, "dimension": asked["by"], "part": asked["part"]}
        found, whole = selectors.rows(self.caller, one.key, now=clock.now(), **given, limit=asked["limit"] or 50, offset=asked["offset"] or 0)
        return Response({"key": one.key, "count": whole, "results": [asdict(row) for row in found]})

    def metric(self) -> Metric:
        """A figure that the caller may not read answers like one that there is not."""
        key = self.kwargs["pk"]
        found = next((one for one in selectors.catalogue(self.caller) if one.key == key), None)
        if found is None:
            raise Http404
        return found

    def read(self, form: type[forms.Form]) -> tuple[dict[str, Any], dict[str, str]]:
        """(what was asked, filters); a parameter that there is not is refused by name."""
        given = self.request.query_params
        filters = {} if form is _None else {name: given[name][:80] for name in DIMENSIONS if name in given}
        if unknown := sorted(set(given) - set(form.base_fields) - set(filters)):
            raise invalid({name[:80]: ["There is no such parameter here."] for name in unknown})
        if wrong := sorted(name for name, value in filters.items() if "\0" in value):
            raise invalid({name: ["It holds a character that no word has."] for name in wrong})
        read = form(given)
        if not read.is_valid():
            raise invalid({name: [str(word) for word in words] for name, words in read.errors.items()})
        return read.cleaned_data, filters


class _None(forms.Form):
    """Nothing can be asked."""


def _metric(one: Metric) -> dict[str, Any]:
    return {**asdict(one), "dimensions": list(one.dimensions)}


def _figure(one: Figure) -> dict[str, Any]:
    return {"value": one.value, "as_of": one.as_of, "of": one.of, "low": one.low, "high": one.high, "currency": one.currency, "words": one.words}


DOORS = {"metrics": MetricViews}
