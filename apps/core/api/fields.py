"""Serializers that name what they do not know."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

_UNKNOWN = "There is no such field."
_READ_ONLY = "It is told by the platform and cannot be set."


class Strict(serializers.Serializer[Any]):
    """A body with a field of another name, or one that cannot be set, is refused; only PUT may bring back what a GET told."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            whole = self.instance is not None and not self.partial
            wrong = {str(name)[:80]: [_UNKNOWN] for name in data if name not in self.fields}
            wrong |= {name: [_READ_ONLY] for name, field in self.fields.items() if name in data and field.read_only and not whole}
            if wrong:
                raise serializers.ValidationError(wrong)
        return super().to_internal_value(data)


class Rows(Strict, serializers.ModelSerializer[Any]):
    """One kind of row. It owns what its fields read from other tables, so a list is a constant number of statements."""

    select: ClassVar[tuple[str, ...]] = ()
    prefetch: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def prepare(cls, rows: QuerySet[Any]) -> QuerySet[Any]:
        if cls.select:
            rows = rows.select_related(*cls.select)
        return rows.prefetch_related(*cls.prefetch) if cls.prefetch else rows


class OfAccount(Rows):
    """Rows of an account tell both of its names."""

    account_external_id = serializers.CharField(source="account.external_id", read_only=True)
    select: ClassVar[tuple[str, ...]] = ("account",)


class OwnAccount(serializers.PrimaryKeyRelatedField[Any]):
    """An account of the caller's own book; another one does not exist for them."""

    def get_queryset(self) -> QuerySet[Any]:
        queryset: Any = super().get_queryset()
        request = self.context.get("request")
        return queryset.for_user(request.user) if request is not None else queryset.none()


def by_email() -> serializers.SlugRelatedField[Any]:
    """People of ours are told by email address."""
    return serializers.SlugRelatedField(slug_field="email", read_only=True)
