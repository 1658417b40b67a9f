"""One time that a campaign goes out, as it is watched: how far it is, who stands where, and why somebody was left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Min, Q

from apps.accounts.models import User
from apps.campaigns import selectors as campaigns
from apps.campaigns.models import Campaign, Occurrence, Recipient
from apps.campaigns.types import Left, OccurrenceState, RecipientState
from apps.messaging.types import MessageState

MOST_OCCURRENCES = 60
AT_WORK = (OccurrenceState.PLANNED, OccurrenceState.FREEZING, OccurrenceState.SENDING)
RECIPIENT_TONES = {
    RecipientState.PLANNED: "info",
    RecipientState.HANDED: "good",
    RecipientState.HELD_OUT: "calm",
    RecipientState.EXCLUDED: "warn",
    RecipientState.SKIPPED: "warn",
    RecipientState.CANCELLED: "bad",
}
OCCURRENCE_TONES = {
    OccurrenceState.PLANNED: "calm",
    OccurrenceState.FREEZING: "info",
    OccurrenceState.SENDING: "good",
    OccurrenceState.DONE: "info",
    OccurrenceState.ABORTED: "bad",
}
MESSAGE_TONES = {
    MessageState.SENT: "good",
    MessageState.DELIVERED: "good",
    MessageState.REPLIED: "good",
    MessageState.MERGED: "good",
    MessageState.QUEUED: "info",
    MessageState.SENDING: "info",
    MessageState.GATHERED: "info",
    MessageState.HELD: "warn",
    MessageState.RETURNED: "bad",
    MessageState.FAILED: "bad",
    MessageState.UNKNOWN: "bad",
    MessageState.SUPPRESSED: "warn",
    MessageState.EXPIRED: "warn",
    MessageState.CANCELLED: "calm",
}


@dataclass(frozen=True)
class Part:
    """A state with its count; `door`: the filter that lists them."""

    word: str
    tone: str
    count: int
    door: str = ""


@dataclass(frozen=True)
class Standing:
    """An occurrence as it stands. `settled` of `to_settle` recipients had their turn; held out and left out have none."""

    row: Occurrence
    tone: str
    states: Sequence[Part]
    reasons: Sequence[Part]
    messages: Sequence[Part]
    unsent: Sequence[tuple[str, int]]
    settled: int
    to_settle: int
    everybody: int
    next_at: datetime | None
    last_at: datetime | None

    @property
    def percent(self) -> float:
        if self.row.state == OccurrenceState.DONE:
            return 100.0
        return round(100 * self.settled / self.to_settle, 1) if self.to_settle else 0.0

    @property
    def at_work(self) -> bool:
        return self.row.state in AT_WORK


def occurrences(campaign: Campaign) -> list[Occurrence]:
    """The newest first."""
    return list(campaign.occurrences.order_by("-due_at", "-pk")[:MOST_OCCURRENCES])


def standing(row: Occurrence, *, now: datetime) -> Standing:
    """Counted over every account of the house, in three statements."""
    mine = Recipient.objects.filter(occurrence=row)
    told = campaigns.campaigns.progress(row, now=now)
    by_state, by_reason, by_message = told.states, told.left, told.messages
    turns = mine.filter(state=RecipientState.PLANNED).aggregate(first=Min("due_at"), last=Max("due_at"))
    everybody = sum(by_state.values())
    settled = sum(by_state.get(one, 0) for one in (RecipientState.HANDED, RecipientState.SKIPPED, RecipientState.CANCELLED))
    return Standing(
        row,
        OCCURRENCE_TONES[OccurrenceState(row.state)],
        states=[_part(one, RECIPIENT_TONES[one], by_state[one], f"state={one.value}") for one in RECIPIENT_TONES if by_state.get(one)],
        reasons=[_part(one, "warn", by_reason[one], f"left={one.value}") for one in _largest(by_reason, Left)],
        messages=[_part(one, MESSAGE_TONES[one], by_message[one], "state=handed") for one in _largest(by_message, MessageState)],
        unsent=list(told.unsent.items()),
        settled=settled,
        to_settle=settled + by_state.get(RecipientState.PLANNED, 0),
        everybody=everybody,
        next_at=turns["first"],
        last_at=turns["last"],
    )


def _largest(counts: dict[str, int], kind: Any) -> list[Any]:
    return sorted((one for one in kind if counts.get(one)), key=lambda one: -counts[one])


def _part(one: Any, tone: str, count: int, door: str) -> Part:
    return Part(str(one.label), tone, count, door)


# --- who got it, and who did not


@dataclass(frozen=True)
class Line:
    """A recipient with the one reason why it stands where it stands."""

    row: Recipient
    tone: str
    word: str
    reason: str


PAGE = 50


@dataclass(frozen=True)
class Lines:
    lines: list[Line]
    after: int
    more: bool


def recipients(user: User, occurrence: Occurrence, *, state: str, left: str, words: str, after: int, now: datetime) -> Lines:
    """Those of one's own book in the order of their rows, a page from `after` on; the last page costs what the first does."""
    rows = Recipient.objects.for_user(user).filter(occurrence=occurrence, pk__gt=after).select_related("account", "contact", "message")
    if state in RecipientState.values:
        rows = rows.filter(state=state)
    if left in Left.values:
        rows = rows.filter(left=left)
    for word in words.split()[:5]:
        rows = rows.filter(Q(account__name__icontains=word) | Q(contact__name__icontains=word) | Q(contact__email__icontains=word))
    found = list(rows.order_by("pk")[: PAGE + 1])
    return Lines([_line(row, now) for row in found[:PAGE]], found[PAGE - 1].pk if len(found) > PAGE else 0, len(found) > PAGE)


def _line(row: Recipient, now: datetime) -> Line:
    state = RecipientState(row.state)
    if row.message is not None:
        fate = MessageState(row.message.state)
        return Line(row, MESSAGE_TONES[fate], str(fate.label), row.message.reason)
    tone, word = RECIPIENT_TONES[state], str(state.label)
    if row.left:
        return Line(row, tone, word, str(Left(row.left).label))
    if state == RecipientState.HELD_OUT:
        return Line(row, tone, word, "drawn by lot, so that the effect can be told")
    if state == RecipientState.PLANNED:
        return Line(row, tone, "waits for its turn", "")
    if row.enrolment_id:
        return Line(row, tone, "in the sequence", "its steps stand in the play's runs")
    return Line(row, tone, word, "")
