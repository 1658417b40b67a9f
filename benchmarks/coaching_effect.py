"""What the estimators of apps/coaching/effect say in worlds whose truth is known: nought, or +0.13 on the log rate (+14 %).

The world: accounts with a level of their own and a mood that comes and goes (log rates, Poisson counts, 3 periods of 4 weeks before and 1 after).
Coaches take those whose last period was weak against the one before it, and rather the smaller ones: so the coached rise anyway. In the world of tips
every slot is held back by lot with a tenth, several slots an account. It proves the arithmetic; it proves no effect at any company.
COACHING_WORLDS sets how many worlds are averaged.
"""

import os
from dataclasses import dataclass

import numpy as np

from apps.coaching.effect import observed, randomised, verdict
from apps.coaching.effect.cohort import Cohort, Estimate, log_rate

WORLDS = int(os.environ.get("COACHING_WORLDS", "400"))
TRUTH = 0.13
ACCOUNTS, WEEKS = 1_500, 4.0
# Spread of levels and of moods, how much of a mood is left a period later, and what a weak period or a small level does to the chance of coaching.
LEVEL, MOOD, STAYS = 0.6, 0.28, 0.2
WEAK, SMALL, SHARE = 0.95, 0.25, -1.75
# In the third world coaches also foresee who is about to rise, which no column shows.
HIDDEN = 1.0
PER_WEEK = 14.0


@dataclass(frozen=True)
class World:
    cohort: Cohort
    truth: float


def coached(draw: np.random.Generator, truth: float, *, accounts: int = ACCOUNTS, hidden: float = 0.0) -> World:
    """Coaches choose whom to talk with; `hidden`: how far they go by what is still to come."""
    level = draw.normal(0.0, LEVEL, accounts)
    moods = _moods(draw, accounts)
    before = [_counted(draw, level + moods[period]) for period in range(3)]
    fell = before[1] - before[2]
    chance = 1 / (1 + np.exp(-(SHARE + WEAK * fell - SMALL * (before[2] + before[1] - 2 * np.log(PER_WEEK)) + hidden * moods[3])))
    treated = draw.random(accounts) < chance
    after = _counted(draw, level + moods[3] + truth * treated)
    nobody = np.full(accounts, np.nan)
    return World(Cohort(treated, before[0], np.column_stack(before[1:]), after, np.arange(accounts), nobody), truth)


def shown(draw: np.random.Generator, truth: float, *, accounts: int = 400, slots: int = 3, held: float = 0.1) -> World:
    """The lot decides, slot by slot; what an account does is much alike in all its slots."""
    level = np.repeat(draw.normal(0.0, LEVEL, accounts), slots)
    n = accounts * slots
    own = np.repeat(_moods(draw, accounts), slots, axis=1)
    moods = own + 0.5 * _moods(draw, n)
    before = [_counted(draw, level + moods[period]) for period in range(3)]
    treated = draw.random(n) >= held
    after = _counted(draw, level + moods[3] + truth * treated)
    chance = np.where(treated, 1 - held, held)
    return World(Cohort(treated, before[0], np.column_stack(before[1:]), after, np.repeat(np.arange(accounts), slots), chance), truth)


def _moods(draw: np.random.Generator, n: int) -> np.ndarray:
    """Four periods of an autoregressive mood, each with the same spread."""
    found = [draw.normal(0.0, MOOD, n)]
    for _ in range(3):
        found.append(STAYS * found[-1] + draw.normal(0.0, MOOD * np.sqrt(1 - STAYS**2), n))
    return np.array(found)


def _counted(draw: np.random.Generator, level: np.ndarray) -> np.ndarray:
    return log_rate(draw.poisson(np.exp(level) * PER_WEEK * WEEKS), WEEKS)


@dataclass(frozen=True)
class Score:
    """Over all worlds: the mean estimate, how often its interval held the truth, how often it was sure."""

    mean: float
    covers: float
    sure: float


def score(found: list[Estimate | None], truth: float) -> Score:
    known = [one for one in found if one is not None]
    return Score(
        float(np.mean([one.value for one in known])),
        float(np.mean([one.low <= truth <= one.high for one in known])),
        float(np.mean([one.sure for one in known])),
    )


def scores(worlds: int, seed: int = 5) -> dict[str, dict[str, Score]]:
    """Each estimator in the world with an effect and in the one without."""
    draw = np.random.default_rng(seed)
    found: dict[str, dict[str, Score]] = {}
    for name, truth in (("effect", TRUTH), ("nought", 0.0)):
        talks = [coached(draw, truth).cohort for _ in range(worlds)]
        # Worlds of the lot are cheap, and how often an interval holds is told only by many.
        lots = [shown(draw, truth).cohort for _ in range(5 * worlds)]
        found[name] = {
            "naive": score([observed.naive(one) for one in talks], truth),
            "matched": score([observed.matched(one) for one in talks], truth),
            "aipw": score([observed.aipw(one) for one in talks], truth),
            "placebo": score([observed.placebo(one) for one in talks], 0.0),
            "randomised": score([randomised.effect(one) for one in lots], truth),
        }
        if name == "nought":
            told = [verdict.by_lot(one).standing for one in lots]
            found["said"] = {"proven where there is nothing": Score(float(np.mean([one == verdict.Standing.PROVEN for one in told])), 0.0, 0.0)}
    foreseen = [coached(draw, 0.0, hidden=HIDDEN).cohort for _ in range(worlds)]
    found["hidden"] = {
        "matched": score([observed.matched(one) for one in foreseen], 0.0),
        "aipw": score([observed.aipw(one) for one in foreseen], 0.0),
    }
    return found


def run() -> dict[str, float]:
    found = scores(WORLDS)
    figures: dict[str, float] = {}
    for name in ("naive", "matched", "aipw", "placebo", "randomised"):
        with_effect, without = found["effect"][name], found["nought"][name]
        print(
            f"  {name:11} truth +{TRUTH}: {with_effect.mean:+.3f}   truth 0: {without.mean:+.3f}   "
            f"interval holds the truth: {with_effect.covers:.1%} and {without.covers:.1%}"
        )
        figures |= {
            f"{name}_nought": round(without.mean, 4),
            f"{name}_effect": round(with_effect.mean, 4),
            f"{name}_covers": round(with_effect.covers, 4),
        }
    seen = found["hidden"]["matched"]
    other = found["hidden"]["aipw"]
    print(f"  where coaches foresee who rises: matched {seen.mean:+.3f} and AIPW {other.mean:+.3f} where the truth is 0: so, directional")
    figures |= {"matched_hidden": round(seen.mean, 4), "matched_hidden_covers": round(seen.covers, 4)}
    figures["placebo_alarm"] = round(found["nought"]["placebo"].sure, 4)
    figures["falsely_proven"] = round(found["said"]["proven where there is nothing"].mean, 4)
    assert abs(figures["matched_nought"]) <= 0.03, "matching is biased where the truth is nought"
    assert 0.93 <= figures["randomised_covers"] <= 0.97, "the interval of the lot does not hold the truth as often as it says"
    return figures


if __name__ == "__main__":
    print(run())
