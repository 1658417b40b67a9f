"""How hard a milestone is made, and whether that turns out as it was meant."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from apps.milestones.models import Milestone


@dataclass(frozen=True)
class Fit:
    """One variant. `percent` reached of those settled; None where they are too few to say."""

    name: str
    factor: str
    given: int
    settled: int
    percent: int | None


@dataclass(frozen=True)
class Fits:
    rows: Sequence[Fit] = field(default_factory=list)
    note: str = "Nobody was offered it in a variant yet."
    target: int = 0


def of(milestone: Milestone) -> Fits:
    return Fits()
