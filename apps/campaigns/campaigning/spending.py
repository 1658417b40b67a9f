"""How much more a campaign may hand over: its budget, its throttle, and the brake that slows it."""

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.db.models.functions import Coalesce

from apps.messaging.models import Message
from apps.messaging.types import MessageState

from ..definition import Definition
from ..models import Campaign, Recipient
from ..types import RecipientState

# A slowed campaign hands over so many in an hour, until a person resumes it.
SLOWLY = 50
_AN_HOUR = timedelta(hours=1)
_EVERYBODY = sys.maxsize
_COST_NOTHING = (MessageState.CANCELLED, MessageState.SUPPRESSED, MessageState.EXPIRED, MessageState.FAILED)


@dataclass(frozen=True)
class Room:
    """`now_left` in this hour, `budget_left` over all, `money_left` None where money is no limit."""

    now_left: int = _EVERYBODY
    budget_left: int = _EVERYBODY
    money_left: Decimal | None = None


def room(campaign: Campaign, says: Definition, *, now: datetime) -> Room:
    """Read under the campaign's lock where any of it is limited."""
    handed = Recipient.objects.filter(occurrence__campaign=campaign, state=RecipientState.HANDED)
    most = min(says.throttle_per_hour or _EVERYBODY, SLOWLY if campaign.slowed_at else _EVERYBODY)
    now_left = most if most == _EVERYBODY else max(0, most - handed.filter(settled_at__gt=now - _AN_HOUR).count())
    budget_left, money_left = _EVERYBODY, None
    if says.budget.recipients is not None:
        budget_left = max(0, says.budget.recipients - handed.count())
    if says.budget.money is not None:
        money_left = max(Decimal(0), Decimal(str(says.budget.money)) - spent(campaign))
    return Room(now_left, budget_left, money_left)


def spent(campaign: Campaign) -> Decimal:
    """What its messages cost, as told afterwards or as estimated, also of those that have not left yet."""
    mine = Message.objects.filter(series=campaign.series).exclude(state__in=_COST_NOTHING).order_by()
    return mine.aggregate(sum=Sum(Coalesce("cost_actual", "cost_estimate")))["sum"] or Decimal(0)
