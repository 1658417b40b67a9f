"""Keyset pages: page 1000 costs what page 1 costs, and rows that come or go between two pages neither repeat nor hide others."""

import base64
import binascii
import json
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from .bodies import flaws
from .problem import invalid

DEFAULT_SIZE = 50
LARGEST_SIZE = 200
_LARGEST_ID = 2**63 - 1


class KeysetPages(BasePagination):
    """`limit` and `cursor`; the order is one of the view's `orderings`, ties are settled by the primary key, in the same direction."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        self.size = _size(request)
        self.ordering = _ordering(request, view.orderings)
        field, backwards = self.ordering.lstrip("-"), self.ordering.startswith("-")
        direction = "-" if backwards else ""
        rows = queryset.order_by(self.ordering) if field == "pk" else queryset.order_by(self.ordering, f"{direction}pk")
        if cursor := request.query_params.get("cursor"):
            rows = rows.filter(_beyond(queryset.model, field, backwards, cursor, self.ordering))
        page = list(rows[: self.size + 1])
        self.more = len(page) > self.size
        self.page = page[: self.size]
        return self.page

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self._next()})

    def _next(self) -> str | None:
        if not self.more:
            return None
        last = self.page[-1]
        value = _plain(_read(last, self.ordering.lstrip("-")))
        cursor = base64.urlsafe_b64encode(json.dumps([self.ordering, value, _plain(last.pk)]).encode()).decode().rstrip("=")
        asked = {**{name: self.request.query_params[name] for name in self.request.query_params}, "cursor": cursor}
        return self.request.build_absolute_uri(f"{self.request.path}?{urlencode(asked)}")

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["results", "next"],
            "properties": {
                "results": schema,
                "next": {"type": "string", "nullable": True, "format": "uri", "description": "The address of the next page; null on the last."},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        choices = sorted({sign + name.lstrip("-").replace("pk", "id") for name in view.orderings for sign in ("", "-")})
        return [
            _parameter("limit", "Rows in a page.", {"type": "integer", "minimum": 1, "maximum": LARGEST_SIZE, "default": DEFAULT_SIZE}),
            _parameter("cursor", "Where the page begins; take it from `next`.", {"type": "string"}),
            _parameter("ordering", "The order of the rows; a minus turns it round.", {"type": "string", "enum": choices}),
        ]


def _parameter(name: str, words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": words, "schema": schema}


def _size(request: Request) -> int:
    words = request.query_params.get("limit", str(DEFAULT_SIZE))
    if not words.isascii() or not words.isdigit() or len(words) > 9 or not 1 <= int(words) <= LARGEST_SIZE:
        raise invalid({"limit": [f"Use a whole number from 1 to {LARGEST_SIZE}."]})
    return int(words)


def _ordering(request: Request, allowed: tuple[str, ...]) -> str:
    asked = request.query_params.get("ordering")
    if not asked:
        return allowed[0]
    name = asked.removeprefix("-")
    name = "pk" if name == "id" else name
    if name not in {one.lstrip("-") for one in allowed}:
        known = ", ".join(one.lstrip("-").replace("pk", "id") for one in allowed)
        raise invalid({"ordering": [f"Use one of {known}, with a minus for the other direction."]})
    return f"-{name}" if asked.startswith("-") else name


def _beyond(model: type[Model], field: str, backwards: bool, cursor: str, ordering: str) -> Q:
    """The rows after the one that the cursor names."""
    wrong = invalid({"cursor": ["It is no cursor of this list and order; take it from `next`."]})
    try:
        said = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        made_for, value, key = said
        key = model._meta.pk.to_python(key)
        column: Any = model._meta.pk if field == "pk" else model._meta.get_field(field)
        value = column.to_python(value)
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error, ValidationError) as error:
        raise wrong from error
    if made_for != ordering or value is None or next(flaws(said), None) or (isinstance(key, int) and abs(key) > _LARGEST_ID):
        raise wrong
    word = "lt" if backwards else "gt"
    if field == "pk":
        return Q(**{f"pk__{word}": key})
    # The first half is implied by the second and lets PostgreSQL begin in the index.
    return Q(**{f"{field}__{word}e": value}) & (Q(**{f"{field}__{word}": value}) | Q(**{field: value, f"pk__{word}": key}))


def _read(row: Model, field: str) -> Any:
    return row.pk if field == "pk" else getattr(row, field)


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | str | None) else value.isoformat() if hasattr(value, "isoformat") else str(value)
