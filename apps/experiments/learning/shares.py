"""By which shares the arms of a running comparison are drawn next: Thompson sampling over a whole batch, with the control's share left alone.

The weights stand still within a batch, so that every unit's chance is known and each batch can be compared within itself. Nothing moves before every
arm has been exposed to 100 units whose outcome is known; after that no arm falls below a floor, so that it can still be seen to be the better one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .thompson import Tally, posterior

LEAST_EXPOSED = 100
FLOOR = 0.05
_DRAWS = 4_000


@dataclass(frozen=True)
class Moved:
    """New shares of all arms, summing to 1, with the chance of each to be the best; `why_not` where nothing is moved."""

    shares: dict[str, float]
    chances: dict[str, float]
    why_not: str = ""


def moved(
    exposed: Mapping[str, int],
    tallies: Mapping[tuple[str, str], Tally],
    present: Mapping[str, float],
    *,
    control: str,
    sizes: Mapping[str, float] | None = None,
    seed: int = 0,
    least: int = LEAST_EXPOSED,
    floor: float = FLOOR,
) -> Moved:
    """`tallies` by (group of units, arm), `sizes` the units of each group. `control` keeps its share; the rest is dealt by the chance to be best.

    An arm's rate in a group leans on its rate in the others as far as the groups are alike (thompson.posterior); the draw of all groups together,
    weighted by their sizes, decides who is best.
    """
    names = list(present)
    others = [name for name in names if name != control]
    short = {name: least - exposed.get(name, 0) for name in names if exposed.get(name, 0) < least}
    if not others or len(names) < 2:
        return Moved(dict(present), {}, "There is only one variant.")
    if short:
        listed = ", ".join(f"{name} {missing:,}" for name, missing in short.items())
        words = f"We cannot tell yet: shares stay until every variant has {least} accounts whose window is over; missing: {listed}."
        return Moved(dict(present), {}, words)
    draws = np.random.default_rng(seed)
    groups = sorted({group for group, _ in tallies})
    weights = np.array([(sizes or {}).get(group, 1.0) for group in groups], dtype=np.float64)
    weights = weights / weights.sum()
    prior = _whole_rate(tallies)
    rates = np.zeros((_DRAWS, len(names)))
    for column, name in enumerate(names):
        for weight, group in zip(weights, groups, strict=True):
            rates[:, column] += weight * draws.beta(*posterior(group, name, tallies, prior), _DRAWS)
    best = np.bincount(rates.argmax(axis=1), minlength=len(names)) / _DRAWS
    free = np.array([names.index(name) for name in others])
    won = np.bincount(rates[:, free].argmax(axis=1), minlength=len(others)) / _DRAWS
    rest = 1 - present[control] if control in present else 1.0
    least_share = min(floor, rest / len(others))
    dealt = least_share + (rest - least_share * len(others)) * won
    shares = {name: float(share) for name, share in zip(others, dealt, strict=True)}
    return Moved(
        {name: present[name] if name == control else shares[name] for name in names},
        {name: float(chance) for name, chance in zip(names, best, strict=True)},
    )


def _whole_rate(tallies: Mapping[tuple[str, str], Tally]) -> float:
    tries = sum(tally.tries for tally in tallies.values())
    return (sum(tally.successes for tally in tallies.values()) + 1) / (tries + 2)
