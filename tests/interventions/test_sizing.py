"""Sizes and intervals, against published numbers."""

import pytest

from apps.interventions import sizing


@pytest.mark.parametrize(
    ("base", "relative", "published"),
    [(0.20, 0.25, 905), (0.10, 0.25, 2004), (0.0327, 0.25, 6527), (0.20, 0.40, 328), (0.10, 0.40, 721), (0.0327, 0.40, 2336)],
)
def test_accounts_per_arm_are_those_of_the_books(base, relative, published):
    assert sizing.needed_per_arm(base, -base * relative) == pytest.approx(published, abs=1.5)


@pytest.mark.parametrize("base", [0.0, 0.05, 0.3, 0.6])
def test_the_smallest_visible_effect_needs_just_the_accounts_there_are(base):
    effect = sizing.mde(base, 400, 400)
    assert sizing.needed_per_arm(base, effect) == pytest.approx(400, abs=2)


def test_more_accounts_show_smaller_effects_and_uneven_arms_larger_ones():
    assert sizing.mde(0.3, 900, 100) > sizing.mde(0.3, 500, 500) > sizing.mde(0.3, 5000, 5000)


def test_too_few_accounts_show_nothing():
    assert sizing.mde(0.3, 5, 1) is None
    assert sizing.mde(0.3, 100, 0) is None
    assert sizing.mde(1.0, 100, 100) is None


def test_months_until_an_effect_is_seen_are_those_in_which_it_becomes_the_smallest():
    months = sizing.months_until(0.3, 0.1, per_month=40, holdout=0.1)
    assert pytest.approx(sizing.sized(0.3, per_month=40, holdout=0.1, months=months).mde, abs=0.01) == 100 * 0.1
    assert sizing.months_until(0.3, 0.1, per_month=0, holdout=0.1) is None
    assert sizing.months_until(0.3, 0.1, per_month=40, holdout=0) is None
    assert sizing.months_until(0.95, 0.1, per_month=40, holdout=0.1) is None


def test_the_interval_of_a_difference_is_newcombes():
    """Newcombe 1998, table II, method 10: 56/70 against 48/80 is 0.2, from 0.0524 to 0.3339."""
    found = sizing.compared(70, 56, 80, 48)
    assert (found.points, found.low, found.high) == pytest.approx((20.0, 5.24, 33.39), abs=0.01)
    assert found.is_told


def test_few_accounts_tell_nothing_and_an_interval_around_zero_does_not_either():
    assert sizing.compared(19, 10, 200, 20).points is None
    assert not sizing.compared(40, 12, 40, 10).is_told
    assert (sizing.compared(0, 0, 0, 0).treated_percent, sizing.compared(10, 5, 0, 0).treated_percent) == (None, 50)
