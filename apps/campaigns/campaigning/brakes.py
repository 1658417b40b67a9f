"""A campaign that people complain about stops by itself.

The rule, over the messages of a campaign that arrived since its launch or last resume:
- complaints (spam reports told by the mail service) >= 0.1 % of them, or unsubscribes within a week of the message >= 1 %: it is slowed to a few an
  hour;
- complaints >= 0.3 %, or unsubscribes >= 3 %: it is paused, what is queued is held, and a person decides.
Fewer than three complaints (ten unsubscribes) say nothing yet: one of ten is no rate.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import CampaignChanged

from ..models import Campaign
from ..types import CampaignState
from .control import pause

SLOW, STOP = (0.001, 0.01), (0.003, 0.03)
FEWEST_COMPLAINTS, FEWEST_UNSUBSCRIBES = 3, 10
_A_WEEK = timedelta(days=7)
_ACTOR = Actor.job("campaigns.brakes")
# A campaign is looked at while messages of it are young.
_LOOKED_AT = timedelta(days=14)
_COUNT = """
with mine as (
    select id, contact_id, channel, topic, sent_at from messaging_message
    where series = %(series)s and state in ('sent', 'delivered', 'replied') and sent_at >= %(since)s
)
select (select count(*) from mine),
    (select count(distinct p.message_id) from messaging_providerevent p join mine on mine.id = p.message_id where p.raw ->> 'type' = 'complained'),
    (select count(distinct k.contact_id) from messaging_consent k join mine on mine.contact_id = k.contact_id and mine.channel = k.channel
        and mine.topic = k.topic where not k.allowed and k.at > mine.sent_at and k.at <= mine.sent_at + %(week)s)
"""


@dataclass(frozen=True)
class Pressed:
    """What came of the messages that arrived."""

    arrived: int
    complaints: int
    unsubscribes: int

    def over(self, rates: tuple[float, float]) -> str:
        """Why it should brake, in words, or nothing."""
        for count, fewest, rate, words in (
            (self.complaints, FEWEST_COMPLAINTS, rates[0], "complained"),
            (self.unsubscribes, FEWEST_UNSUBSCRIBES, rates[1], "unsubscribed"),
        ):
            if count >= fewest and count >= rate * self.arrived:
                return f"{count} of {self.arrived} {words} ({100 * count / self.arrived:.2f} %; the limit is {100 * rate:g} %)."
        return ""


def pressed(campaign: Campaign, *, now: datetime) -> Pressed:
    since = campaign.judged_from or campaign.launched_at or now
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"series": campaign.series, "since": since, "week": _A_WEEK})
        return Pressed(*cursor.fetchone())


def look(*, now: datetime) -> int:
    """Brake every live campaign that has to. Returns how many were slowed or paused."""
    live = Campaign.objects.filter(state=CampaignState.LIVE, occurrences__due_at__gt=now - _LOOKED_AT).distinct().order_by("pk")
    return sum(_brake(campaign, pressed(campaign, now=now), now) for campaign in live)


def _brake(campaign: Campaign, found: Pressed, now: datetime) -> bool:
    if why := found.over(STOP):
        pause(campaign, why=f"Paused by the brake: {why}", actor=_ACTOR, now=now)
        return True
    why = found.over(SLOW)
    if not why or campaign.slowed_at is not None:
        return False
    words = f"Slowed by the brake: {why}"
    with transaction.atomic():
        slowed = Campaign.objects.filter(pk=campaign.pk, state=CampaignState.LIVE, slowed_at=None).update(slowed_at=now, state_why=words[:250])
        if slowed:
            told = CampaignChanged(campaign_id=campaign.pk, key=campaign.key, state=CampaignState.LIVE.value, why=words[:250])
            events.publish(told, actor=_ACTOR, now=now)
    return bool(slowed)
