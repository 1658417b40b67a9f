"""Word of mouth as staff see it: choices of a person, right moments, asks, challenges, statements."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum

from apps.accounts.models import Account, Contact, User
from apps.community.models import Ask, Challenge, Favour, Moment, NamedConsent, Published, SharingChoice, Statement
from apps.community.selectors import Measured, measured, sentence, standing
from apps.community.types import OPEN_ASKS, AskState, MomentState, Surface
from apps.core.reading import Reading
from apps.messaging import selectors as messaging


@dataclass(frozen=True)
class Line:
    """One choice, or one thing that would name somebody, in a word and its tone."""

    tone: str
    word: str
    surface: Surface | None = None
    at: object = None
    source: str = ""
    item: str = ""
    words: str = ""


@dataclass(frozen=True)
class Sharing:
    token: str
    standings: list[Line] = field(default_factory=list)
    named: list[Line] = field(default_factory=list)


def sharing_of(contact: Contact) -> Reading[Sharing]:
    """What a person takes part in, and what may name them."""
    newest = SharingChoice.objects.filter(contact=contact).order_by("surface", "-id").distinct("surface")
    named = NamedConsent.objects.filter(contact=contact).order_by("-asked_at", "-id")
    yield [newest, named]
    said = {row.surface: row for row in newest}
    lines = []
    for surface in Surface:
        one = standing(surface, said.get(surface))
        lines.append(Line("good" if one.allowed else "calm", "yes" if one.allowed else "no", surface, one.at, one.source))
    asked = [
        Line(*(("warn", "asked") if row.allowed is None else ("good", "yes") if row.allowed else ("calm", "no")), item=row.item, words=row.words)
        for row in named
    ]
    return Sharing(messaging.preferences_token(contact.pk), lines, asked)


@dataclass(frozen=True)
class AskLine:
    """An ask with the reasons of its moment, and what may be done with it."""

    ask: Ask
    reasons: list[dict[str, Any]]
    tone: str


@dataclass(frozen=True)
class StatementLine:
    """A statement with what the newest round made of it."""

    statement: Statement
    sentence: str
    newest: Published | None


@dataclass(frozen=True)
class ChallengeLine:
    challenge: Challenge
    entries: int
    reached: int
    late: int
    percent: int


@dataclass(frozen=True)
class Desk:
    proposed: list[AskLine]
    running: list[AskLine]
    ended: list[AskLine]
    moments: list[Moment]
    held_out: int
    challenges: list[ChallengeLine]
    statements: list[StatementLine]
    measured: Measured
    owed: list[Favour]


_TONES = {"proposed": "info", "asked": "calm", "agreed": "good", "done": "good", "declined": "warn", "expired": "calm"}
_MOST = 12
LOOK_BACK = timedelta(days=180)


def desk(user: User, *, now: datetime) -> Reading[Desk]:
    """Everything of word of mouth in a book: what waits for a yes, what runs, what came of it, challenges and statements of everybody."""
    asks = Ask.objects.for_user(user).select_related("account", "contact", "moment").order_by("-id")
    proposed, running = asks.filter(state=AskState.PROPOSED)[:_MOST], asks.filter(state__in=[AskState.ASKED, AskState.AGREED])[:_MOST]
    ended = asks.exclude(state__in=OPEN_ASKS)[:_MOST]
    mine = Moment.objects.for_user(user)
    called_off = mine.filter(state__in=[MomentState.CALLED_OFF, MomentState.EXPIRED]).select_related("account", "contact").order_by("-id")[:_MOST]
    held = mine.filter(state=MomentState.HELD_OUT, found_at__gt=now - LOOK_BACK).only("pk")
    owed = Favour.objects.for_user(user).filter(thanked_at=None).select_related("account", "contact").order_by("at", "id")[:_MOST]
    challenges = Challenge.objects.annotate(
        entries_now=Count("entries"),
        reached_now=Count("entries", filter=Q(entries__reached_at__isnull=False)),
        late_now=Sum("entries__late", default=0),
    ).order_by("-first_day", "key")[:_MOST]
    statements = Statement.objects.order_by("key")
    newest = Published.objects.order_by("statement_id", "-on").distinct("statement_id")
    book = Account.objects.for_user(user).only("pk")
    yield [proposed, running, ended, called_off, held, owed, challenges, statements, newest, book]
    numbers = {row.statement_id: row for row in newest}
    return Desk(
        proposed=[_ask(row) for row in proposed],
        running=[_ask(row) for row in running],
        ended=[_ask(row) for row in ended],
        moments=list(called_off),
        held_out=len(held),
        challenges=[_challenge(row) for row in challenges],
        statements=[StatementLine(row, _sentence(row, numbers.get(row.pk)), numbers.get(row.pk)) for row in statements],
        measured=measured([row.pk for row in book], since=now - LOOK_BACK, until=now),
        owed=list(owed),
    )


def _ask(row: Ask) -> AskLine:
    return AskLine(row, row.moment.reasons if row.moment else [], _TONES[row.state])


def _challenge(row: Any) -> ChallengeLine:
    share = round(100 * row.reached_now / row.entries_now) if row.entries_now else 0
    return ChallengeLine(row, row.entries_now, row.reached_now, row.late_now, share)


def _sentence(row: Statement, newest: Published | None) -> str:
    """As customers read it; a dash where the number is not shown."""
    if newest is None or newest.number is None:
        return str(row.words["en"]).replace("{number}", "–")
    return sentence(row, newest.number, "en")
