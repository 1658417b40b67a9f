from apps.core import clock
from apps.events.models import Event
from apps.events.vocabulary import AccountsChanged, ActivityReceived, ImportFinished

from . import services


def mark_stale(event: ActivityReceived | AccountsChanged, row: Event) -> None:
    services.mark_stale(event.account_ids, now=clock.now(), cause=row)


def mark_all_stale(event: ImportFinished, row: Event) -> None:
    services.mark_all_stale(now=clock.now(), cause=row)
