"""What staff write: the catalogue, tiers and badges."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.models import Versioned

from ..models import Badge, CatalogueItem, Tier

Row = TypeVar("Row", bound=Versioned)


def write_item(*, key: str, fields: Mapping[str, Any], actor: Actor, now: datetime) -> CatalogueItem:
    """Put something into the catalogue, or change it; what was asked for keeps its price."""
    return _write(CatalogueItem, key, fields)


def write_tier(*, key: str, fields: Mapping[str, Any], actor: Actor, now: datetime) -> Tier:
    """Accounts follow at the next judging."""
    return _write(Tier, key, fields)


def write_badge(*, key: str, fields: Mapping[str, Any], actor: Actor, now: datetime) -> Badge:
    """Who has it keeps it."""
    return _write(Badge, key, fields)


def _write(model: type[Row], key: str, fields: Mapping[str, Any]) -> Row:
    with transaction.atomic():
        rows: Any = model._default_manager
        row = rows.select_for_update().filter(key=key).first() or model(**{"key": key})
        fresh = row.pk is None
        for name, value in fields.items():
            setattr(row, name, value)
        row.version = 1 if fresh else row.version + 1
        try:
            row.full_clean()
        except ValidationError as error:
            raise Refused("invalid", "; ".join(error.messages)) from error
        row.save()
    return row
