"""How an effect goes on: the same estimate for each week after, so that one sees whether it stays."""

from dataclasses import dataclass

import numpy as np

from . import observed, randomised
from .cohort import Cohort, Estimate, Numbers

# With fewer in the smaller arm a week is left out: it would be drawn as a guess.
_FEWEST = 20


@dataclass(frozen=True)
class Week:
    """The effect in one week; week 1 are the first seven days."""

    number: int
    estimate: Estimate


def weeks(cohort: Cohort, after: Numbers, *, by_lot: bool) -> list[Week]:
    """`after`: log rates by unit and week; NaN where the week is not over yet. Units without a week are left out of it."""
    found = []
    for column in range(after.shape[1]):
        known = ~np.isnan(after[:, column])
        units = cohort.only(known).with_after(after[known, column])
        if min(units.n_treated, units.n_others) < _FEWEST:
            continue
        estimate = randomised.effect(units) if by_lot else observed.matched(units)
        if estimate is not None:
            found.append(Week(column + 1, estimate))
    return found


def half_life(found: list[Week]) -> float | None:
    """After how many weeks half of it is left, by a straight line through the logarithms; None where it does not fade or too little is known."""
    points = [(week.number, week.estimate.value) for week in found if week.estimate.value > 0]
    if len(points) < 4 or len(points) < len(found):
        return None
    slope = float(np.polyfit([number for number, _ in points], np.log([value for _, value in points]), 1)[0])
    return float(np.log(2) / -slope) if slope < -0.02 else None


def gone_from(found: list[Week]) -> int | None:
    """The week from which on no week is sure any more, where an earlier one was; None where it is still seen at the end, or never was."""
    sure = [week.number for week in found if week.estimate.sure]
    later = [week.number for week in found if sure and week.number > sure[-1]]
    return later[0] if later else None


def in_words(found: list[Week]) -> str:
    """What the weeks say of how long it lasts; nothing where there are fewer than four."""
    if len(found) < 4:
        return ""
    if not any(week.estimate.sure for week in found):
        return "No week alone is sure."
    if (gone := gone_from(found)) is not None:
        return f"From week {gone} on it is no longer seen."
    half = half_life(found)
    return (
        f"Half of it is gone after about {half:.0f} week{'' if round(half) == 1 else 's'}."
        if half
        else "It does not fade clearly within these weeks."
    )
