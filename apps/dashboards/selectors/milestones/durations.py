"""How long cohorts take, drawn: bars for a half, three quarters and nine tenths of those who are there, and who is not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from apps.milestones import selectors as milestones
from apps.milestones.models import Milestone
from apps.milestones.types import MilestoneState

_NOTE = (
    "Of those who reached it after it opened to them; whoever had done it all by then took no time and is counted apart. "
    "Shares in brackets are of all who began, also those still on the way or gone (Kaplan-Meier)."
)


@dataclass(frozen=True)
class Taking:
    """One bar: `half`, `most` and `nearly` are percent of the longest; `told` says the days, `rest` who is not counted in them."""

    name: str
    n: int
    known: bool
    told: str
    rest: str
    half: float = 0.0
    most: float = 0.0
    nearly: float = 0.0
    href: str = ""


@dataclass(frozen=True)
class Takes:
    of: str
    rows: list[Taking]
    note: str = _NOTE


def of_live(*, plan: str = "", now: datetime) -> Takes:
    """Every live milestone, of everybody or of the accounts on one plan."""
    live = {one.pk: one for one in Milestone.objects.filter(state=MilestoneState.LIVE)}
    found = [one for one in milestones.durations(by="plan", now=now) if one.cohort == plan and one.milestone_id in live]
    found.sort(key=lambda one: (live[one.milestone_id].position, one.milestone_id))
    names = [(live[one.milestone_id].name, f"{reverse('milestone', args=[live[one.milestone_id].key])}?view=takes") for one in found]
    return Takes("Milestone", _drawn(found, names))


def of_one(milestone: Milestone, *, now: datetime) -> Takes:
    """Everybody first, then each plan, the largest first."""
    found = milestones.durations(milestone.pk, by="plan", now=now)
    found.sort(key=lambda one: (one.cohort != "", -(one.completions + one.under_way), one.cohort))
    return Takes("Plan", _drawn(found, [(one.cohort or "Everybody", "") for one in found]))


def _drawn(found: Sequence[milestones.Durations], names: Sequence[tuple[str, str]]) -> list[Taking]:
    longest = max((one.p90 for one in found if one.p90), default=0.0) or 1.0
    return [_row(one, name, href, longest) for one, (name, href) in zip(found, names, strict=True)]


def _row(one: milestones.Durations, name: str, href: str, longest: float) -> Taking:
    parts = ((one.already, "at once"), (one.under_way, "on the way"), (one.left, "left"))
    rest = ", ".join(f"{count:,} {word}" for count, word in parts if count)
    if one.p50 is None or one.p75 is None or one.p90 is None:
        return Taking(name, one.completions, False, "nobody took any days yet", rest, href=href)
    told = f"{_days(one.p50)} · {_days(one.p75)}{_share(one.share_p75)} · {_days(one.p90)}{_share(one.share_p90)} days"
    half, most, nearly = (round(100 * days / longest, 1) for days in (one.p50, one.p75, one.p90))
    return Taking(name, one.completions, True, told, rest, half, most, nearly, href)


def _days(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


def _share(value: float | None) -> str:
    return "" if value is None else f" ({value:.0%})"
