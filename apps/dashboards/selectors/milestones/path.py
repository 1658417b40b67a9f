"""The path of one account for staff: where it stands with each milestone, what is next and why, and what may be done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.accounts.models import Account
from apps.milestones import selectors as milestones
from apps.milestones.models import Claim
from apps.milestones.types import Pace, ProgressState

from ..sayings import hands
from .board import TONES, lateness

_STATES = {ProgressState.LOCKED: "later", ProgressState.PAUSED: "paused", ProgressState.ACHIEVED: "reached", ProgressState.DROPPED: "dropped"}


@dataclass(frozen=True)
class Said:
    """Somebody's word about a milestone, as long as it stands."""

    row: Claim
    by: str


@dataclass(frozen=True)
class Shown:
    """One milestone of the path. `told`: where it stands; `whys`: why this variant; `chance`: to reach it in time, in %."""

    step: milestones.Step
    tone: str
    word: str
    told: str
    whys: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    chance: int | None = None
    said: list[Said] = field(default_factory=list)
    may_reach: bool = False
    ruled_out: bool = False

    @property
    def row(self) -> Any:
        return self.step.row


@dataclass(frozen=True)
class Told:
    next: Shown | None
    open: list[Shown]
    reached: list[Shown]
    later: list[Shown]
    total: int
    words: list[str]
    order_words: str
    as_written: bool
    link: str

    @property
    def is_empty(self) -> bool:
        return not self.total


def told(account: Account, *, now: datetime, link: str = "") -> Told:
    """As of now; `link` opens the page as a person of theirs sees it."""
    path = milestones.own_path(account, language="en", for_customer=False)
    view = milestones.path_of(account, now=now)
    said = _said(account)
    shown = {step.key: _shown(step, view, said.get(step.row.milestone_id, []), now) for step in path.steps}
    is_open = (ProgressState.OPEN, ProgressState.PAUSED)
    # An offer stands until its outcome is settled, also where it was reached meanwhile.
    offered = view.next.progress if view.next and view.next.progress.state in is_open else None
    chosen = offered.milestone.key if offered else path.next.key if path.next else ""
    return Told(
        next=shown.get(chosen),
        open=[one for key, one in shown.items() if key != chosen and one.row.state in is_open],
        reached=[shown[step.key] for step in path.reached],
        later=[one for one in shown.values() if one.row.state == ProgressState.LOCKED],
        total=len(path.steps),
        words=view.words,
        order_words=view.order_words,
        as_written=view.as_written,
        link=link,
    )


def then(account: Account, *, moment: datetime) -> list[milestones.Step]:
    """What had been reached by a past moment, the newest first; what was open then is not kept."""
    path = milestones.own_path(account, language="en", for_customer=False)
    return [step for step in path.reached if step.row.achieved_at is not None and step.row.achieved_at <= moment]


def _said(account: Account) -> Mapping[int, list[Said]]:
    rows = list(Claim.objects.standing().filter(account=account).order_by("at", "pk"))
    by = hands(row.actor for row in rows)
    found: dict[int, list[Said]] = {}
    for row in rows:
        found.setdefault(row.milestone_id, []).append(Said(row, by[row.actor]))
    return found


def _shown(step: milestones.Step, view: milestones.PathView, said: list[Said], now: datetime) -> Shown:
    row = step.row
    offered = view.next if view.next and view.next.progress.pk == row.pk else None
    is_open = row.state == ProgressState.OPEN
    return Shown(
        step=step,
        tone=TONES[Pace(row.pace)] if is_open else "good" if step.reached else "calm",
        word=str(row.get_pace_display()) if is_open else _STATES[ProgressState(row.state)],
        told=_told(step, now),
        whys=milestones.why_variant(row).words if row.pk and row.offered_at and not step.reached else [],
        reasons=offered.reasons if offered else [],
        chance=round(100 * offered.chance) if offered else None,
        said=said,
        may_reach=not step.reached,
        ruled_out=row.pk is not None and not row.ruled,
    )


def _told(step: milestones.Step, now: datetime) -> str:
    row = step.row
    if row.achieved_at is not None:
        took = f", {(row.achieved_at - row.opened_at).days} days after it opened" if row.opened_at and row.achieved_at > row.opened_at else ""
        return f"{row.achieved_at:%-d %b %Y}, {row.get_via_display()}{took}"
    if row.state == ProgressState.LOCKED:
        return f"opens after {', '.join(f'“{name}”' for name in step.needs)}" if step.needs else "opens later"
    if row.state == ProgressState.PAUSED and row.paused_at:
        return f"its clock stands still since {row.paused_at:%-d %b}"
    return lateness(row, now)
