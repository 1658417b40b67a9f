"""Writing campaigns: versions that are never changed, and the states a campaign goes through."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import CampaignChanged

from .. import definition
from ..definition import Definition
from ..models import Campaign, CampaignVersion, Segment
from ..types import CAMPAIGN_TURNS, CampaignKind, CampaignState
from . import launching, moments


def create(
    *, key: str, name: str, kind: str = CampaignKind.MESSAGE, why: str = "", says: Any, note: str = "", actor: Actor, now: datetime
) -> Campaign:
    """A new campaign as a draft with its first version. Raises Flaws where the definition cannot be understood."""
    definition.read(says, kind)
    with transaction.atomic():
        if Campaign.objects.filter(key=key).exists():
            raise Refused("campaign_exists", f"There is a campaign {key!r} already; save a new version of it.")
        campaign = Campaign.objects.create(key=key, name=name, kind=kind, why=why)
        save_version(campaign, says=says, note=note or "First version.", actor=actor, now=now)
    return campaign


def save_version(campaign: Campaign, *, says: Any, note: str = "", actor: Actor, now: datetime) -> CampaignVersion:
    """The next version. What has begun finishes on its own; the next occurrence takes this one. The same words again make no new version."""
    typed = definition.read(says, campaign.kind)
    said = definition.plain(typed)
    with transaction.atomic():
        row = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
        if row.state in (CampaignState.DONE, CampaignState.ABORTED, CampaignState.ARCHIVED):
            raise Refused("campaign_over", f"“{row.name}” is {row.get_state_display()}: write a new campaign instead.")
        latest = row.versions.order_by("-number").first()
        if latest is not None and latest.definition == said:
            return latest
        segment = _segment(typed)
        if row.state in (CampaignState.LIVE, CampaignState.PAUSED):
            launching.check(row, typed, now=now)
        number = (row.versions.aggregate(last=Max("number"))["last"] or 0) + 1
        version = CampaignVersion.objects.create(campaign=row, number=number, definition=said, note=note[:250], created_at=now, created_by=str(actor))
        row.current, row.segment, row.starts_on = version, segment, starts_on(typed)
        if row.state in (CampaignState.LIVE, CampaignState.PAUSED):
            row.next_at = moments.next_due(typed, after=now)
        row.version += 1
        row.save(update_fields=["current", "segment", "starts_on", "next_at", "version"])
        _tell(row, f"version {number}", actor=actor, now=now)
    for name in ("current", "segment", "starts_on", "next_at", "version"):
        setattr(campaign, name, getattr(row, name))
    return version


def _segment(says: Definition) -> Segment | None:
    if not says.segment:
        return None
    found = Segment.objects.filter(key=says.segment).first()
    if found is None:
        raise definition.Flaws([("segment", f"There is no segment {says.segment!r}.")])
    return found


def starts_on(says: Definition) -> str:
    """The trigger as an event looks it up: event:milestone.achieved, enters; nothing for what has an hour or is started by hand."""
    if isinstance(says.when, definition.OnEvent):
        return f"event:{says.when.event}"
    return "enters" if isinstance(says.when, definition.Enters) else ""


def describe(campaign: Campaign, *, name: str, why: str, actor: Actor, now: datetime) -> None:
    """What it is called and what it is for; neither changes what it does, so no version is made."""
    with transaction.atomic():
        row = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
        if (row.name, row.why) != (name, why):
            Campaign.objects.filter(pk=row.pk).update(name=name, why=why, version=row.version + 1)
            campaign.version = row.version + 1
            _tell(row, "was described anew", actor=actor, now=now)
    campaign.name, campaign.why = name, why


def turn(campaign: Campaign, to: CampaignState, *, why: str, actor: Actor, now: datetime, **values: Any) -> Campaign:
    """The one writer of a campaign's state. Refused where it cannot turn there. Call it in a transaction; the row stays locked until its end."""
    row = Campaign.objects.select_for_update(of=("self",)).select_related("current").get(pk=campaign.pk)
    if to not in CAMPAIGN_TURNS[row.state]:
        raise Refused("campaign_cannot_turn", f"“{row.name}” is {row.get_state_display()}; it cannot become {to.label} from there.")
    for name, value in {**values, "state": to, "state_why": why[:250], "version": row.version + 1}.items():
        setattr(row, name, value)
        setattr(campaign, name, value)
    row.save(update_fields=["state", "state_why", "version", *values])
    _tell(row, why, actor=actor, now=now)
    return row


def _tell(row: Campaign, why: str, *, actor: Actor, now: datetime) -> None:
    events.publish(CampaignChanged(campaign_id=row.pk, key=row.key, state=str(row.state), why=why[:250]), actor=actor, now=now)
