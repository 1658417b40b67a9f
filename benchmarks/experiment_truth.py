"""Whether the read-outs keep their promises, in simulated worlds whose truth is known.

A/A: no difference, read every day; a promise of 5 % false alarms must hold for planned looks and for the any-time rule, and the chance to find a true
difference must be within a tenth of the test that looks once. Mismatch: 50 looks at an honest split, and at one of 52 to 48. Holdout: a draw by
tier and band out of a world with known outcomes, and how often the 95 % interval holds the true effect. TRUTH_RUNS sets the number of worlds
(1,000; four times as many where a figure stands at its limit by design).
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from apps.experiments import selectors
from apps.experiments.drawing import drawn
from apps.experiments.statistics import beliefs, estimates, mismatch, sequential

RUNS = int(os.environ.get("TRUTH_RUNS", "1000"))
DAYS = 20
RATE, LIFT = 0.10, 0.15
_USUAL_Z = float(stats.norm.ppf(0.975))
# Accounts per day and arm: as many in both, or one in ten.

EVEN, TENTH = (200, 200), (360, 40)


@dataclass(frozen=True)
class World:
    """Accounts of the two arms per day, and their successes so far by arm and day."""

    sizes: tuple[int, int]
    done: np.ndarray

    def shares(self, day: int) -> tuple[estimates.Share, estimates.Share]:
        first, second = (estimates.Share(size * (day + 1), int(self.done[arm, day])) for arm, size in enumerate(self.sizes))
        return first, second

    def betweens(self) -> list[estimates.Between | None]:
        return [estimates.pooled(*self.shares(day)) for day in range(DAYS)]


Decides = Callable[[World], bool]


def worlds(seed: int, lift: float, runs: int, sizes: tuple[int, int], rate: float) -> Iterator[World]:
    draw = np.random.default_rng(seed)
    daily = [draw.binomial(size, chance, (runs, DAYS)) for size, chance in zip(sizes, (rate, rate * (1 + lift)), strict=True)]
    for done in np.stack(daily, axis=1).cumsum(axis=2):
        yield World(sizes, done)


def planned_daily(world: World) -> bool:
    bounds = sequential.boundaries(tuple((day + 1) / DAYS for day in range(DAYS)))
    return any(one is not None and abs(one.z) >= bound for one, bound in zip(world.betweens(), bounds, strict=True))


def any_time(world: World) -> bool:
    for day, one in enumerate(world.betweens()):
        if one is not None:
            low, high = sequential.always_valid(one, sum(world.sizes) * (day + 1))
            if low > 0 or high < 0:
                return True
    return False


def fixed(world: World) -> bool:
    last = world.betweens()[-1]
    return last is not None and abs(last.z) >= _USUAL_Z


def naive_peeking(world: World) -> bool:
    """What one does without a rule: looks every day and stops at p < .05."""
    return any(one is not None and abs(one.z) >= _USUAL_Z for one in world.betweens())


def belief_peeking(world: World) -> bool:
    """A dashboard that calls "95 % likely better" every day, with no prior to speak of."""
    told = (estimates.relative(*world.shares(day)) for day in range(DAYS))
    return any(one is not None and not 0.05 <= beliefs.chance_to_win(one, 100.0) <= 0.95 for one in told)


def share_of(rule: Decides, seed: int, lift: float, runs: int, *, sizes: tuple[int, int] = EVEN, rate: float = RATE) -> float:
    return float(np.mean([rule(world) for world in worlds(seed, lift, runs, sizes, rate)]))


def alarms(seed: int, share: float, runs: int, looks: int = 50, per_look: int = 400) -> float:
    """How often a mismatch is called at any of the looks."""
    draw = np.random.default_rng(seed)
    first = draw.binomial(per_look, share, (runs, looks)).cumsum(axis=1)
    total = per_look * np.arange(1, looks + 1)
    hits = 0
    for row in first:
        hits += any(mismatch.sequential_p([int(a), int(n - a)], [0.5, 0.5]) < mismatch.WHILE_RUNNING for a, n in zip(row, total, strict=True))
    return hits / runs


def holdout_coverage(seed: int, runs: int, *, accounts: int = 1_500, share: float = 0.1) -> dict[str, float]:
    """Draws by tier and band from one population whose outcomes with and without treatment are both known."""
    draw = np.random.default_rng(seed)
    covered = textbook = 0
    tiers, revenues = ("free", "growth", "enterprise"), (5_000, 30_000, 100_000, 400_000)
    for run in range(runs):
        tier, arr = draw.integers(3, size=accounts), draw.integers(4, size=accounts)
        base = 0.02 + 0.03 * tier + 0.01 * arr
        gain = 0.03 + 0.02 * (2 - tier) / 2
        members = drawn(f"run{run}", share, [(n, tiers[tier[n]], revenues[arr[n]]) for n in range(accounts)])
        out = np.zeros(accounts, dtype=bool)
        out[[pk for pk, _, held in members if held]] = True
        success = draw.random(accounts) < np.where(out, base, base + gain)
        treated = selectors.Arm(int((~out).sum()), int(success[~out].sum()))
        held_out = selectors.Arm(int(out.sum()), int(success[out].sum()))
        truth = float(gain.mean())
        found = selectors.effect(treated, held_out)
        covered += found.low <= truth <= found.high
        between = estimates.difference(estimates.Share(held_out.n, held_out.successes), estimates.Share(treated.n, treated.successes))
        textbook += between is not None and between.interval()[0] <= truth <= between.interval()[1]
    return {"covered": covered / runs, "textbook_covered": textbook / runs}


def run() -> dict[str, Any]:
    power = {name: share_of(rule, 2, LIFT, RUNS) for name, rule in (("fixed", fixed), ("planned", planned_daily), ("any_time", any_time))}
    small, large = holdout_coverage(3, RUNS), holdout_coverage(4, max(RUNS // 2, 50), accounts=6_000)
    many = 4 * RUNS
    return {
        "runs": RUNS,
        "false_alarms_planned": round(share_of(planned_daily, 1, 0.0, many), 4),
        "false_alarms_any_time": round(share_of(any_time, 1, 0.0, many), 4),
        "false_alarms_planned_uneven": round(share_of(planned_daily, 1, 0.0, many, sizes=TENTH, rate=0.05), 4),
        "false_alarms_any_time_uneven": round(share_of(any_time, 1, 0.0, many, sizes=TENTH, rate=0.05), 4),
        "false_alarms_naive_peeking": share_of(naive_peeking, 1, 0.0, RUNS),
        "false_alarms_belief_peeking": share_of(belief_peeking, 1, 0.0, RUNS),
        "power_fixed": power["fixed"],
        "power_planned_over_fixed": round(power["planned"] / power["fixed"], 3),
        "power_any_time_over_fixed": round(power["any_time"] / power["fixed"], 3),
        "mismatch_false_alarms": alarms(5, 0.5, RUNS),
        "mismatch_found_52_48": alarms(6, 0.52, max(RUNS // 5, 50)),
        "holdout_covered": round(small["covered"], 3),
        "holdout_covered_large": round(large["covered"], 3),
        "holdout_textbook_covered": round(small["textbook_covered"], 3),
    }
