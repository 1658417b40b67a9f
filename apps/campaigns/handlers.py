"""What campaigns do when something was announced."""

from apps.core import clock
from apps.events.models import Event
from apps.events.vocabulary import AccountEvent, MessageNotSent, MessageReplied, SegmentEntered, TaskClosed

from . import services


def note_answered(event: TaskClosed, row: Event) -> None:
    """A task about an answer to a survey is done: the answer has been answered."""
    services.surveys.close_loop(task_id=event.task_id, now=clock.now(), cause=row)


def start_campaigns(event: AccountEvent, row: Event) -> None:
    """Whatever is announced about an account may start a campaign for it."""
    services.campaigns.on_event(event, row, now=clock.now())


def welcome(event: SegmentEntered, row: Event) -> None:
    """Whoever comes into a segment may be awaited there."""
    services.campaigns.on_segment(event, row, now=clock.now())


def note_campaign_reply(event: MessageReplied, row: Event) -> None:
    services.campaigns.note_reply(message_id=event.message_id, at=row.at)


def note_campaign_not_sent(event: MessageNotSent, row: Event) -> None:
    if event.state != "unknown":
        services.campaigns.note_not_sent(message_id=event.message_id)
