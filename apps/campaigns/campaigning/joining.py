"""People who come one by one: an event starts a campaign for its account, or the account came into the segment. They join the day's occurrence."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from apps.core.jobs import after_commit
from apps.events.models import Event
from apps.events.vocabulary import AccountEvent, SegmentEntered

from ..definition import OnEvent
from ..models import Campaign, Membership, Occurrence
from ..types import CampaignState, OccurrenceState
from . import freezing, moments

# What comes later tells of a moment that has passed.
LATEST = timedelta(hours=24)


def on_event(event: AccountEvent, row: Event, *, now: datetime) -> int:
    """Campaigns that begin with such an event. Returns how many let the account in (or wrote down why not)."""
    if row.at < now - LATEST:
        return 0
    live = Campaign.objects.filter(state=CampaignState.LIVE, starts_on=f"event:{row.type}").select_related("current").order_by("pk")
    return sum(_let_in(campaign, [event.account_id], now=now) for campaign in live if wanted(campaign.says.when, vars(event)))


def on_segment(event: SegmentEntered, row: Event, *, now: datetime) -> int:
    """Campaigns for those who come into this segment."""
    if row.at < now - LATEST:
        return 0
    live = Campaign.objects.filter(state=CampaignState.LIVE, starts_on="enters", segment=event.segment_id).select_related("current").order_by("pk")
    return sum(_let_in(campaign, [event.account_id], now=now) for campaign in live)


def wanted(when: Any, said: Mapping[str, Any]) -> bool:
    """Every named fact equal, or among the values listed."""
    if not isinstance(when, OnEvent):
        return False
    return all(said.get(name) in value if isinstance(value, list) else said.get(name) == value for name, value in when.when.items())


def _let_in(campaign: Campaign, account_ids: Collection[int], *, now: datetime) -> bool:
    inside = set(account_ids)
    if campaign.segment_id:
        inside &= set(Membership.objects.open().filter(segment=campaign.segment_id, account__in=account_ids).values_list("account_id", flat=True))
    if not inside:
        return False
    with transaction.atomic():
        state = Campaign.objects.raw("select id, state from campaigns_campaign where id = %s for share", [campaign.pk])[0].state
        if state != CampaignState.LIVE:
            return False
        assert campaign.current is not None
        key = f"{now.astimezone(UTC).date()}/v{campaign.current.number}"
        named = {"version": campaign.current, "due_at": now, "frozen_at": now, "state": OccurrenceState.SENDING}
        occurrence, _ = Occurrence.objects.get_or_create(campaign=campaign, key=key, defaults=named)
        into(occurrence, inside, now=now)
    return True


def into(occurrence: Occurrence, account_ids: Collection[int], *, now: datetime) -> None:
    """Write these accounts down in an occurrence. Whoever is in it stays as they are."""
    freezing.join(occurrence, account_ids, now=now)
    open_again = Occurrence.objects.filter(pk=occurrence.pk).exclude(state__in=[OccurrenceState.SENDING, OccurrenceState.ABORTED])
    open_again.update(state=OccurrenceState.SENDING, frozen_at=now, done_at=None)
    after_commit("campaigns.advance")


def is_open(occurrence: Occurrence, now: datetime) -> bool:
    """Whether more may come into it: a day's occurrence, until the day is over."""
    return occurrence.version.says.triggered and not occurrence.key.startswith("by-hand") and now < moments.midnight_after(occurrence.due_at)
