"""Forecasts say how wrong they have been; what they promise is held against what came."""

import random
from datetime import date, timedelta

import pytest

from apps.metrics.forecasting import expect
from apps.metrics.types import Point

START = date(2025, 1, 6)


def _points(values: list[float | None]) -> list[Point]:
    return [Point(START + timedelta(days=number), value) for number, value in enumerate(values)]


def _world(seed: int, days: int = 200) -> list[float]:
    """A line with a trend, a week and chance, all drawn."""
    chance = random.Random(seed)
    level, drift, noise = chance.uniform(50, 2000), chance.uniform(-0.5, 1), chance.uniform(0.01, 0.08)
    week = [1, 1, 1.02, 1, 0.95, *(chance.uniform(0.3, 1) for _ in range(2))] if seed % 2 else [1.0] * 7
    return [max(0.0, (level + drift * n) * week[n % 7] * (1 + chance.gauss(0, noise))) for n in range(days)]


def test_the_interval_covers_three_quarters_and_more_of_what_comes() -> None:
    held = tried = 0
    for seed in range(24):
        values = _world(seed)
        for known in (100, 140, 180):
            expected, _ = expect(_points(values[:known]), days=14)  # type: ignore[arg-type]
            for step, one in enumerate(expected):
                tried += 1
                held += one.low <= values[known + step] <= one.high
    assert tried == 24 * 3 * 14
    assert held / tried >= 0.75, f"{held / tried:.3f}"


def test_what_it_says_it_covered_is_near_what_it_then_covers() -> None:
    told = [expect(_points(_world(seed)), days=7)[1] for seed in range(10)]  # type: ignore[arg-type]
    assert all(one is not None and one >= 0.75 for one in told)


def test_a_weekly_line_keeps_its_week() -> None:
    values: list[float | None] = [10.0 if n % 7 < 5 else 2.0 for n in range(84)]
    expected, covered = expect(_points(values), days=7)
    assert [round(one.value) for one in expected] == [10, 10, 10, 10, 10, 2, 2]
    assert covered == 1.0


def test_too_little_past_is_no_forecast() -> None:
    assert expect(_points([1.0] * 20), days=7) == ((), None)
    assert expect(_points([1.0] * 27 + [None] + [2.0] * 10), days=7) == ((), None)


def test_counts_are_not_expected_below_nought_and_shares_not_above_one() -> None:
    fading: list[float | None] = [max(0.0, 60 - n) + n % 3 for n in range(80)]
    expected, _ = expect(_points(fading), days=14)
    assert min(one.low for one in expected) >= 0
    growing: list[float | None] = [min(1.0, 0.5 + n / 120) for n in range(80)]
    expected, _ = expect(_points(growing), days=14, bounded=True)
    assert max(one.high for one in expected) <= 1


@pytest.mark.parametrize("days", [0, 400])
def test_days_are_bounded(days: int) -> None:
    assert len(expect(_points([5.0 + n % 2 for n in range(90)]), days=days)[0]) == min(days, 92)
