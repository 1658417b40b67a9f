"""What is due: occurrences are made at their hour, frozen, worked off and ended. All of it is rows; a lost task loses nothing."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.jobs import after_commit

from ..models import Campaign, Occurrence, Recipient
from ..types import CampaignState, OccurrenceState, RecipientState
from . import brakes, freezing, handing, joining, moments
from .written import turn

_ACTOR = Actor.job("campaigns.advance")
_MOST = 200


def advance(*, now: datetime, learned: bool = False, rounds: int = 20, batch: int = freezing.BATCH) -> int:
    """One round of everything that is due; at most so many batches of each kind of work. Returns how many occurrences were moved."""
    plan_due(now=now)
    brakes.look(now=now)
    moved = 0
    for row in _at_work(now):
        moved += freezing.freeze(row, now=now, batch=batch, most=rounds) if row.state != OccurrenceState.SENDING else 0
    handing.hand_over(now=now, learned=learned, rounds=rounds)
    return moved + finish(now=now)


def plan_due(*, now: datetime, limit: int = _MOST) -> int:
    """Make the occurrences whose hour has come; the same hour never makes a second one. Returns how many were made."""
    made = 0
    with transaction.atomic():
        due = Campaign.objects.filter(state=CampaignState.LIVE, next_at__lte=now).select_related("current").order_by("next_at")
        for row in due.select_for_update(of=("self",), skip_locked=True)[:limit]:
            says = row.says
            assert row.next_at is not None
            if row.next_at + timedelta(hours=says.expires_hours) > now:
                key = moments.key_of(says, row.next_at)
                fresh = Occurrence(campaign=row, version_id=row.current_id, key=key, due_at=row.next_at)
                made += _create(fresh)
            again = moments.next_due(says, after=now)
            # A single one has been made now.
            Campaign.objects.filter(pk=row.pk).update(next_at=None if moments.is_single(says) else again)
    return made


def _create(row: Occurrence) -> bool:
    before = Occurrence.objects.filter(campaign=row.campaign, key=row.key).exists()
    Occurrence.objects.bulk_create([row], ignore_conflicts=True)
    return not before


def start_by_hand(campaign: Campaign, *, actor: Actor, now: datetime, account_ids: Collection[int] | None = None, key: str = "") -> Occurrence:
    """Somebody starts it: for its whole segment, or for these accounts, which need not be in it. The same `key` again gives the first occurrence."""
    name = f"by-hand-{key}"[:40] if key else f"by-hand-{now:%Y-%m-%dT%H:%M:%S}"
    with transaction.atomic():
        row = Campaign.objects.select_for_update(of=("self",), no_key=True).select_related("current").get(pk=campaign.pk)
        if row.state != CampaignState.LIVE:
            raise Refused("campaign_not_live", f"“{row.name}” is {row.get_state_display()}; launch it first.")
        found = Occurrence.objects.filter(campaign=row, key=name).first()
        if found is not None:
            return found
        made = Occurrence.objects.create(campaign=row, version=row.current, key=name, due_at=now)
        if account_ids is not None:
            joining.into(made, account_ids, now=now)
            made.refresh_from_db()
        after_commit("campaigns.advance")
    return made


def _at_work(now: datetime) -> list[Occurrence]:
    open_ones = Occurrence.objects.filter(
        state__in=[OccurrenceState.PLANNED, OccurrenceState.FREEZING], due_at__lte=now, campaign__state=CampaignState.LIVE
    )
    return list(open_ones.order_by("due_at", "pk")[:_MOST])


def finish(*, now: datetime) -> int:
    """End occurrences of which nothing is left to do, and campaigns that had only the one. Returns how many."""
    left = Recipient.objects.filter(occurrence=OuterRef("pk"), state=RecipientState.PLANNED)
    over = Occurrence.objects.filter(state=OccurrenceState.SENDING).exclude(Exists(left)).select_related("campaign", "version")
    ended = 0
    for row in over.order_by("pk")[:_MOST]:
        # A day's occurrence stays open until nobody can join it any more.
        if joining.is_open(row, now):
            continue
        with transaction.atomic():
            if not Occurrence.objects.filter(pk=row.pk, state=OccurrenceState.SENDING).update(state=OccurrenceState.DONE, done_at=now):
                continue
            ended += 1
            if moments.is_single(row.version.says) and row.campaign.state == CampaignState.LIVE and not _more(row.campaign):
                turn(row.campaign, CampaignState.DONE, why="everybody has had their turn", actor=_ACTOR, now=now)
    return ended


def _more(campaign: Campaign) -> bool:
    at_work = Occurrence.objects.filter(campaign=campaign).exclude(state__in=[OccurrenceState.DONE, OccurrenceState.ABORTED])
    return campaign.next_at is not None or at_work.exists()
