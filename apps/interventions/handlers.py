from apps.core import clock, flags
from apps.core.actor import Actor
from apps.events.models import Event
from apps.events.vocabulary import (
    AccountChurned,
    AccountEvent,
    AccountsChanged,
    ActivityReceived,
    HealthChanged,
    ImportFinished,
    MessageNotSent,
    MessageReplied,
    StoryChanged,
    TaskClosed,
)

from . import services, triggers

_ACTOR = Actor.job("interventions.handlers")


def start_plays(event: AccountEvent, row: Event) -> None:
    """Whatever is announced about an account may let it into plays, end its runs, or be their goal."""
    now = clock.now()
    triggers.on_event(event, row, reaches=flags.play_reaches, actor=_ACTOR, now=now)
    triggers.after(row.type, [event.account_id], reaches=flags.play_reaches, actor=_ACTOR, now=now, cause=row)


def look_again(event: ActivityReceived | StoryChanged | AccountsChanged | HealthChanged, row: Event) -> None:
    """Facts of many accounts changed at once."""
    now = clock.now()
    if isinstance(event, ActivityReceived):
        triggers.on_activity(event.account_ids, row, reaches=flags.play_reaches, actor=_ACTOR, now=now)
    triggers.after(row.type, event.account_ids, reaches=flags.play_reaches, actor=_ACTOR, now=now, cause=row)


def look_at_all(event: ImportFinished, row: Event) -> None:
    triggers.after(row.type, None, reaches=flags.play_reaches, actor=_ACTOR, now=clock.now(), cause=row)


def note_reply(event: MessageReplied, row: Event) -> None:
    services.note_reply(message_id=event.message_id, actor=Actor.contact(event.contact_id), now=clock.now(), cause=row)


def note_not_sent(event: MessageNotSent, row: Event) -> None:
    if event.state != "unknown":
        services.note_not_sent(message_id=event.message_id)


def note_task_closed(event: TaskClosed, row: Event) -> None:
    services.note_task_closed(task_id=event.task_id, outcome=event.outcome, now=clock.now())


def stop_for_leavers(event: AccountChurned | ImportFinished, row: Event) -> None:
    account = event.account_id if isinstance(event, AccountChurned) else None
    services.stop_for_leavers(account_id=account, actor=_ACTOR, now=clock.now(), cause=row)


def close_promised(event: StoryChanged, row: Event) -> None:
    """A settled promise needs no task any more."""
    if event.what == "promise":
        services.close_settled(event.account_ids, actor=_ACTOR, now=clock.now(), cause=row)
