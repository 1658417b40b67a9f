"""One milestone: how far the company's accounts are with it, what it says, what each version changed, and what its buttons do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from apps.accounts.models import Account
from apps.accounts.types import Stage
from apps.milestones.models import Milestone, MilestoneVersion, Progress
from apps.milestones.types import MilestoneState, Pace, ProgressState

from ..sayings import hands
from . import words

MOST_VERSIONS = 40
TONES = {MilestoneState.LIVE: "good", MilestoneState.DRAFT: "info", MilestoneState.RETIRED: "calm"}


@dataclass(frozen=True)
class Stair:
    """One step of the funnel: how many came so far, of those on the path."""

    word: str
    count: int
    of: int

    @property
    def percent(self) -> int:
        return round(100 * self.count / self.of) if self.of else 0


@dataclass(frozen=True)
class Version:
    row: MilestoneVersion
    by: str
    changes: list[words.Change] = field(default_factory=list)


@dataclass(frozen=True)
class Act:
    """A button: the state it leads to, its word, and what it does in the numbers of now."""

    state: str
    label: str
    does: str
    main: bool = False


def names() -> dict[str, str]:
    return dict(Milestone.objects.values_list("key", "name"))


def audience(said: Mapping[str, Any]) -> Any:
    """The customers on whose path a definition stands."""
    wanted = said.get("audience") if isinstance(said.get("audience"), dict) else {}
    lists = {f"{name}__in": values for name, values in (wanted or {}).items() if name in words.AUDIENCE and isinstance(values, list) and values}
    return Account.objects.exclude(stage=Stage.CHURNED).filter(**lists)


def funnel(milestone: Milestone) -> list[Stair]:
    """Of the customers on whose path it stands: to how many it is open, who has begun, who is there."""
    said = milestone.current.definition if milestone.current else {}
    mine = Progress.objects.filter(milestone=milestone, account__in=audience(said))
    there = Q(state=ProgressState.ACHIEVED)
    told = mine.aggregate(
        opened=Count("pk", filter=Q(opened_at__isnull=False) | there),
        begun=Count("pk", filter=Q(started_at__isnull=False) | there),
        reached=Count("pk", filter=there),
    )
    of = audience(said).count()
    parts = (("on their path", of), ("open to them", told["opened"]), ("begun", told["begun"]), ("reached", told["reached"]))
    return [Stair(word, count, of) for word, count in parts]


def under_way(milestones: Iterable[Milestone]) -> dict[int, dict[str, int]]:
    """Per milestone how many accounts are at each pace, and how many are there."""
    found: dict[int, dict[str, int]] = {}
    rows = Progress.objects.filter(milestone__in=list(milestones)).exclude(account__stage=Stage.CHURNED)
    for key, state, pace, count in rows.values_list("milestone", "state", "pace").annotate(count=Count("pk")).order_by():
        own = found.setdefault(key, {})
        word = pace if state == ProgressState.OPEN else "reached" if state == ProgressState.ACHIEVED else ""
        if word:
            own[word] = own.get(word, 0) + count
    return found


def versions(milestone: Milestone, named: Mapping[str, str]) -> list[Version]:
    """Newest first, each with what it changed."""
    rows = list(milestone.versions.order_by("-number")[: MOST_VERSIONS + 1])
    by = hands(row.created_by for row in rows)
    before: Iterable[MilestoneVersion | None] = [*rows[1:], None]
    told = [
        Version(row, by[row.created_by], words.changes(old.definition, row.definition, named) if old else [])
        for row, old in zip(rows, before, strict=True)
    ]
    return told[:MOST_VERSIONS]


def acts(milestone: Milestone, counts: Mapping[str, int]) -> list[Act]:
    waiting = sum(counts.get(pace, 0) for pace in Pace.values)
    ways = f"{waiting} account{'' if waiting == 1 else 's'}"
    if milestone.state == MilestoneState.LIVE:
        does = f"{ways} on the way to it leave{'s' if waiting == 1 else ''} it behind; what was reached stays reached."
        return [Act("retired", "Retire", does[:1].upper() + does[1:])]
    does = "Accounts are judged by it from now on; what they reached before counts, and nobody is told of that."
    if milestone.current is None:
        return []
    return [Act("live", "Put live", does, main=True)]
