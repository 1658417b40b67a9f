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


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
