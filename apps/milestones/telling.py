"""Announcing what was reached and what no longer counts, each with what brought it about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import DomainEvent, MilestoneAchieved, MilestoneTakenBack

from .models import Milestone, Progress


@dataclass(frozen=True)
class Told:
    """Reached, or lost for a reason in words."""

    row: Progress
    milestone: Milestone
    lost: str = ""


def announce(told: Sequence[Told], *, causes: dict[int, int | None], because: str = "", now: datetime, actor: Actor) -> None:
    """`because` replaces the reason of a loss, where somebody gave one."""
    by_cause: dict[int | None, list[DomainEvent]] = {}
    for one in told:
        by_cause.setdefault(causes.get(one.row.account_id), []).append(_said(one, because))
    known = Event.objects.in_bulk([key for key in by_cause if key])
    for cause, said in by_cause.items():
        events.publish_all(said, actor=actor, now=now, cause=known.get(cause or 0))


def _said(one: Told, because: str) -> DomainEvent:
    row, milestone = one.row, one.milestone
    if one.lost:
        reason = because or one.lost
        return MilestoneTakenBack(account_id=row.account_id, milestone_id=milestone.pk, key=milestone.key, progress_id=row.pk, reason=reason)
    assert row.achieved_at is not None
    return MilestoneAchieved(
        account_id=row.account_id,
        milestone_id=milestone.pk,
        key=milestone.key,
        progress_id=row.pk,
        variant=row.variant,
        achieved_at=row.achieved_at.isoformat(),
        via=row.via,
    )
