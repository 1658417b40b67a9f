"""How hard a milestone is made, and whether that turns out as it was meant."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from apps.milestones import selectors as milestones
from apps.milestones.models import Milestone

# Of fewer offers whose time is over a share would say nothing.
ENOUGH = 10


@dataclass(frozen=True)
class Fit:
    """One variant. `percent` reached in time of the `settled`, and the mean of the chances `told`; None where they are too few to say."""

    name: str
    factor: str
    given: int
    settled: int
    percent: int | None
    told: int | None


@dataclass(frozen=True)
class Fits:
    target: int
    note: str
    rows: Sequence[Fit] = field(default_factory=list)


def of(milestone: Milestone, *, now: datetime) -> Fits:
    """Each variant as it was offered, the easiest first, beside what was aimed at."""
    said = milestone.current.definition.get("variants") if milestone.current else None
    factors = {str(one.get("key")): f"{float(one.get('factor', 1)):g}" for one in said or ()}
    rows = [
        Fit(
            name=one.variant,
            factor=factors.get(one.variant, "?"),
            given=one.over + one.younger,
            settled=one.over,
            percent=round(100 * one.realised) if one.realised is not None and one.over >= ENOUGH else None,
            told=round(100 * one.told) if one.told is not None and one.over >= ENOUGH else None,
        )
        for one in milestones.variants_of(milestone, now=now)
    ]
    note = milestones.target_words() if rows else "It was not offered to anybody yet, so nothing is known of how hard it is."
    return Fits(milestones.winning_rules().target_percent, note, rows)
