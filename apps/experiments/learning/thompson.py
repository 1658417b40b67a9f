"""Which arm (channel, tip, offer) to try next: Thompson sampling with partial pooling, in counts that a person can read.

Every (segment, arm) has successes and failures. Its rate has a Beta prior around the arm's rate over all segments, as heavy as the segments are
alike (kappa, empirical Bayes). What the one customer did themselves pulls a little further. An arm's score is p * value - cost - fatigue with p drawn
from the posterior; forbidden arms are struck out before the best is taken; now and then an allowed arm is taken at random, so that every arm keeps a
known chance, without which nobody could say afterwards what another rule would have been worth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

# How alike segments are taken to be: few pseudo-observations (not alike) to many.
_LEAST_KAPPA, _MOST_KAPPA = 4.0, 200.0
# Taken while there are too few tries to see how alike they are.
_USUAL_KAPPA, _LEAST_TRIES = 20.0, 30
# What was known of an arm before anybody tried it weighs as much as this many tries.
PRIOR_WEIGHT = 10.0
# Posterior counts are doubled: half the spread of a plain posterior, which explores too much for a few thousand decisions.
SHARPNESS = 2.0
FLOOR = 0.03
_OWN_KAPPA = 10.0
_DRAWS = 500


@dataclass(frozen=True)
class Tally:
    """What came of the tries so far; parts of one where older tries count less."""

    successes: float = 0.0
    failures: float = 0.0

    @property
    def tries(self) -> float:
        return self.successes + self.failures


@dataclass(frozen=True)
class Option:
    """An arm that may be taken. `prior`: the rate expected before anything is known; `own`: what this customer did with it."""

    arm: str
    value: float
    cost: float = 0.0
    fatigue: float = 0.0
    prior: float = 0.1
    own: Tally = Tally()


@dataclass(frozen=True)
class Pick:
    """`propensities`: the chance that each option had, in their order; `rates`: what each is expected to do."""

    index: int
    explored: bool
    propensities: list[float]
    rates: list[float]

    @property
    def propensity(self) -> float:
        return self.propensities[self.index]


def kappa(tallies: Sequence[Tally], mean: float) -> float:
    """How many tries the arm's overall rate is worth in a segment: the method of moments for beta-binomial counts, clipped to 4..200."""
    seen = [tally for tally in tallies if tally.tries >= 1]
    if len(seen) < 2 or not 0 < mean < 1 or sum(tally.tries for tally in seen) < _LEAST_TRIES:
        return _USUAL_KAPPA
    tries = np.array([tally.tries for tally in seen])
    rates = np.array([tally.successes for tally in seen]) / tries
    total = tries.sum()
    centre = float((tries * rates).sum() / total)
    noise = centre * (1 - centre)
    spread = float((tries * (rates - centre) ** 2).sum())
    # E[spread] = noise * (m - 1) + (true variance between segments) * (total - sum(tries^2) / total), less what binomial noise already explains.
    between = (spread - noise * (len(seen) - 1)) / max(total - float((tries**2).sum()) / total - (len(seen) - 1), 1e-9)
    return _MOST_KAPPA if between <= 0 or noise <= 0 else float(np.clip(noise / between - 1, _LEAST_KAPPA, _MOST_KAPPA))


def posterior(segment: str, arm: str, counts: Mapping[tuple[str, str], Tally], prior: float, own_weight: float = 0.0) -> tuple[float, float]:
    """The Beta (a, b) of an arm's rate in a segment, sharpened. `counts` is keyed by (segment, arm).

    `own_weight`: where the prior is about this very segment, so many tries in it that it is worth besides what it says of the arm at large.
    """
    of_arm = {where: tally for (where, name), tally in counts.items() if name == arm}
    tries = sum(tally.tries for tally in of_arm.values())
    mean = (sum(tally.successes for tally in of_arm.values()) + PRIOR_WEIGHT * prior) / (tries + PRIOR_WEIGHT)
    weight = kappa(list(of_arm.values()), mean)
    mine = of_arm.get(segment, Tally())
    helped, failed = mine.successes + own_weight * prior, mine.failures + own_weight * (1 - prior)
    return SHARPNESS * (helped + weight * mean), SHARPNESS * (failed + weight * (1 - mean))


def pick(
    segment: str,
    options: Sequence[Option],
    counts: Mapping[tuple[str, str], Tally],
    *,
    seed: int,
    floor: float = FLOOR,
    own_weight: float = 0.0,
) -> Pick:
    """Take one of the allowed options. The same seed, counts and options give the same pick, and its propensities by 500 draws."""
    if not options:
        raise ValueError("There is nothing to pick from.")
    draws = np.random.default_rng(seed)
    shapes = np.array([posterior(segment, option.arm, counts, option.prior, own_weight) for option in options])
    rates = _with_own(draws.beta(shapes[:, 0], shapes[:, 1], (_DRAWS + 1, len(options))), options, draws)
    values, burdens = np.array([option.value for option in options]), np.array([option.cost + option.fatigue for option in options])
    best = np.argmax(rates * values - burdens, axis=1)
    won = np.bincount(best[1:], minlength=len(options)) / _DRAWS
    propensities = floor / len(options) + (1 - floor) * won
    explored = bool(draws.random() < floor)
    index = int(draws.integers(len(options))) if explored else int(best[0])
    # The 500 draws may have missed an arm that the one draw took.
    propensities[index] = max(propensities[index], floor / len(options) + (1 - floor) / (_DRAWS + 1))
    return Pick(index, explored, [float(one) for one in propensities / propensities.sum()], [float(one) for one in _expected(shapes, options)])


def _with_own(rates: Numbers, options: Sequence[Option], draws: np.random.Generator) -> Numbers:
    """A customer's own rate scatters around that of the segment, and what they did narrows it down."""
    for column, option in enumerate(options):
        if option.own.tries:
            mine = np.clip(rates[:, column], 1e-6, 1 - 1e-6)
            rates[:, column] = draws.beta(_OWN_KAPPA * mine + option.own.successes, _OWN_KAPPA * (1 - mine) + option.own.failures)
    return rates


def _expected(shapes: Numbers, options: Sequence[Option]) -> Numbers:
    means = shapes[:, 0] / shapes.sum(axis=1)
    own = np.array([option.own.successes for option in options])
    tries = np.array([option.own.tries for option in options])
    return np.asarray(np.where(tries > 0, (_OWN_KAPPA * means + own) / (_OWN_KAPPA + tries), means), dtype=np.float64)
