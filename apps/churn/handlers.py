from apps.core import clock
from apps.events.models import Event
from apps.events.vocabulary import AccountsChanged, ActivityReceived, ImportFinished, MeaningGiven

from . import services


def mark_stale(event: ActivityReceived, row: Event) -> None:
    services.mark_stale(event.account_ids, now=clock.now(), cause=row)


def mark_changed_stale(event: AccountsChanged, row: Event) -> None:
    services.mark_stale(event.account_ids, now=clock.now(), cause=row)


def mark_imported_stale(event: ImportFinished, row: Event) -> None:
    services.mark_all_stale(now=clock.now(), cause=row)


def mark_users_stale(event: MeaningGiven, row: Event) -> None:
    services.mark_users_of_name_stale(event.name, now=clock.now(), cause=row)
