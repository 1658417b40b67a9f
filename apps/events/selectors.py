from datetime import datetime

from .models import Delivery, Event
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
