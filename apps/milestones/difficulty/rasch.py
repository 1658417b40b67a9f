"""Abilities and difficulties as Gaussian beliefs, learned one outcome at a time (Rasch's model, online).

Units are logits: at equal ability and difficulty the chance is one half, one logit more of ability makes it 73 %. A variant of a milestone is as hard
as the milestone plus the variant's own offset, so what is learned of one variant tells of the others.
The chance under uncertainty is MacKay's approximation, sigmoid(k x) with k = (1 + pi s^2 / 8)^-1/2 (Neural Computation 4, 1992); the update is one
step of Laplace's approximation, each belief moving by its share of the uncertainty.
"""

import math
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

# Before anything is known. Accounts differ by about a logit, milestones by a little more.
ABILITY_VARIANCE, DIFFICULTY_VARIANCE, OFFSET_VARIANCE = 1.0, 1.5, 0.1
# Customers learn, milestones hardly change: what an outcome adds to the uncertainty of each.
ABILITY_DRIFT, DIFFICULTY_DRIFT = 0.004, 0.0002
# A threshold multiplied by f is harder by this many logits per ln f until outcomes say otherwise: 0.71 easier at 0.7, 0.52 harder at 1.3.
OFFSET_PER_LOG = 2.0
# A milestone written anew may be harder or easier than its earlier self: so much uncertainty comes back.
NEW_VERSION = 0.5
_MOST_VARIANCE = 4.0
_SURE = 1.96


@dataclass(frozen=True)
class Belief:
    """What is thought of a quantity, in logits."""

    mean: float
    variance: float

    @property
    def low(self) -> float:
        return self.mean - _SURE * math.sqrt(self.variance)

    @property
    def high(self) -> float:
        return self.mean + _SURE * math.sqrt(self.variance)


NOBODY = Belief(0.0, ABILITY_VARIANCE)
UNTRIED = Belief(0.0, DIFFICULTY_VARIANCE)
NO_OFFSET = Belief(0.0, 0.0)


def offset_of(factor: float) -> Belief:
    """How much harder a variant is than the standard, before anybody tried it. `factor` multiplies the threshold."""
    return NO_OFFSET if factor == 1 else Belief(OFFSET_PER_LOG * math.log(factor), OFFSET_VARIANCE)


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def logit(p: float) -> float:
    return math.log(p / (1 - p))


def _damping(*beliefs: Belief) -> float:
    return 1 / math.sqrt(1 + math.pi * sum(belief.variance for belief in beliefs) / 8)


def chance(ability: Belief, difficulty: Belief, offset: Belief = NO_OFFSET) -> float:
    """The chance (0-1) to reach it in time. Little knowledge draws it towards one half."""
    return sigmoid(_damping(ability, difficulty, offset) * (ability.mean - difficulty.mean - offset.mean))


def learn(ability: Belief, difficulty: Belief, offset: Belief, *, reached: bool) -> tuple[Belief, Belief, Belief]:
    """What is believed after one outcome. Where nothing is uncertain (the standard has no offset) nothing moves."""
    ability = Belief(ability.mean, min(_MOST_VARIANCE, ability.variance + ABILITY_DRIFT))
    difficulty = Belief(difficulty.mean, min(_MOST_VARIANCE, difficulty.variance + DIFFICULTY_DRIFT))
    damping = _damping(ability, difficulty, offset)
    p = sigmoid(damping * (ability.mean - difficulty.mean - offset.mean))
    # The others' uncertainty is noise on what this outcome says of one of them: that is what the damping takes off.
    pull, weight = damping * (reached - p), damping * damping * p * (1 - p)
    return _moved(ability, pull, weight), _moved(difficulty, -pull, weight), _moved(offset, -pull, weight)


def _moved(belief: Belief, pull: float, weight: float) -> Belief:
    variance = belief.variance / (1 + belief.variance * weight)
    return Belief(belief.mean + variance * pull, variance)


@dataclass(frozen=True)
class Tried:
    """One outcome: who, what, in which variant of which version, and whether it was reached in time."""

    account: Any
    milestone: Any
    variant: str
    factor: float
    reached: bool
    version: int = 1


@dataclass
class Beliefs:
    """All that is believed. `versions`: the newest version of a milestone that anybody was judged by."""

    abilities: MutableMapping[Any, Belief]
    difficulties: MutableMapping[Any, Belief]
    offsets: MutableMapping[tuple[Any, str], Belief]
    versions: MutableMapping[Any, int]

    @classmethod
    def empty(cls) -> "Beliefs":
        return cls({}, {}, {}, {})

    def take_in(self, outcomes: Iterable[Tried]) -> "Beliefs":
        """Learn from these, in this order."""
        for one in outcomes:
            ability = self.abilities.get(one.account, NOBODY)
            difficulty = self._difficulty_of(one)
            offset = self.offset(one.milestone, one.variant, one.factor)
            found = learn(ability, difficulty, offset, reached=one.reached)
            self.abilities[one.account], self.difficulties[one.milestone] = found[0], found[1]
            if one.factor != 1:
                self.offsets[one.milestone, one.variant] = found[2]
        return self

    def chance(self, account: Any, milestone: Any, variant: str = "", factor: float = 1.0) -> float:
        return chance(self.abilities.get(account, NOBODY), self.difficulties.get(milestone, UNTRIED), self.offset(milestone, variant, factor))

    def offset(self, milestone: Any, variant: str, factor: float) -> Belief:
        """How much harder this variant is than the standard."""
        return NO_OFFSET if factor == 1 else self.offsets.get((milestone, variant)) or offset_of(factor)

    def _difficulty_of(self, one: Tried) -> Belief:
        known = self.difficulties.get(one.milestone, UNTRIED)
        before = self.versions.get(one.milestone, one.version)
        self.versions[one.milestone] = max(before, one.version)
        return Belief(known.mean, min(DIFFICULTY_VARIANCE, known.variance + NEW_VERSION)) if one.version > before else known


def calibration(chances: Iterable[float], reached: Iterable[bool], bins: int = 10) -> float:
    """Expected calibration error: how far the told chance is from the share that came true, by tenths of the chance, weighted by their size."""
    cells: dict[int, list[float]] = {}
    for p, hit in zip(chances, reached, strict=True):
        cell = cells.setdefault(min(bins - 1, int(p * bins)), [0.0, 0.0, 0.0])
        cell[0] += 1
        cell[1] += p
        cell[2] += hit
    total = sum(cell[0] for cell in cells.values())
    return sum(abs(cell[1] - cell[2]) for cell in cells.values()) / total if total else 0.0
