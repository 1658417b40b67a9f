"""What campaigns do when something was announced."""

from apps.core import clock
from apps.events.models import Event
from apps.events.vocabulary import TaskClosed

from . import services


def note_answered(event: TaskClosed, row: Event) -> None:
    """A task about an answer to a survey is done: the answer has been answered."""
    services.surveys.close_loop(task_id=event.task_id, now=clock.now(), cause=row)
