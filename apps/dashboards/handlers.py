from functools import partial

from apps.core.jobs import call_after_commit
from apps.events.models import Event
from apps.events.vocabulary import DomainEvent, RightsChanged

from . import live


def hint(event: DomainEvent, row: Event) -> None:
    """Tell open pages that something changed; the pages fetch what they may see."""
    call_after_commit(live.publish, event.type, *event.concerns)


def look_at_sockets(event: RightsChanged, row: Event) -> None:
    """Close at once what a person may no longer hear."""
    call_after_commit(partial(live.look_again, user_id=event.user_id))
