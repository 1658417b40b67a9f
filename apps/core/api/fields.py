"""What the API tells of a row. Bodies are read by `items`, never by these."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers


class Rows(serializers.ModelSerializer[Any]):
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


def by_email() -> serializers.SlugRelatedField[Any]:
    """People of ours are told by email address."""
    return serializers.SlugRelatedField(slug_field="email", read_only=True, allow_null=True)
