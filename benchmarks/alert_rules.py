"""How well rules find what happened: generated series whose incidents are known, through the product's own detectors and hysteresis; and the cost of
the watch per changed account.

The series are daily counts with a weekly shape, a slow trend and more scatter than chance, at about 2000, 120 and 4 a day; into each are put spikes
(1-2 days), drops (2-5 days) and lasting shifts. Sizes of incidents are drawn, so that some are too small to find. It proves that the arithmetic
holds what docs/alert-rules.md says, in a world like this one; it says nothing of how useful alerts are to anybody. ALERT_SERIES sets how many.
"""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from apps.alerts.rules import tuning
from apps.alerts.rules.detectors import Pattern, same_weekday
from apps.alerts.rules.hysteresis import RELEASE, Memory, Turn, step

SERIES = int(os.environ.get("ALERT_SERIES", "60"))
WARM_UP, DAYS, WEEKS = 84, 180, 8
BEGIN = date(2026, 1, 5)
# (a day, weekly shape: Saturday and Sunday, scatter beyond chance as a share of the level)
SIZES = {"large": (2000, (0.45, 0.4), 0.05), "mid": (120, (0.45, 0.4), 0.08), "small": (4, (0.7, 0.7), 0.1)}
# By what an incident multiplies the figure. What would be an incident of a large series is no news of a small one.
BY = {
    **dict.fromkeys(("large", "mid"), {"spike": (1.5, 2.6), "drop": (0.1, 0.6), "up": (1.4, 1.9), "down": (0.35, 0.65)}),
    "small": {"spike": (2.5, 5.0), "drop": (0.0, 0.15), "up": (2.0, 4.0), "down": (0.0, 0.25)},
}
THRESHOLDS = (2.5, 3.0, 3.5, 4.0, 4.5, 5.0)
# A lasting shift is worth finding within so many days; after the last day of an incident one more counts, as figures come in late.
FOUND_WITHIN, LATE = 7, 1


@dataclass(frozen=True)
class Incident:
    kind: str
    first: int
    last: int

    @property
    def until(self) -> int:
        return min(self.last, self.first + FOUND_WITHIN) + LATE


@dataclass(frozen=True)
class Series:
    values: list[float]
    incidents: list[Incident]


def series(size: str, seed: int) -> Series:
    level, weekend, scatter = SIZES[size]
    draw = np.random.default_rng([seed, level])
    count = WARM_UP + DAYS
    week = np.concatenate([draw.uniform(0.9, 1.1, 5), np.array(weekend) * draw.uniform(0.9, 1.1, 2)])
    base = level * draw.uniform(0.7, 1.4)
    trend = np.exp(draw.normal(0, 0.001) * np.arange(count))
    mean = base * trend * np.array([week[(BEGIN + timedelta(days=day)).weekday()] for day in range(count)])
    # One day in a hundred is odd without being an incident.
    factor = np.where(draw.random(count) < 0.01, np.exp(draw.normal(0, 0.2, count)), 1.0)
    incidents = []
    at = WARM_UP + int(draw.integers(5, 120))
    while at < count - 8:
        kind = str(draw.choice(["spike", "drop", "shift"]))
        last = min(at + {"spike": int(draw.integers(0, 2)), "drop": int(draw.integers(1, 5)), "shift": count}[kind], count - 1)
        factor[at : last + 1] *= draw.uniform(*BY[size][str(draw.choice(["down", "up"])) if kind == "shift" else kind])
        if kind == "shift":
            last = min(at + 28, count - 1)
        incidents.append(Incident(kind, at, last))
        at = last + int(draw.integers(60, 150))
    mean = mean * factor
    shape = 1 / scatter**2
    return Series([float(one) for one in draw.poisson(draw.gamma(shape, mean / shape))], incidents)


def by_level(values: list[float]) -> Iterator[tuple[int, float]]:
    """Day and score by the detector with a state that does not grow."""
    pattern = Pattern()
    for day, value in enumerate(values):
        on = BEGIN + timedelta(days=day)
        if day >= WARM_UP:
            yield day, pattern.score(on, value)
        pattern = pattern.learned(on, value)


def by_weekday(values: list[float]) -> Iterator[tuple[int, float]]:
    """Day and score by the same weekdays of eight weeks."""
    for day in range(WARM_UP, len(values)):
        past = [(BEGIN + timedelta(days=one), values[one]) for one in range(day - 7 * WEEKS, day)]
        usual = same_weekday(past, BEGIN + timedelta(days=day))
        assert usual is not None
        yield day, usual.score(values[day])


def alerts(scores: list[tuple[int, float]], threshold: float) -> list[int]:
    """The days on which a rule would tell somebody."""
    memory, told = Memory(), []
    for day, score in scores:
        far = abs(score)
        memory, turn = step(
            memory, BEGIN + timedelta(days=day), over=far >= threshold, calm=far < RELEASE * threshold, opens_after=1, calm_days=2, cooldown_days=7
        )
        if turn == Turn.BEGAN:
            told.append(day)
    return told


@dataclass
class Verdict:
    true: int = 0
    false: int = 0
    found: int = 0
    once: int = 0
    of: int = 0
    days: int = 0
    delay: int = 0

    def add(self, told: list[int], one: Series) -> None:
        self.days += len(one.values) - WARM_UP
        for incident in one.incidents:
            mine = [day for day in told if incident.first <= day <= incident.until]
            self.of += 1
            if mine:
                self.found += 1
                self.delay += mine[0] - incident.first
                whole = [day for day in told if incident.first <= day <= incident.last + LATE]
                self.once += len(whole) == 1
        for day in told:
            if any(incident.first <= day <= incident.last + LATE for incident in one.incidents):
                self.true += 1
            else:
                self.false += 1

    def figures(self) -> dict[str, float]:
        return {
            "precision": round(self.true / max(self.true + self.false, 1), 2),
            "recall": round(self.found / max(self.of, 1), 2),
            "false_per_month": round(self.false / self.days * 30, 3),
            "delay_days": round(self.delay / max(self.found, 1), 2),
            "once": round(self.once / max(self.found, 1), 2),
            "incidents": self.of,
        }


def found() -> dict[str, dict[str, float]]:
    """Per size, detector and threshold what it found."""
    told: dict[str, dict[str, float]] = {}
    for size in SIZES:
        made = [series(size, seed) for seed in range(SERIES)]
        for name, way in (("level", by_level), ("weekday", by_weekday)):
            scored = [list(way(one.values)) for one in made]
            for threshold in THRESHOLDS:
                verdict = Verdict()
                for one, scores in zip(made, scored, strict=True):
                    verdict.add(alerts(scores, threshold), one)
                told[f"{size} {name} {threshold}"] = verdict.figures()
    return told


def tuned() -> dict[str, float]:
    """The precision of the last 100 alerts after a rule has tuned itself, begun at three thresholds: everybody says what is true."""
    made = [series("mid", 10_000 + seed) for seed in range(max(SERIES * 4, 200))]
    scored = [list(by_level(one.values)) for one in made]
    told = {}
    for begin in (2.5, 3.0, 6.0):
        threshold, true = begin, []
        for one, scores in zip(made, scored, strict=True):
            memory = Memory()
            for day, score in scores:
                far = abs(score)
                memory, turn = step(
                    memory,
                    BEGIN + timedelta(days=day),
                    over=far >= threshold,
                    calm=far < RELEASE * threshold,
                    opens_after=1,
                    calm_days=2,
                    cooldown_days=7,
                )
                if turn == Turn.BEGAN:
                    useful = any(incident.first <= day <= incident.last + LATE for incident in one.incidents)
                    true.append(useful)
                    threshold = tuning.moved(threshold, useful=useful)
        told[f"tuned_from_{begin:g}"] = round(sum(true[-100:]) / len(true[-100:]), 2)
        told[f"threshold_from_{begin:g}"] = round(threshold, 2)
        told[f"alerts_from_{begin:g}"] = len(true)
    return told


if __name__ == "__main__":
    for key, value in (found() | {"tuned": tuned()}).items():
        print(key, value)
    assert math.isfinite(1)
