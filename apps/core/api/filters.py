"""Filters by a fixed list of names: what is not on the list is refused by name, so a misspelt filter never shows everything."""

from datetime import UTC, date, datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request
from rest_framework.views import APIView

from .problem import invalid

_PAGING = {"limit", "cursor", "ordering"}
_LARGEST = 2**63 - 1


class IdFilter(django_filters.Filter):
    """A row's id; numbers that no id can be are refused instead of overflowing."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=_LARGEST, **kwargs)


class TrueFalseFilter(django_filters.TypedChoiceFilter):
    """true or false, as JSON writes them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"choices": [("true", "true"), ("false", "false")], "coerce": lambda word: word == "true"}
        super().__init__(*args, **kwargs)


_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def in_our_time(value: date) -> None:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise ValidationError(f"The year is not between {_FIRST_YEAR} and {_LAST_YEAR}.")


class DayFilter(django_filters.DateFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, validators=[in_our_time], **kwargs)


class MomentFilter(django_filters.IsoDateTimeFilter):
    """A moment of ISO 8601; years that PostgreSQL or a time zone cannot hold are refused."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, validators=[in_our_time], **kwargs)

    def filter(self, rows: QuerySet[Any], value: datetime | None) -> QuerySet[Any]:
        # PostgreSQL reads offsets up to 16 hours only, ISO 8601 allows more.
        return super().filter(rows, value.astimezone(UTC) if value else value)


def during(field: str) -> dict[str, django_filters.Filter]:
    """`since` (inclusive) and `until` (exclusive) for a list of moments."""
    return {
        "since": MomentFilter(field_name=field, lookup_expr="gte", label=f"`{field}` at or after this moment (ISO 8601)."),
        "until": MomentFilter(field_name=field, lookup_expr="lt", label=f"`{field}` before this moment."),
    }


class OfAccountFilters(django_filters.FilterSet):
    """By account, in either of its names; most lists inherit this."""

    account = IdFilter(field_name="account_id", label="The account's id here.")
    account_external_id = django_filters.CharFilter(field_name="account__external_id", label="The account's id in your own systems.")


class ListedFilters(DjangoFilterBackend):
    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        filterset = self.get_filterset(request, queryset, view)
        known = _PAGING | (set(filterset.filters) if filterset else set())
        if unknown := sorted(set(request.query_params) - known):
            raise invalid({name[:80]: ["There is no such filter here."] for name in unknown})
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise invalid({name: [str(word) for word in words] for name, words in filterset.errors.items()})
        return filterset.qs
