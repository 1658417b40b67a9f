"""Who was cared for, and who was held back to compare: a model that learns unaware from outcomes that we changed learns that trouble is harmless."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

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
# For so many treated may one who was held out stand; what is left of them counts as it came.
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


@dataclass(frozen=True)
class Cared:
    """Rows, each an account at a date: which were cared for, and which were held out by lot without being cared for otherwise."""

    treated: np.ndarray
    held_out: np.ndarray
    accounts: np.ndarray
    when: np.ndarray

    @property
    def weights(self) -> np.ndarray:
        """What each row counts where the world without care is asked for: those held out by lot stand for the treated, whose outcomes we changed.

        A held-out row stands for as many as the lot treated for each that it held out. The lot is drawn once per case, so cases are counted and not
        rows: care that helps keeps its customers, who then stand in more rows than the held-out ones who left. Where too few were held out, the
        treated count in part, as they came.
        """
        return np.where(self.treated, self._left, np.where(self.held_out, 1 + self._stood_for, 1.0))

    @property
    def in_words(self) -> str:
        """What our own hand in the outcomes means for a model of these rows; nothing where there was none."""
        treated, held_out = int(self.treated.sum()), int(self.held_out.sum())
        if not treated:
            return ""
        told = f"In {treated:,} rows somebody tried to keep the customer, so their outcome is partly our own work."
        if not held_out:
            return f"{told} Nobody was held out by lot to compare, so they count as they came, and risks are told too low where plays help."
        if self._left:
            return (
                f"{told} Only {held_out:,} rows were held out by lot. They stand for {(1 - self._left) * treated:,.0f} of them; the others count as"
                " they came, so risks are told too low where plays help. Hold more back."
            )
        return f"{told} They teach nothing here: the {held_out:,} rows held out by lot stand for them."

    @cached_property
    def _counted(self) -> tuple[int, int]:
        """Cases treated and held out: rows of one account that follow each other are one."""
        order = np.lexsort((self.when, self.accounts))
        accounts = self.accounts[order]
        follows = np.append(False, accounts[1:] == accounts[:-1])[: len(order)]
        treated, held_out = (int((marked & ~(follows & np.roll(marked, 1))).sum()) for marked in (self.treated[order], self.held_out[order]))
        return treated, held_out

    @property
    def _stood_for(self) -> float:
        treated, held_out = self._counted
        return min(treated / held_out, MOST_STOOD_FOR) if held_out else 0.0

    @property
    def _left(self) -> float:
        """The share of each treated row that nobody stands for."""
        treated, held_out = self._counted
        return 1 - MOST_STOOD_FOR * held_out / treated if treated > MOST_STOOD_FOR * held_out else 0.0


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
