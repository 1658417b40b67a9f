"""What milestones do when something was announced."""

from apps.core.jobs import call_after_commit
from apps.events.models import Event
from apps.events.vocabulary import AccountEvent

from . import live


def tell_customers(event: AccountEvent, row: Event) -> None:
    """Their open pages fetch the path anew."""
    call_after_commit(live.hint, event.account_id, event.type)
