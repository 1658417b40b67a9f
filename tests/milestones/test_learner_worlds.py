"""Short forms of benchmarks/learners.py: simulated learners whose truth is known."""

import numpy as np

from benchmarks import learners


def test_difficulties_are_found_after_1500_attempts_and_the_told_chances_come_true():
    found = [learners.difficulties(seed) for seed in range(6)]
    assert np.mean([one.correlation for one in found]) >= 0.95
    assert np.mean([one.correlation for one in found]) > np.mean([one.raw for one in found])
    assert np.mean([one.calibration for one in found]) <= 0.06


def test_a_fitted_path_reaches_more_and_keeps_more_than_the_fixed_order():
    fixed, adaptive = learners.journey(0, "fixed", learners=80), learners.journey(0, "adaptive", learners=80)
    assert adaptive.reached > fixed.reached + 1
    assert adaptive.there > fixed.there + 0.05
    assert 0.6 <= adaptive.late_success <= 0.8


def test_the_milestones_that_make_accounts_stay_are_found_where_the_naive_reading_finds_survivors():
    found = learners.drivers(0, accounts=1_200)
    assert found.learned == learners.DRIVERS
    assert found.naive == (10, 11)
    assert found.stay["learned"] > max(found.stay["catalogue"], found.stay["naive"], found.stay["own"]) + 0.05
