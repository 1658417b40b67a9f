"""Reading the moment and the definition that the churn commands are given."""

import re
from datetime import date, datetime

from django.core.management.base import CommandError

from apps.churn import features, selectors, services
from apps.churn.models import ChurnDefinition
from apps.core import clock

AS_OF = "a date (that whole day is known, nothing later) or a moment such as 2026-03-01T14:30:00Z; default: now"


def moment(words: str | None, now: datetime) -> datetime:
    """A bare date means the end of that day."""
    if words is None:
        return now
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", words):
            return features.end_of(date.fromisoformat(words))
        return clock.read(words)
    except ValueError as error:
        raise CommandError(f"--as-of: {error}") from error


def definition(name: str | None, now: datetime) -> ChurnDefinition:
    if name is None:
        return services.ensure_default(now=now)
    found = selectors.definition_named(name)
    if found is None:
        known = ", ".join(ChurnDefinition.objects.order_by("name").values_list("name", flat=True)) or "none yet"
        raise CommandError(f"There is no definition {name!r}. Known: {known}. Make one with churn_definition.")
    return found
