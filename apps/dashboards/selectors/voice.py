"""What the customer said: tickets, and answers to surveys with their trend."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.accounts.models import Account, SurveyResponse, Ticket
from apps.accounts.types import SurveyKind, TicketState
from apps.core.reading import Reading

from ..types import Spark
from .said import BAD, GOOD, TOP
from .sparks import line

MOST = 25


@dataclass(frozen=True)
class Trend:
    """One kind of survey over time, oldest first."""

    kind: str
    spark: Spark | None
    newest: int
    top: int
    words: str


@dataclass(frozen=True)
class Voice:
    tickets: list[Any]
    open: int
    late: int
    median_hours: int | None
    surveys: list[Any]
    trends: list[Trend]
    unanswered: int


def voice(account: Account, *, now: datetime) -> Reading[Voice]:
    """As of `now`: what was said, answered or solved later is left out."""
    opened = Ticket.objects.filter(account=account, opened_at__lte=now).select_related("contact").order_by("-opened_at")[:MOST]
    answers = SurveyResponse.objects.filter(account=account, at__lte=now).select_related("contact", "loop_closed_by").order_by("-at")[:MOST]
    yield opened, answers
    tickets: list[Any] = list(opened)
    for ticket in tickets:
        _as_it_stood(ticket, now)
    tickets.sort(key=lambda ticket: (ticket.state == TicketState.SOLVED, ticket.priority if ticket.state != TicketState.SOLVED else ""))
    surveys: list[Any] = list(answers)
    for answer in surveys:
        kind = SurveyKind(answer.kind)
        answer.tone = "good" if answer.score >= GOOD[kind] else "bad" if answer.score <= BAD[kind] else "calm"
        answer.top = TOP[kind]
        if answer.loop_closed_at is not None and answer.loop_closed_at > now:
            answer.loop_closed_at = answer.loop_closed_by = None
    waits = sorted((ticket.solved_at - ticket.opened_at).total_seconds() / 3600 for ticket in tickets if ticket.solved_at)
    return Voice(
        tickets=tickets,
        open=sum(1 for ticket in tickets if ticket.state != TicketState.SOLVED),
        late=sum(1 for ticket in tickets if ticket.late),
        median_hours=round(waits[len(waits) // 2]) if waits else None,
        surveys=surveys,
        trends=_trends(surveys),
        unanswered=sum(1 for answer in surveys if answer.tone == "bad" and answer.loop_closed_at is None),
    )


def _as_it_stood(ticket: Any, now: datetime) -> None:
    if ticket.solved_at is not None and ticket.solved_at > now:
        ticket.solved_at, ticket.state = None, TicketState.OPEN
    if ticket.answered_at is not None and ticket.answered_at > now:
        ticket.answered_at = None
    ticket.late = ticket.state != TicketState.SOLVED and (
        (ticket.due_at is not None and ticket.answered_at is None and ticket.due_at < now)
        or (ticket.priority == "p1" and ticket.opened_at < now - timedelta(hours=48))
    )


def _trends(surveys: list[Any]) -> list[Trend]:
    found = []
    for kind in SurveyKind:
        scores = [answer.score for answer in reversed(surveys) if answer.kind == kind]
        if scores:
            words = f"{kind.upper()} {', '.join(map(str, scores[-8:]))}, oldest first"
            drawn = line([float(score) for score in scores], most=float(TOP[kind]), words=words) if len(scores) > 1 else None
            found.append(Trend(kind.upper(), drawn, scores[-1], TOP[kind], words))
    return found
