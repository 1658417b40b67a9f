"""What the choice of channel and hour is worth in a simulated world whose truth is known, as shares of what an oracle would get.

The world: 8 segments, 6 channels with their costs and rates of answer that differ by segment, an answer is worth 30, each customer allows some of the
channels, answers arrive about 300 decisions later, and an answer that did not come within the window is settled as a failure (a late one flips it).
It proves that the arithmetic learns; it proves no lift at any company. CHANNEL_WORLDS sets how many worlds are averaged.
"""

import heapq
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from apps.experiments.learning import thompson, timing
from apps.experiments.types import CHANNEL_PRIORS

WORLDS = int(os.environ.get("CHANNEL_WORLDS", "6"))
VALUE = 30.0
ARMS = ("email", "in_app", "push", "sms", "whatsapp", "voice")
# The fixed ladder takes the first that is allowed.
COSTS = np.array([0.005, 0.005, 0.01, 0.06, 0.08, 6.0])
# What one expects of a channel before anything is known. The worlds' true rates scatter around it, by channel and again by segment.
PRIORS = np.array([CHANNEL_PRIORS[arm] for arm in ARMS])
_OFF = 0.4
ALLOWED = np.array([0.9, 0.7, 0.5, 0.6, 0.45, 0.6])
DELAY, WINDOW = 300, 600
DECISIONS_PER_DAY = 5_000 / 180
HALF_LIFE_DAYS = 90.0

Rates = np.ndarray
Chooser = Callable[[int, np.ndarray, int], int]


@dataclass(frozen=True)
class Outcome:
    """Money per decision: of the policy, of the fixed ladder and of the oracle; `late` are the last 500."""

    policy: np.ndarray
    fixed: np.ndarray
    oracle: np.ndarray

    @property
    def value_over_oracle(self) -> float:
        return float(self.policy.sum() / self.oracle.sum())

    @property
    def fixed_over_oracle(self) -> float:
        return float(self.fixed.sum() / self.oracle.sum())

    @property
    def late_regret_over_fixed(self) -> float:
        return float((self.oracle - self.policy)[-500:].sum() / (self.oracle - self.fixed)[-500:].sum())


class Memory:
    """Counts as the rows of the app keep them: half weight after 90 days, what is pending counts nowhere, a late answer takes its failure back."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], list[float]] = {}
        self.told_at = 0

    def forget_until(self, now: int) -> None:
        if now > self.told_at:
            factor = 0.5 ** ((now - self.told_at) / DECISIONS_PER_DAY / HALF_LIFE_DAYS)
            for cell in self.counts.values():
                cell[0] *= factor
                cell[1] *= factor
            self.told_at = now

    def add(self, key: tuple[str, str], successes: float, failures: float) -> None:
        cell = self.counts.setdefault(key, [0.0, 0.0])
        cell[0] += successes
        cell[1] += failures

    def tallies(self) -> dict[tuple[str, str], thompson.Tally]:
        return {key: thompson.Tally(*cell) for key, cell in self.counts.items()}


def rates_of(draw: np.random.Generator, segments: int, spread: float) -> Rates:
    logits = np.log(PRIORS / (1 - PRIORS)) + draw.normal(0, _OFF, len(ARMS)) + draw.normal(0, spread, (segments, len(ARMS)))
    return 1 / (1 + np.exp(-logits))


def live(seed: int, *, decisions: int = 5_000, segments: int = 8, changes: bool = False, spread: float = 0.8) -> Outcome:
    """One world from its first decision to its last."""
    draw = np.random.default_rng(seed)
    worlds = [rates_of(draw, segments, spread), rates_of(draw, segments, spread)]
    memory, pending = Memory(), []
    rows = []
    for now in range(decisions):
        rates = worlds[int(changes and now >= decisions // 2)]
        segment = int(draw.integers(segments))
        open_ones = np.flatnonzero(draw.random(len(ARMS)) < ALLOWED)
        open_ones = open_ones if open_ones.size else np.array([0])
        memory.forget_until(now)
        while pending and pending[0][0] <= now:
            _settle(memory, heapq.heappop(pending))
        options = [thompson.Option(ARMS[arm], VALUE, float(COSTS[arm]), prior=float(PRIORS[arm])) for arm in open_ones]
        taken = int(open_ones[thompson.pick(str(segment), options, memory.tallies(), seed=seed * 1_000_003 + now).index])
        answered, after = bool(draw.random() < rates[segment, taken]), int(draw.exponential(DELAY)) + 1
        key = (str(segment), ARMS[taken])
        if answered and after <= WINDOW:
            heapq.heappush(pending, (now + after, key, 1.0, 0.0, 0))
        else:
            heapq.heappush(pending, (now + WINDOW, key, 0.0, 1.0, 0))
            if answered:
                heapq.heappush(pending, (now + after, key, 1.0, -1.0, after - WINDOW))
        worth = rates[segment] * VALUE - COSTS
        rows.append((worth[taken], worth[open_ones[0]], worth[open_ones].max()))
    return Outcome(*np.array(rows).T)


def _settle(memory: Memory, due: tuple[int, tuple[str, str], float, float, int]) -> None:
    _, key, successes, failures, age = due
    # A failure that is taken back has lost weight since it was settled.
    memory.add(key, successes, failures * 0.5 ** (age / DECISIONS_PER_DAY / HALF_LIFE_DAYS) if failures < 0 else failures)


_LOW, _HIGH = 0.04, 0.32
_OPEN = [[8 <= hour < 21 for hour in range(24)]] * 2
_MONDAY = datetime(2026, 3, 9, tzinfo=UTC)


def _curve(peak: float, width: float) -> np.ndarray:
    apart = np.abs(np.arange(24) + 0.5 - peak)
    return np.exp(-0.5 * (np.minimum(apart, 24 - apart) / width) ** 2)


def send_time(seed: int, events: int, people: int = 400) -> float:
    """The share of the possible gain over a random allowed hour, for recipients with so many events of their own; the segments' curves are known."""
    draw = np.random.default_rng(seed)
    # Each segment has one or two habits; a person keeps to one of them, give or take two hours, and sleeps longer at weekends.
    habits = [draw.choice([8.5, 9.5, 12.5, 16.5, 18.5, 20.0], size=2, replace=False) for _ in range(4)]
    lean = [draw.uniform(0.7, 0.95) for _ in range(4)]
    segment_counts = np.zeros((4, 168))
    persons = []
    for person in range(people):
        segment = person % 4
        peak = habits[segment][int(draw.random() > lean[segment])] + draw.normal(0, 1.2)
        days = np.stack([_curve(peak, 2.2)] * 5 + [_curve(peak + 2, 2.5)] * 2)
        week = (0.03 + days) * np.array([1.0] * 5 + [0.3] * 2)[:, None]
        chances = (week / week.sum()).ravel()
        segment_counts[segment] += draw.multinomial(20, chances)
        persons.append((segment, draw.multinomial(events, chances), _LOW + (_HIGH - _LOW) * days))
    gained = possible = 0.0
    for segment, own, answers in persons:
        known = timing.rhythm(own, segment_counts[segment])
        for day in (2, 5):
            begin = _MONDAY + timedelta(days=day)
            found = timing.moment(known, zone="UTC", earliest=begin, latest=begin + timedelta(hours=23), allowed=_OPEN)
            assert found is not None
            here = answers[day][8:21]
            gained += answers[day][found.at.hour] - here.mean()
            possible += here.max() - here.mean()
    return float(gained / possible)


def run() -> dict[str, float]:
    still = [live(seed) for seed in range(WORLDS)]
    moved = [live(seed, changes=True) for seed in range(WORLDS)]
    return {
        "value_over_oracle": _mean([one.value_over_oracle for one in still]),
        "lowest_world": round(min(one.value_over_oracle for one in still), 3),
        "value_over_oracle_after_change": _mean([one.value_over_oracle for one in moved]),
        "fixed_over_oracle": _mean([one.fixed_over_oracle for one in still]),
        "late_regret_over_fixed": _mean([one.late_regret_over_fixed for one in still]),
        "send_time_0_events": _mean([send_time(seed, 0) for seed in range(WORLDS)]),
        "send_time_10_events": _mean([send_time(seed, 10) for seed in range(WORLDS)]),
    }


def _mean(figures: list[float]) -> float:
    return round(float(np.mean(figures)), 3)
