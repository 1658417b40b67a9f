from datetime import UTC, datetime, timedelta
from decimal import Decimal

from apps.health import momentum

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def told(*pairs):
    """(days ago, score) as the history holds them."""
    return momentum.samples([(NOW - ago * DAY, score * 100) for ago, score in pairs], until=NOW)


def test_a_steady_fall_is_its_slope():
    assert momentum.slope(told(*[(ago, 50 + ago) for ago in range(30, -1, -1)])) == Decimal("-28.0")


def test_one_odd_week_moves_it_little():
    days = [(ago, 10 if 10 <= ago < 14 else 70) for ago in range(30, -1, -1)]
    assert momentum.slope(told(*days)) == Decimal("0.0")


def test_what_was_told_holds_until_something_else_is_told():
    samples = told((40, 60), (7, 80))
    assert len(samples) == 28
    assert samples[0] == (-27, 6000)
    assert samples[-8:] == [(-7, 8000), (-6, 8000), (-5, 8000), (-4, 8000), (-3, 8000), (-2, 8000), (-1, 8000), (0, 8000)]


def test_less_than_two_weeks_is_no_momentum():
    assert momentum.slope(told((12, 60), (0, 70))) is None
    assert momentum.slope(told((13, 60), (0, 70))) is not None
