"""What a task is worth, and which tasks fit into the minutes there are. Pure: the same input gives the same list.

Expected saved ARR = P(leaves if nothing is done) x ARR x save rate (of the segment and type of work). The save rate is the share of those who
were expected to leave that stayed after a person's work: a stated prior until there are own outcomes, afterwards both together (Beta-binomial,
prior counts added to observed ones; Gelman et al., Bayesian Data Analysis, 2.4), first per type of work, then per segment on top of its type.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from .types import TaskType

# How many would-be leavers the belief stands for, at each of its two layers.
WEIGHT = 20.0
# Share of would-be leavers that a person's work keeps: working assumptions of this product, chosen low and not measured anywhere.
BELIEVED = {TaskType.RISK: 0.15, TaskType.ACTIVITY: 0.10, TaskType.LIFECYCLE: 0.08, TaskType.OBJECTIVE: 0.08, TaskType.EXPANSION: 0.05}
BELIEF_SOURCE = "an assumption, not a measurement"
_Z80 = 1.2815515594  # 80 % of a normal distribution lie within so many standard deviations.


@dataclass(frozen=True)
class Outcomes:
    """Of done tasks whose time is over: how many accounts, how many were expected to leave if nothing was done, how many left."""

    accounts: int = 0
    expected: float = 0.0
    left: int = 0

    @property
    def kept(self) -> float:
        """Would-be leavers that stayed; more leavers than expected count as none kept."""
        return min(self.expected, max(0.0, self.expected - self.left))


@dataclass(frozen=True)
class SaveRate:
    """Share of would-be leavers kept, with its 80 % interval, what was believed, and the outcomes behind it."""

    mean: float
    low: float
    high: float
    believed: float
    outcomes: Outcomes

    @property
    def words(self) -> str:
        if not self.outcomes.accounts:
            return f"{self.believed:.0%} of would-be leavers kept: {BELIEF_SOURCE}; no outcome of our own is old enough yet."
        seen = self.outcomes
        return (
            f"{self.mean:.0%} of would-be leavers kept: {seen.accounts} accounts, {seen.expected:.1f} expected to leave if nothing was done, "
            f"{seen.left} left; drawn towards {self.believed:.0%} ({BELIEF_SOURCE}), which counts as {WEIGHT:.0f} would-be leavers."
        )


def save_rate(kind: TaskType, *, of_type: Outcomes, of_segment: Outcomes) -> SaveRate:
    """Outcomes of the type draw the belief, outcomes of the segment (a part of the type's) draw that."""
    believed = BELIEVED[kind]
    typed = (believed * WEIGHT + of_type.kept) / (WEIGHT + of_type.expected)
    kept, lost = typed * WEIGHT + of_segment.kept, (1 - typed) * WEIGHT + of_segment.expected - of_segment.kept
    mean = kept / (kept + lost)
    # On the logit scale, where a Beta is near enough to normal and stays between 0 and 1; variance of a Beta's log-odds by the delta method.
    spread = _Z80 / sqrt(max(mean * (1 - mean), 1e-9) * (kept + lost + 1))
    odds = log(max(mean, 1e-9) / max(1 - mean, 1e-9))
    return SaveRate(mean, _share(odds - spread), _share(odds + spread), believed, of_type if of_type.accounts else of_segment)


def _share(odds: float) -> float:
    return 1 / (1 + exp(-odds))


@dataclass(frozen=True)
class Saved:
    """Expected saved ARR in the account's currency, with its 80 % interval."""

    value: float
    low: float
    high: float


def expected_saved(*, chance: float, low: float | None, high: float | None, arr: float, rate: SaveRate) -> Saved:
    """Chance and rate count as independent: their relative spreads (on the log scale) add in squares. A chance without interval has no spread."""
    value = chance * arr * rate.mean
    if value <= 0:
        return Saved(0.0, 0.0, 0.0)
    spreads = [log(rate.high / rate.low) / 2]
    if low and high and 0 < low < high:
        spreads.append(log(high / low) / 2)
    spread = exp(sqrt(sum(one * one for one in spreads)))
    return Saved(value, value / spread, min(value * spread, arr))


@dataclass(frozen=True)
class Item:
    """Something to do. `first`: a person waits or a ladder brought it, so it comes before what is only worth more."""

    key: int
    minutes: int
    value: float
    first: bool = False

    @property
    def per_minute(self) -> float:
        return self.value / max(self.minutes, 1)


def ranked(items: Iterable[Item]) -> list[Item]:
    """What cannot wait first, then by value per minute, then the shorter, then by key."""
    return sorted(items, key=lambda item: (not item.first, -item.per_minute, item.minutes, item.key))


def fitted(items: Sequence[Item], minutes: int) -> frozenset[int]:
    """Keys of what is planned: all that cannot wait, even beyond the minutes there are; what is left of them holds the greatest value.

    A 0/1 knapsack by minutes (Bellman 1957). Of equally valuable plans the one with fewer minutes, then the one with higher-ranked items.
    """
    order = ranked(items)
    chosen = {item.key for item in order if item.first}
    left = max(0, minutes - sum(item.minutes for item in order if item.first))
    rest = [item for item in order if not item.first and item.minutes <= left]
    # best[m]: greatest value within m minutes from the items after the one in hand.
    best = [[0.0] * (left + 1)]
    for item in reversed(rest):
        after = best[-1]
        best.append([max(after[m], item.value + after[m - item.minutes]) if item.minutes <= m else after[m] for m in range(left + 1)])
    for place, item in enumerate(rest):
        with_it = len(rest) - place
        if item.minutes <= left and item.value > 0 and item.value + best[with_it - 1][left - item.minutes] >= best[with_it][left]:
            chosen.add(item.key)
            left -= item.minutes
    return frozenset(chosen)
