"""What is kept of results: the read-out of every day, and when accounts came to fulfil goals that only their state tells."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Max

from apps.interventions.services import conditions, facts
from apps.interventions.services import definition as plays

from ..models import Campaign, FrozenReadout, GoalReached, Occurrence, Recipient
from ..types import RecipientState
from .history import figures_of
from .readout import readout
from .said import Said, of, said

# So long after its window a campaign is still read once more: facts come late.
_AFTER = timedelta(days=7)
_BATCH = 1_000


def freeze_readouts(*, now: datetime) -> int:
    """Keep today's read-out of every campaign that went out and whose windows were open within the last week. Returns how many were new."""
    kept = 0
    for campaign in _in_sight(now):
        if not FrozenReadout.objects.filter(campaign=campaign, on=now.date()).exists():
            found = readout(campaign, now=now)
            row = FrozenReadout(
                campaign=campaign, on=now.date(), as_of=now, verdict=found.verdict, words=found.words[:500], figures=figures_of(found)
            )
            FrozenReadout.objects.bulk_create([row], ignore_conflicts=True)
            kept += 1
    return kept


def _in_sight(now: datetime) -> Iterator[Campaign]:
    newest = Campaign.objects.annotate(last=Max("occurrences__frozen_at")).filter(last__isnull=False, last__lte=now).select_related("current")
    for campaign in newest.order_by("pk"):
        if campaign.last + timedelta(days=of(campaign).window_days) + _AFTER > now:
            yield campaign


def judge_goals(*, now: datetime) -> int:
    """Note which accounts, treated and held out alike, now fulfil a goal that their state tells; for windows that closed since, as of then."""
    noted = 0
    recent = Occurrence.objects.filter(frozen_at__lte=now, frozen_at__gt=now - timedelta(days=366)).select_related("version", "campaign")
    for occurrence in recent.order_by("pk"):
        says = said(occurrence.version)
        assert occurrence.frozen_at is not None
        ends = occurrence.frozen_at + timedelta(days=says.window_days)
        if isinstance(says.goal, plays.Becomes) and ends > now - timedelta(days=1):
            noted += _note(occurrence, says, min(now, ends))
    return noted


def _note(occurrence: Occurrence, says: Said, at: datetime) -> int:
    assert isinstance(says.goal, plays.Becomes)
    known = GoalReached.objects.filter(occurrence=occurrence).values("account")
    drawn = Recipient.objects.filter(occurrence=occurrence).exclude(state=RecipientState.EXCLUDED).exclude(account__in=known)
    open_ones = sorted(set(drawn.values_list("account_id", flat=True)))
    wanted = conditions.facts_in(says.goal.when)
    noted = 0
    for start in range(0, len(open_ones), _BATCH):
        told = facts.of(open_ones[start : start + _BATCH], names=wanted, now=at)
        fulfilled = [key for key, known_of in told.items() if conditions.holds(says.goal.when, known_of)]
        rows = [GoalReached(occurrence=occurrence, account_id=key, at=at) for key in fulfilled]
        GoalReached.objects.bulk_create(rows, ignore_conflicts=True)
        noted += len(rows)
    return noted
