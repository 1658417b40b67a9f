"""Simulated learners whose abilities, difficulties and reasons to stay are known, met with the very code that the product runs.

Three worlds. `difficulties`: 300 learners, 20 milestones, who tries what is drawn at random; what is learned is held against the truth. `journey`:
learners try 30 milestones that get harder along the catalogue, roughly; who is challenged learns most, who fails again and again or is bored goes.
`stayers`: accounts reach milestones in their own order, two of the twelve really make them stay, and the keen ones reach more and stay anyway.
The worlds are assumptions; they prove the arithmetic, no retention anywhere. LEARNER_WORLDS sets how many of each are averaged.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from apps.milestones.difficulty import fitting, rasch
from apps.milestones.difficulty.rasch import Beliefs, Tried
from apps.milestones.pathways import order, values

WORLDS = int(os.environ.get("LEARNER_WORLDS", "3"))
VARIANTS = (("gentle", 0.7), ("standard", 1.0), ("stretch", 1.3))
TARGET = 0.7
# The true offset of a variant; the product begins with the same guess and learns.
_PER_LOG = 2.0


@dataclass(frozen=True)
class Recovered:
    correlation: float
    raw: float
    calibration: float


def difficulties(seed: int, attempts: int = 1_500, learners: int = 300, items: int = 20) -> Recovered:
    """How well the difficulties are found. `raw`: by the share that failed alone; `calibration`: error of the chances told before each attempt."""
    draw = np.random.default_rng(seed)
    ability, difficulty = draw.normal(0, 1, learners), draw.normal(0, 1.2, items)
    beliefs, told, came = Beliefs.empty(), [], []
    tried, failed = np.zeros(items), np.zeros(items)
    for _ in range(attempts):
        who, what = int(draw.integers(learners)), int(draw.integers(items))
        reached = bool(draw.random() < rasch.sigmoid(float(ability[who] - difficulty[what])))
        told.append(beliefs.chance(who, what))
        came.append(reached)
        tried[what] += 1
        failed[what] += not reached
        beliefs.take_in([Tried(who, what, "standard", 1.0, reached)])
    found = [beliefs.difficulties[item].mean for item in range(items)]
    return Recovered(float(np.corrcoef(found, difficulty)[0, 1]), float(np.corrcoef(failed / tried, difficulty)[0, 1]), rasch.calibration(told, came))


@dataclass(frozen=True)
class Journey:
    """Per learner: milestones reached, ability gained (logits); shares: still there at the end, successes of the last ten steps."""

    reached: float
    gained: float
    there: float
    late_success: float


_STEPS, _ITEMS = 30, 30


def journey(seed: int, rule: str, *, target: float = TARGET, learners: int = 150) -> Journey:
    """`rule`: random, fixed (catalogue order as written), variants (catalogue order, variant fitted), adaptive (the product's path)."""
    draw = np.random.default_rng(seed)
    difficulty = np.linspace(-2.2, 2.4, _ITEMS) + draw.normal(0, 1.0, _ITEMS)
    ability = draw.normal(0, 1, learners)
    first = ability.copy()
    there, mood = np.ones(learners, dtype=bool), np.full(learners, 0.7)
    done, late = np.zeros((learners, _ITEMS), dtype=bool), []
    beliefs = Beliefs.empty()
    for step in range(_STEPS):
        for who in np.flatnonzero(there):
            left = np.flatnonzero(~done[who]).tolist()
            if not left:
                continue
            what, variant, factor = _chosen(rule, int(who), left, beliefs, target, draw)
            p = rasch.sigmoid(float(ability[who] - difficulty[what] - _PER_LOG * np.log(factor)))
            reached = bool(draw.random() < p)
            beliefs.take_in([Tried(int(who), what, variant, factor, reached)])
            done[who, what] |= reached
            ability[who] += 0.44 * p * (1 - p) * (1.0 if reached else 0.4)
            mood[who] = 0.75 * mood[who] + 0.25 * reached
            there[who] = draw.random() >= 0.003 + 0.2 * max(0.0, 0.6 - mood[who]) + 0.35 * max(0.0, p - 0.85)
            if step >= _STEPS - 10:
                late.append(reached)
    return Journey(float(done.sum(axis=1).mean()), float((ability - first).mean()), float(there.mean()), float(np.mean(late)))


def _chosen(rule: str, who: int, left: list[int], beliefs: Beliefs, target: float, draw: np.random.Generator) -> tuple[int, str, float]:
    if rule in ("random", "fixed"):
        return (int(draw.choice(left)) if rule == "random" else left[0]), "standard", 1.0
    fitted = {what: _fitted(who, what, beliefs, target) for what in (left if rule == "adaptive" else left[:1])}
    ranked = order.by_catalogue([order.Open(what, what, one.after, {}) for what, one in fitted.items()], target=target)
    what = ranked[0].milestone
    return what, fitted[what].key, fitted[what].factor


def _fitted(who: int, what: int, beliefs: Beliefs, target: float) -> fitting.Fitted:
    options = [fitting.Option(key, factor, beliefs.offsets.get((what, key)) or rasch.offset_of(factor)) for key, factor in VARIANTS]
    return fitting.fit(beliefs.abilities.get(who, rasch.NOBODY), beliefs.difficulties.get(what, rasch.UNTRIED), options, target=target)


# Twelve milestones in catalogue order; only these two make accounts stay, and the second is opened by another that does nothing itself.
MILESTONES, DRIVERS, NEEDS = 12, (3, 5), {5: 2}
_WEEKS, _LANDMARK = 30, 4
_STAY = 1.2


@dataclass(frozen=True)
class Lives:
    early: np.ndarray
    ever: np.ndarray
    stayed: np.ndarray
    activity: np.ndarray


def stayers(seed: int, accounts: int = 3_000, follow: Mapping[int, float] | None = None, catalogue: bool = False) -> Lives:
    """Half a year of accounts. On their own they try one of the next four; otherwise they are led by the catalogue, or by learned values (`follow`).
    Only who is there at the landmark (week 4) is told of, as in the product.
    """
    draw = np.random.default_rng(seed)
    keen = draw.normal(0, 1, accounts)
    hard = np.linspace(-0.6, 0.6, MILESTONES)
    done = np.zeros((accounts, MILESTONES), dtype=bool)
    early, activity = np.zeros_like(done), np.zeros(accounts)
    there = np.ones(accounts, dtype=bool)
    at_landmark = there
    for week in range(_WEEKS):
        for who in np.flatnonzero(there):
            open_ones = [m for m in range(MILESTONES) if not done[who, m] and (m not in NEEDS or done[who, NEEDS[m]])]
            chances = {m: rasch.sigmoid(float(0.6 * keen[who] - hard[m])) for m in range(MILESTONES)}
            if open_ones and draw.random() < 0.75:
                what = _next(open_ones, chances, done[who], follow, catalogue, draw)
                done[who, what] = draw.random() < chances[what]
        activity[there] += draw.poisson(np.exp(1.5 + 0.5 * keen[there])) if week < _LANDMARK else 0
        leaving = 0.045 * np.exp(-0.5 * keen - _STAY * done[:, DRIVERS[0]] - _STAY * done[:, DRIVERS[1]])
        there = there & (draw.random(accounts) >= leaving)
        if week == _LANDMARK - 1:
            early, at_landmark = done.copy(), there.copy()
    kept = at_landmark
    return Lives(early[kept].astype(float), done[kept].astype(float), there[kept].astype(float), activity[kept])


def _next(
    open_ones: list[int],
    chances: Mapping[int, float],
    done: np.ndarray,
    follow: Mapping[int, float] | None,
    catalogue: bool,
    draw: np.random.Generator,
) -> int:
    if follow is None and not catalogue:
        return int(draw.choice(open_ones[:4]))
    opened_by = {needed: m for m, needed in NEEDS.items() if not done[m]}
    candidates = [order.Open(m, m, chances[m], {opened_by[m]: chances[opened_by[m]]} if m in opened_by else {}) for m in open_ones]
    return int((order.by_catalogue(candidates, target=0.0) if follow is None else order.by_value(candidates, follow))[0].milestone)


@dataclass(frozen=True)
class Found:
    """The two best by each reading, and the share that stays when accounts are led by it."""

    learned: tuple[int, ...]
    naive: tuple[int, ...]
    stay: dict[str, float]


def drivers(seed: int, accounts: int = 2_000) -> Found:
    seen = stayers(seed, accounts)
    everything = list(range(MILESTONES))
    learned = {one.milestone: one for one in values.values(seen.early, seen.stayed, seen.activity, everything)}
    naive = values.naive(seen.ever, seen.stayed, everything)
    best = tuple(sorted(sorted(learned, key=lambda m: -learned[m].points)[:2]))
    worth = values.for_choosing(list(learned.values()))
    led = {"own": None, "naive": dict(naive), "learned": worth}
    stay = {name: float(stayers(seed + 1_000, accounts, follow=rule).stayed.mean()) for name, rule in led.items()}
    stay["catalogue"] = float(stayers(seed + 1_000, accounts, catalogue=True).stayed.mean())
    return Found(best, tuple(sorted(sorted(naive, key=lambda m: -naive[m])[:2])), stay)


def run() -> dict[str, object]:
    few, many = [difficulties(seed) for seed in range(5 * WORLDS)], [difficulties(seed, 6_000) for seed in range(WORLDS)]
    figures: dict[str, object] = {
        "corr_difficulty": _mean([one.correlation for one in few]),
        "corr_raw_rate": _mean([one.raw for one in few]),
        "ece": _mean([one.calibration for one in few]),
        "corr_difficulty_6000": _mean([one.correlation for one in many]),
        "ece_6000": _mean([one.calibration for one in many]),
    }
    for name, rule, target in (
        *(("random", "random", TARGET), ("fixed", "fixed", TARGET), ("variants_only", "variants", TARGET)),
        *((f"adaptive_{round(100 * target)}", "adaptive", target) for target in (0.6, 0.7, 0.8)),
    ):
        lived = [journey(seed, rule, target=target) for seed in range(WORLDS)]
        figures[name] = {
            "reached": _mean([one.reached for one in lived]),
            "gained": _mean([one.gained for one in lived]),
            "there": _mean([one.there for one in lived]),
            "late_success": _mean([one.late_success for one in lived]),
        }
    found = [drivers(seed) for seed in range(WORLDS)]
    figures |= {
        "true_drivers": list(DRIVERS),
        "learned_found_them": sum(one.learned == DRIVERS for one in found) / WORLDS,
        "naive_found": [list(one.naive) for one in found],
        "stay": {name: _mean([one.stay[name] for one in found]) for name in found[0].stay},
    }
    return figures


def _mean(figures: list[float]) -> float:
    return round(float(np.mean(figures)), 3)
