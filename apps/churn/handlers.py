from apps.core import clock
from apps.events.models import Event
from apps.events.vocabulary import (
    AccountsChanged,
    ActivityReceived,
    ImportFinished,
    MeaningGiven,
    MessageReplied,
    MessageSent,
    PlayEnded,
    PlayEntered,
    StoryChanged,
)

from . import care, services


def mark_stale(event: ActivityReceived, row: Event) -> None:
    services.mark_stale(event.account_ids, now=clock.now(), cause=row)


def mark_changed_stale(event: AccountsChanged | StoryChanged, row: Event) -> None:
    services.mark_stale(event.account_ids, now=clock.now(), cause=row)


def mark_answered_stale(event: MessageReplied, row: Event) -> None:
    services.mark_stale([event.account_id], now=clock.now(), cause=row)


def mark_imported_stale(event: ImportFinished, row: Event) -> None:
    services.mark_all_stale(now=clock.now(), cause=row)


def mark_users_stale(event: MeaningGiven, row: Event) -> None:
    services.mark_users_of_name_stale(event.name, now=clock.now(), cause=row)


def note_care(event: PlayEntered, row: Event) -> None:
    care.enter(event, row)


def note_end_of_care(event: PlayEnded, row: Event) -> None:
    care.leave(event, row)


def note_message(event: MessageSent, row: Event) -> None:
    care.note_message(message_id=event.message_id, account_id=event.account_id, row=row)
