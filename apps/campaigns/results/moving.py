"""Moving the shares of variants: one step is one row, and nothing is moved by guess."""

from datetime import datetime

from django.db import transaction

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import CampaignChanged

from ..models import Campaign, WeightsVersion
from ..types import CampaignState
from . import comparing
from .readout import planned_shares
from .said import of
from .sharing import next_shares, shares_for, smallest_step
from .units import of_campaign


def move_shares(campaign: Campaign, *, actor: Actor, now: datetime) -> WeightsVersion | None:
    """Deal the free share anew by what the variants bring; the control keeps its own. None where nothing is moved."""
    with transaction.atomic():
        # One at a time, so that numbers follow each other.
        row = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if row.state != CampaignState.LIVE or row.current is None:
            return None
        number, present = shares_for(row)
        moved, seen, says = next_shares(row, now=now)
        if moved.why_not or not smallest_step(present, moved.shares) or _broken(row, now):
            return None
        best = max((name for name in moved.shares if name != says.control), key=lambda name: moved.shares[name])
        figures = {
            name: {"exposed": seen.exposed[name], "rate": seen.rates[name], "chance_best": moved.chances[name], "share": moved.shares[name]}
            for name in moved.shares
        }
        last = WeightsVersion.objects.filter(campaign=row).order_by("-number").values_list("number", flat=True).first() or 0
        made = WeightsVersion.objects.create(
            campaign=row,
            number=last + 1,
            weights=moved.shares,
            figures={"variants": figures, "held_out_rate": seen.base, "before": number},
            why=f"{best} is the best with a chance of {moved.chances[best]:.0%}; the control keeps its {moved.shares[says.control]:.0%}."[:250],
            created_at=now,
            created_by=str(actor),
        )
        told = CampaignChanged(campaign_id=row.pk, key=row.key, state=row.state, why=f"shares {made.number}: {made.why}"[:250])
        events.publish(told, actor=actor, now=now)
    return made


def _broken(campaign: Campaign, now: datetime) -> bool:
    """Where the variants have other sizes than they were drawn for, nothing they show can be believed."""
    says = of(campaign)
    units = of_campaign(campaign, says, now=now).first_of_each()
    sizes = comparing.variant_split(units, planned_shares(campaign, says), at_end=False)
    return sizes is not None and sizes.broken


def move_all(*, actor: Actor, now: datetime) -> int:
    """Once a day for every live campaign with more than one variant. Returns how many moved."""
    moved = 0
    for campaign in Campaign.objects.filter(state=CampaignState.LIVE, current__isnull=False).select_related("current").order_by("pk"):
        if len(of(campaign).variants) > 1:
            moved += move_shares(campaign, actor=actor, now=now) is not None
    return moved
