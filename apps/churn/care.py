"""Who was cared for, and who was held back to compare: a model that learns unaware from outcomes that we changed learns that trouble is harmless."""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from django.db import connection

from apps.events.models import Event
from apps.events.vocabulary import PlayEnded, PlayEntered
from apps.messaging.models import Message
from apps.messaging.types import Lane

from .models import Care
from .types import CareKind

# Care of so many days before a date still shows in what comes after it.
RECENT = timedelta(days=28)
# So many treated rows may one held-out row stand for; what is left of them counts as it came.
MOST_STOOD_FOR = 20.0


def begin(*, account_id: int, kind: CareKind, since: datetime, event: Event, until: datetime | None = None) -> None:
    """Somebody began to care for the account, or held it back. The same event again changes nothing."""
    Care.objects.get_or_create(event=event, account_id=account_id, defaults={"kind": kind, "since": since, "until": until})


def enter(event: PlayEntered, row: Event) -> None:
    """An account entered a play or was held out of it; where the news of its end came first, the end is kept."""
    ended = _of_run(PlayEnded.type, event.enrolment_id, row.subject)
    begin(account_id=event.account_id, kind=CareKind(event.arm), since=row.at, until=ended.at if ended else None, event=row)


def leave(event: PlayEnded, row: Event) -> None:
    entered = _of_run(PlayEntered.type, event.enrolment_id, row.subject)
    if entered is not None:
        Care.objects.filter(event=entered, until__isnull=True).update(until=row.at)


def note_message(*, message_id: int, account_id: int, row: Event) -> None:
    """A message of a save play reached out to the account."""
    if Message.objects.filter(pk=message_id, lane=Lane.SAVE).exists():
        begin(account_id=account_id, kind=CareKind.TREATED, since=row.at, until=row.at, event=row)


def _of_run(kind: str, enrolment_id: int, subject: str) -> Event | None:
    return Event.objects.filter(type=kind, subject=subject, payload__enrolment_id=enrolment_id).order_by("id").first()


def marks(*, day: date, until: date, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per account: cared for within [day, until) or in the 28 days before; and held out in that time without being cared for otherwise."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select account_id, bool_or(kind = 'treated') from churn_care where since < %(until)s and (until is null or until >= %(since)s)"
            " group by account_id",
            {"since": _midnight(day) - RECENT, "until": _midnight(until)},
        )
        found = dict(cursor.fetchall())
    treated = np.array([found.get(key, False) for key in ids.tolist()], bool)
    held_out = np.array([key in found for key in ids.tolist()], bool) & ~treated
    return treated, held_out


def weights(treated: np.ndarray, held_out: np.ndarray) -> np.ndarray:
    """What each row counts where the world without care is asked for: those held out by lot stand for the treated, whose outcomes we changed.

    The sum is the number of rows. Where too few were held out, the treated count in part, as they came.
    """
    cared, kept = int(treated.sum()), int(held_out.sum())
    stood_for = min(cared / kept, MOST_STOOD_FOR) if kept else 0.0
    left = 1 - MOST_STOOD_FOR * kept / cared if cared > MOST_STOOD_FOR * kept else 0.0
    return np.where(treated, left, np.where(held_out, 1 + stood_for, 1.0))


def in_words(treated: int, held_out: int) -> str:
    """What our own hand in the outcomes means for a model of these rows; nothing where there was none."""
    if not treated:
        return ""
    told = f"In {treated:,} rows somebody tried to keep the customer, so their outcome is partly our own work."
    if not held_out:
        return f"{told} Nobody was held out by lot to compare, so they count as they came, and risks are told too low where plays help."
    if treated > MOST_STOOD_FOR * held_out:
        return (
            f"{told} Only {held_out:,} rows were held out by lot. They stand for {MOST_STOOD_FOR * held_out:,.0f} of them; the others count as they"
            " came, so risks are told too low where plays help. Hold more back."
        )
    return f"{told} They teach nothing here: the {held_out:,} rows held out by lot stand for them."


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
