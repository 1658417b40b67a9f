from apps.core import clock
from apps.events.models import Event
from apps.events.vocabulary import AccountChurned, AccountsChanged, ActivityReceived, ImportFinished, MeaningGiven, MessageReplied, StoryChanged

from . import services


def mark_stale(event: ActivityReceived | AccountsChanged | StoryChanged | MessageReplied | AccountChurned, row: Event) -> None:
    ids = getattr(event, "account_ids", None)
    services.mark_stale([event.account_id] if ids is None else ids, now=clock.now(), cause=row)  # type: ignore[union-attr]


def mark_all_stale(event: ImportFinished | MeaningGiven, row: Event) -> None:
    services.mark_all_stale(now=clock.now(), cause=row)
