"""Stopping and going on. A pause holds what is queued too: nothing of a paused campaign leaves after the claims that are under way."""

from datetime import datetime

from django.db import transaction

from apps.core.actor import Actor
from apps.interventions import services as interventions
from apps.interventions.models import Enrolment
from apps.interventions.types import EnrolmentState, ExitReason
from apps.messaging import services as messaging
from apps.messaging.models import Message
from apps.messaging.types import RECALLABLE

from ..models import Campaign, Occurrence, Recipient
from ..types import CampaignState, OccurrenceState, RecipientState
from . import moments
from .written import turn

_AT_ONCE = 1_000
_AT_WORK = (OccurrenceState.PLANNED, OccurrenceState.FREEZING, OccurrenceState.SENDING)


def pause(campaign: Campaign, *, why: str = "", actor: Actor, now: datetime) -> Campaign:
    """Nothing more is handed over, and what waits to leave stays. Waits for a batch that is just being handed over."""
    with transaction.atomic():
        row = turn(campaign, CampaignState.PAUSED, why=why or "paused", actor=actor, now=now)
        messaging.hold_series(row.series, reason=f"The campaign “{row.name}” is paused.", now=now)
    return row


def resume(campaign: Campaign, *, actor: Actor, now: datetime) -> Campaign:
    """It goes on where it was. The brakes begin to count anew; hours that passed meanwhile are not made up for, but for a single one."""
    with transaction.atomic():
        before = Campaign.objects.select_related("current").get(pk=campaign.pk)
        next_at = before.next_at
        if next_at is not None and next_at <= now:
            next_at = moments.next_due(before.says, after=now)
        row = turn(campaign, CampaignState.LIVE, why="resumed", actor=actor, now=now, next_at=next_at, judged_from=now, slowed_at=None)
        messaging.lift_series(row.series, now=now)
    return row


def abort(campaign: Campaign, *, why: str = "", actor: Actor, now: datetime) -> Campaign:
    """It is over: who has not had it gets nothing, what waits to leave is taken back, its sequences end."""
    with transaction.atomic():
        words = why or "aborted"
        row = turn(campaign, CampaignState.ABORTED, why=words, actor=actor, now=now, next_at=None)
        mine = Occurrence.objects.filter(campaign=row, state__in=_AT_WORK)
        Recipient.objects.filter(occurrence__campaign=row, state=RecipientState.PLANNED).update(state=RecipientState.CANCELLED, settled_at=now)
        mine.update(state=OccurrenceState.ABORTED, done_at=now)
        reason = f"The campaign “{row.name}” was aborted: {words}" if why else f"The campaign “{row.name}” was aborted."
        waiting = list(Message.objects.filter(series=row.series, state__in=RECALLABLE).order_by("pk").values_list("pk", flat=True))
        for place in range(0, len(waiting), _AT_ONCE):
            messaging.cancel_waiting(message_ids=waiting[place : place + _AT_ONCE], reason=reason, actor=actor, now=now)
        runs = Recipient.objects.filter(occurrence__campaign=row, enrolment__isnull=False).values("enrolment")
        running = list(Enrolment.objects.filter(pk__in=runs).exclude(state=EnrolmentState.ENDED).values_list("pk", flat=True))
        for place in range(0, len(running), _AT_ONCE):
            interventions.end_all(dict.fromkeys(running[place : place + _AT_ONCE], ExitReason.MANUAL), actor=actor, now=now)
        messaging.lift_series(row.series, now=now)
    return row


def archive(campaign: Campaign, *, actor: Actor, now: datetime) -> Campaign:
    """Out of the lists; what it did stays."""
    with transaction.atomic():
        return turn(campaign, CampaignState.ARCHIVED, why="archived", actor=actor, now=now)
