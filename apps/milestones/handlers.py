"""What milestones do when something was announced."""

from apps.core import clock
from apps.core.jobs import call_after_commit
from apps.events.models import Event
from apps.events.vocabulary import AccountEvent, AccountsChanged, ActivityReceived, ImportFinished

from . import live, services


def mark_stale(event: ActivityReceived | AccountsChanged, row: Event) -> None:
    services.mark_stale(event.account_ids, now=clock.now(), cause=row)


def mark_all_stale(event: ImportFinished, row: Event) -> None:
    services.mark_all_stale(now=clock.now(), cause=row)


def tell_customers(event: AccountEvent, row: Event) -> None:
    """Their open pages fetch the path anew."""
    call_after_commit(live.hint, event.account_id, event.type)
