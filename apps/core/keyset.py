"""Walking a sorted list by where one stands instead of by page numbers, so that the last page costs what the first does."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Field, Func, QuerySet, Value


class RowValue(Func):
    """(a, b) as one value: compared as one, it walks an index; spelled out with OR it would read the table."""

    function = ""
    arg_joiner = ", "
    template = "(%(expressions)s)"


@dataclass(frozen=True)
class Order:
    """A list's order: columns of one table, none of them null, the last unique, all rising or all falling."""

    fields: "tuple[Field[Any, Any], ...]"
    falling: bool

    @classmethod
    def of(cls, queryset: QuerySet[Any], names: Sequence[Any]) -> "Order | None":
        """None for an order that cannot be walked: mixed directions, other tables, expressions, or columns that may be null."""
        options, fields, ways = queryset.model._meta, [], set()
        own = {field.name: field for field in options.concrete_fields} | {"pk": options.pk}
        for name in names:
            field = own.get(name.removeprefix("-")) if isinstance(name, str) else None
            if field is None or field.null or field.is_relation:
                return None
            fields.append(field)
            ways.add(name.startswith("-"))
        return cls(tuple(fields), ways.pop()) if len(ways) == 1 and fields[-1].unique else None

    def beyond(self, queryset: QuerySet[Any], place: Sequence[Any] | None, *, back: bool = False) -> QuerySet[Any]:
        """The rows behind a place (None: from the beginning), or with `back` those before it, nearest first."""
        falling = self.falling != back
        if place is not None:
            here = RowValue(*(F(field.attname) for field in self.fields))
            there = RowValue(*(Value(value, output_field=field) for value, field in zip(place, self.fields, strict=True)))
            sign = " < " if falling else " > "
            queryset = queryset.filter(Func(here, there, template="%(expressions)s", arg_joiner=sign, output_field=BooleanField()))
        return queryset.order_by(*(F(field.attname).desc() if falling else F(field.attname).asc() for field in self.fields))

    def place_of(self, row: Any) -> str:
        """Where a row stands, as a word for an address."""
        text = json.dumps([field.value_to_string(row) for field in self.fields])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def read(self, word: str) -> list[Any] | None:
        """None for a word that this order did not give out: then the list begins at its beginning."""
        try:
            values = json.loads(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)))
            return [field.to_python(value) for field, value in zip(self.fields, values, strict=True)]
        except (ValueError, TypeError, ValidationError, binascii.Error):
            return None
