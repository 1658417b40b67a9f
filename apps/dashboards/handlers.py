from apps.core.jobs import call_after_commit
from apps.events.models import Event
from apps.events.vocabulary import DomainEvent

from . import live


def hint(event: DomainEvent, row: Event) -> None:
    """Tell open pages that something changed; the pages fetch what they may see."""
    call_after_commit(live.publish, event.type, *event.concerns)
