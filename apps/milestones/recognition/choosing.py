"""A person says how far their name may be seen. It counts at once, everywhere; nobody chooses for them."""

from datetime import datetime

from django.db import transaction

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import RecognitionChanged

from ..models import Board, BoardPlace, RecognitionChoice
from ..types import Level, reaches

# No row comes back where nothing changed.
_CHOOSE = """
insert into milestones_recognitionchoice as mine (contact_id, level, by_name, chosen_at, actor)
values (%(contact)s, %(level)s, %(by_name)s, %(now)s, %(actor)s)
on conflict (contact_id) do update set level = excluded.level, by_name = excluded.by_name, chosen_at = excluded.chosen_at, actor = excluded.actor
where (mine.level, mine.by_name) is distinct from (excluded.level, excluded.by_name)
returning *
"""


def choose_recognition(
    *, contact: Contact, level: str, actor: Actor, now: datetime, by_name: bool = True, event: Event | None = None
) -> RecognitionChoice:
    """From now on they are shown as far as `level` and no further; a board that reaches further loses them in this transaction."""
    chosen = Level(level)
    with transaction.atomic():
        # A reckoning that is under way holds the boards: it is over before we delete, and the next one sees the new word. And who chooses waits
        # for who is choosing.
        boards = list(Board.objects.select_for_update().order_by("pk"))
        asked = {"contact": contact.pk, "level": chosen.value, "by_name": by_name, "now": now, "actor": str(actor)}
        row = next(iter(RecognitionChoice.objects.raw(_CHOOSE, asked)), None)
        if row is None:
            return RecognitionChoice.objects.get(contact=contact)
        gone = [board.pk for board in boards if not reaches(chosen, board.circle)]
        BoardPlace.objects.filter(contact=contact, board__in=gone).delete()
        said = RecognitionChanged(account_id=contact.account_id, contact_id=contact.pk, level=chosen)
        events.publish(said, actor=actor, now=now, cause=event)
    return row


def choice_of(contact: Contact) -> tuple[str, bool]:
    """(level, by name); nobody, for who has said nothing."""
    row = RecognitionChoice.objects.filter(contact=contact).first()
    return (row.level, row.by_name) if row else (Level.NONE, True)


def forget_recognition(*, contact: Contact, actor: Actor, now: datetime) -> None:
    """A person is erased: they are shown nowhere any more. Who had said nothing has nothing to take back."""
    if RecognitionChoice.objects.filter(contact=contact).exclude(level=Level.NONE).exists():
        choose_recognition(contact=contact, level=Level.NONE, actor=actor, now=now)
