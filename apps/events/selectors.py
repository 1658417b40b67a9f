from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from apps.core.reading import Reading

from .models import Change, Delivery, Event
from .switchboard import heard_by  # noqa: F401  (part of this module's face)
from .types import DeliveryState


def oldest_waiting_seconds(now: datetime) -> float:
    """Age of the oldest delivery that should have run; 0 when nothing waits. The event queue's lag."""
    oldest = Delivery.objects.due_at_moment(now).values_list("due_at", flat=True).first()
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0


def given_up() -> int:
    return Delivery.objects.filter(state=DeliveryState.FAILED).count()


def chain(event: Event) -> list[Event]:
    """The causes of an event from the first to itself."""
    links = [event]
    while links[0].cause is not None:
        links.insert(0, links[0].cause)
    return links


def effects(event: Event) -> list[Event]:
    return list(Event.objects.filter(cause=event).order_by("id"))


def changes_of(subject: str, *, field: str | None = None, limit: int = 200) -> list[Change]:
    """The history of a row's fields, newest first."""
    rows = Change.objects.filter(subject=subject)
    if field is not None:
        rows = rows.filter(field=field)
    return list(rows.order_by("-at", "-id")[:limit])


def changed_after(moment: datetime) -> bool:
    """Whether anything at all was changed later than a moment: where not, everything still stands as it stood then."""
    return Change.objects.filter(at__gt=moment).exists()


def values_before(subjects: Sequence[str] | QuerySet[Any, str], moment: datetime) -> Reading[dict[str, dict[str, Any]]]:
    """By subject, what those fields held at a moment that became something else later; a field that is not named has held its present value since.

    Values as the history keeps them: amounts and moments as text; None also where it was erased.
    """
    rows = (
        Change.objects.filter(subject__in=subjects, at__gt=moment)
        .exclude(field="")
        .order_by("subject", "field", "at", "id")
        .distinct("subject", "field")
        .values_list("subject", "field", "before")
    )
    yield rows
    found: dict[str, dict[str, Any]] = {}
    for subject, field, before in rows:
        found.setdefault(subject, {})[field] = before
    return found
