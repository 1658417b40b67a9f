"""What a session is about, made from what is known of the account: the same facts give the same agenda."""

from datetime import datetime, timedelta
from typing import Any

from apps.accounts.models import Account, Promise, Ticket
from apps.accounts.types import PromiseState, TicketState
from apps.churn import selectors as churn
from apps.churn.models import AccountRisk
from apps.core.reading import Reading
from apps.milestones.models import Progress
from apps.milestones.types import Pace, ProgressState

from ..models import CoachingProfile, Session
from ..session_types import TOOK_PLACE

MOST = 6
_OLD_TICKET = timedelta(days=2)
_PACES = {Pace.STUCK: 0, Pace.BEHIND: 1, Pace.ON_TRACK: 2}


def agenda(account: Account, *, now: datetime) -> Reading[list[dict[str, Any]]]:
    """At most six points: {"words", "because", "about"}. What was agreed last time comes first, then what we owe them, then what is in the way."""
    last = Session.objects.filter(account=account, state__in=TOOK_PLACE).select_related("goal").order_by("-ended_at")[:1]
    promises = Promise.objects.filter(account=account, state=PromiseState.OPEN, by_customer=False).order_by("due_on", "id")[:2]
    steps = Progress.objects.filter(account=account, state=ProgressState.OPEN).select_related("milestone").order_by("opened_at", "id")[:20]
    profiles = CoachingProfile.objects.filter(account=account)
    risks = AccountRisk.objects.filter(account=account)
    tickets = (
        Ticket.objects.filter(account=account, opened_at__lt=now - _OLD_TICKET).exclude(state=TicketState.SOLVED).order_by("opened_at", "id")[:2]
    )
    yield last, promises, steps, profiles, risks, tickets
    points: list[dict[str, Any]] = []
    for session in last:
        points += _last_time(session)
    points += [_point(f"We promised: {one.text}", f"due {one.due_on:%-d %b}", f"promise:{one.pk}") for one in promises]
    for step in sorted(steps, key=lambda one: (_PACES[Pace(one.pace)], one.milestone.position, one.pk))[:2]:
        since = f"open for {(now - step.opened_at).days} days" if step.opened_at else "open"
        pace = "" if step.pace == Pace.ON_TRACK else f", {step.get_pace_display()}"
        points.append(_point(f"Reach “{step.milestone.name}”", f"{step.have:g} of {step.target:g}, {since}{pace}", f"progress:{step.pk}"))
    for profile in profiles:
        points += [
            _point(f"Widen: {gap.get('name') or gap.get('words', '')}", gap.get("words", ""), f"profile:{profile.pk}") for gap in profile.gaps[:2]
        ]
    for risk in risks:
        raising = [reason["words"] for reason in risk.reasons if reason.get("contribution", 0) > 0 and not _given(reason)]
        points += [_point(f"Ask about: {words}", "it raises their risk", f"prediction:{risk.prediction_id}") for words in raising[:2]]
    points += [_point(f"Open question: {ticket}", f"since {ticket.opened_at:%-d %b}", f"ticket:{ticket.pk}") for ticket in tickets]
    return points[:MOST] or [_point("Ask what they want to be true in four weeks", "nothing stands out in what is known of them", "")]


def _given(reason: dict[str, Any]) -> bool:
    """What an account is (its size, its plan) nobody changes by talking about it."""
    return churn.is_static(churn.describe(str(reason.get("feature", ""))).family)


def _last_time(session: Session) -> list[dict[str, Any]]:
    goal = getattr(session, "goal", None)
    if goal is None:
        return []
    return [_point(f"Last time they wanted to: {goal.action}", f"agreed on {session.ended_at:%-d %b}", f"session:{session.pk}")]


def _point(words: str, because: str, about: str) -> dict[str, Any]:
    return {"words": words[:250], "because": because[:250], "about": about}
