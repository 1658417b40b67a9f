"""What choosing tips by what helped is worth in a simulated world whose truth is known, as a share of what an oracle would get.

The world: 24 tips, 5 patterns of accounts, slates of three. Each tip's true chance to help scatters around its own mean and again by pattern; an
expert knows something of it. Slots are held back at random as in the product, and what is held back teaches nothing. One show is one tip that
somebody saw: after 4,000 of them each of the 120 (pattern, tip) cells was shown 33 times on average. It drives the learner and the settings of the
product (apps/experiments/learning/thompson.py through apps/coaching/recommending) and proves that the arithmetic learns, and no lift anywhere.
TIP_WORLDS sets how many worlds are averaged.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from apps.coaching.recommending.allowed import OWN_SHOWS
from apps.coaching.recommending.choosing import held
from apps.experiments.learning import thompson

WORLDS = int(os.environ.get("TIP_WORLDS", "4"))
TIPS, PATTERNS, SLOTS, SHOWS = 24, 5, 3, 4_000
HELD = 0.10
EARLY = 500

Numbers = np.ndarray
Choose = Callable[[int, int], list[int]]


@dataclass(frozen=True)
class World:
    """`true`: the chance that a tip helps an account of a pattern; `expert`: what was expected of it before."""

    true: Numbers
    expert: Numbers


def world(seed: int) -> World:
    draw = np.random.default_rng(seed)
    logits = draw.normal(-1.6, 0.7, TIPS)[None, :] + draw.normal(0, 1.0, (PATTERNS, TIPS))
    expert = 0.5 * logits + draw.normal(-0.8, 0.6, (PATTERNS, TIPS))
    return World(1 / (1 + np.exp(-logits)), 1 / (1 + np.exp(-expert)))


class Learner:
    """Counts as the rows of the app keep them, and slates slot by slot as the app makes them."""

    def __init__(self, seed: int, expert: Numbers | None) -> None:
        self.counts: dict[tuple[str, str], thompson.Tally] = {}
        self._seed, self._expert = seed, expert

    def choose(self, pattern: int, number: int) -> list[int]:
        left = list(range(TIPS))
        return [left.pop(self._pick(pattern, left, number * SLOTS + slot)) for slot in range(SLOTS)]

    def _pick(self, pattern: int, left: list[int], number: int) -> int:
        options = [thompson.Option(str(tip), 1.0, prior=0.25 if self._expert is None else float(self._expert[pattern, tip])) for tip in left]
        seed = self._seed * 1_000_003 + number
        own = 0.0 if self._expert is None else OWN_SHOWS
        return thompson.pick(str(pattern), options, self.counts, seed=seed, own_weight=own).index

    def learn(self, pattern: int, tip: int, helped: bool) -> None:
        cell = self.counts.get((str(pattern), str(tip)), thompson.Tally())
        self.counts[str(pattern), str(tip)] = thompson.Tally(cell.successes + helped, cell.failures + (not helped))


@dataclass(frozen=True)
class Lived:
    """Of every slate: what was got, and what the best three tips of the pattern would have given."""

    got: Numbers
    best: Numbers
    shows: Numbers

    def share(self, *, first: int = SHOWS, last: int = 0) -> float:
        """Of the first so many shows, or of the last so many."""
        part = self.shows.cumsum() > SHOWS - last if last else self.shows.cumsum() <= first
        return float(self.got[part].sum() / self.best[part].sum())


def live(seed: int, choose: Choose, learn: Callable[[int, int, bool], None], here: World) -> Lived:
    """Until 4,000 tips were seen. Hold-back falls on all alike and is left out of both sums."""
    draw = np.random.default_rng(seed + 1_000)
    got, best, shows = [], [], []
    number = 0
    while sum(shows) < SHOWS:
        pattern = int(draw.integers(PATTERNS))
        taken = choose(pattern, number)
        seen = [tip for slot, tip in enumerate(taken, 1) if not held(f"{seed}:{number}", slot, HELD)]
        for tip in seen:
            learn(pattern, tip, bool(draw.random() < here.true[pattern, tip]))
        got.append(here.true[pattern, seen].sum())
        best.append(np.sort(here.true[pattern])[-SLOTS:].sum() * len(seen) / SLOTS)
        shows.append(len(seen))
        number += 1
    return Lived(np.array(got), np.array(best), np.array(shows))


def learned(seed: int, *, with_expert: bool = True) -> Lived:
    here = world(seed)
    learner = Learner(seed, here.expert if with_expert else None)
    return live(seed, learner.choose, learner.learn, here)


def by_rules(seed: int) -> Lived:
    """What the expert thinks best, always."""
    here = world(seed)
    return live(seed, lambda pattern, _: [int(tip) for tip in np.argsort(-here.expert[pattern])[:SLOTS]], lambda *_: None, here)


def by_chance(seed: int) -> Lived:
    here, draw = world(seed), np.random.default_rng(seed + 5)
    return live(seed, lambda *_: [int(tip) for tip in draw.choice(TIPS, SLOTS, replace=False)], lambda *_: None, here)


def by_popularity(seed: int) -> Lived:
    """What helped most over all patterns, with one slate in ten at random."""
    here, draw = world(seed), np.random.default_rng(seed + 6)
    sums = np.tile([[1.0], [4.0]], (1, TIPS))

    def choose(pattern: int, number: int) -> list[int]:
        rates = draw.random(TIPS) if draw.random() < 0.1 else sums[0] / sums[1]
        return [int(tip) for tip in np.argsort(-rates)[:SLOTS]]

    def learn(pattern: int, tip: int, helped: bool) -> None:
        sums[0, tip] += helped
        sums[1, tip] += 1

    return live(seed, choose, learn, here)


def run() -> dict[str, float]:
    ours = [learned(seed) for seed in range(WORLDS)]
    plain = [learned(seed, with_expert=False) for seed in range(WORLDS)]
    return {
        "over_oracle": _mean([one.share() for one in ours]),
        "lowest_world": round(min(one.share() for one in ours), 3),
        "first_500_over_oracle": _mean([one.share(first=EARLY) for one in ours]),
        "last_1000_over_oracle": _mean([one.share(last=1_000) for one in ours]),
        "without_expert_over_oracle": _mean([one.share() for one in plain]),
        "popularity_over_oracle": _mean([by_popularity(seed).share() for seed in range(WORLDS)]),
        "rules_over_oracle": _mean([by_rules(seed).share() for seed in range(WORLDS)]),
        "random_over_oracle": _mean([by_chance(seed).share() for seed in range(WORLDS)]),
    }


def _mean(figures: list[float]) -> float:
    return round(float(np.mean(figures)), 3)
