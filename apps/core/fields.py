from decimal import Decimal
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class ExactField(models.Field):
    """A decimal number of any size and precision: a sum of such numbers is the same in whatever order they are added."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "numeric"

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        return Decimal(repr(value) if isinstance(value, float) else value)

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if hasattr(value, "resolve_expression") else self.to_python(value)
