from apps.core import clock
from apps.events.models import Event
from apps.events.vocabulary import AccountEvent, AccountsChanged, ActivityReceived, ImportFinished, MeaningGiven, StoryChanged

from . import services


def mark_stale(event: ActivityReceived | AccountsChanged | StoryChanged | AccountEvent, row: Event) -> None:
    account_ids = [event.account_id] if isinstance(event, AccountEvent) else event.account_ids
    services.mark_stale(account_ids, now=clock.now(), cause=row)


def mark_all_stale(event: ImportFinished | MeaningGiven, row: Event) -> None:
    services.mark_all_stale(now=clock.now(), cause=row)
