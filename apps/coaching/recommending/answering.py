"""Answers to tips, and what the choice learns from them."""

from datetime import datetime

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import TipAnswered
from apps.experiments import services as experiments
from apps.experiments.models import PolicyDecision

from ..models import Recommendation, TipAnswerRow
from ..types import ANSWERS, Answer
from .choosing import rules_now, settings_of


def answer(recommendation_id: int, answer: str, *, now: datetime, actor: Actor, note: str = "") -> Recommendation:
    """Accept, not now, not useful or done. The same answer again changes nothing; one that does not follow from the state is refused.

    Accepting and doing count as help at once, not useful counts against it; an acceptance after which the behaviour does not move is taken back when
    the effect is read. Not now says something of the moment and nothing of the tip.
    """
    with transaction.atomic():
        row = Recommendation.objects.select_for_update(of=("self",)).select_related("tip").get(pk=recommendation_id)
        if row.held_back:
            raise Refused("tip_held_back", "This tip was held back at random so that its effect can be told; nobody was shown it.")
        befores, after = ANSWERS[answer]
        if row.state == after:
            return row
        if row.state not in befores:
            raise Refused("tip_answered", f"“{row.tip.name}” is {row.get_state_display()}; {Answer(answer).label} cannot be said any more.")
        row.state, row.answered_at, row.answered_by = after, now, str(actor)
        row.save(update_fields=["state", "answered_at", "answered_by"])
        TipAnswerRow.objects.create(recommendation=row, answer=answer, note=note.strip()[:250], by=str(actor), at=now)
        if answer in (Answer.ACCEPT, Answer.DONE):
            learn(row, helped=True, at=now)
        elif answer == Answer.NOT_USEFUL:
            learn(row, helped=False, at=now)
        told = TipAnswered(account_id=row.account_id, recommendation_id=row.pk, tip=row.tip.key, answer=answer)
        events.publish(told, actor=actor, now=now)
    return row


def learn(row: Recommendation, *, helped: bool, at: datetime) -> bool:
    """Tell the learning choice; it is told the latest word, also where that takes an earlier one back. True when it changed something."""
    if row.decision is None:
        return False
    tell = experiments.settle if helped else experiments.correct
    try:
        return tell(row.decision, success=helped, at=at, settings=settings_of(rules_now()))
    except PolicyDecision.DoesNotExist:
        return False
