from apps.core import clock
from apps.events.models import Event
from apps.events.vocabulary import DomainEvent

from .webhooks import offers


def offer(event: DomainEvent, row: Event) -> None:
    """Whatever the wiring gives to it can be wanted by webhooks."""
    offers.offer(event, row, now=clock.now())
