"""Short forms of the benchmarks: simulated worlds whose truth is known."""

import numpy as np

from benchmarks import channel_policy, experiment_truth


def test_planned_daily_looks_alarm_falsely_in_at_most_five_of_a_hundred_and_lose_little_power():
    runs = 300
    assert experiment_truth.share_of(experiment_truth.planned_daily, 1, 0.0, runs) <= 0.07
    assert experiment_truth.share_of(experiment_truth.naive_peeking, 1, 0.0, runs) >= 0.15
    planned = experiment_truth.share_of(experiment_truth.planned_daily, 2, 0.3, runs)
    once = experiment_truth.share_of(experiment_truth.fixed, 2, 0.3, runs)
    assert planned >= 0.9 * once > 0.8


def test_the_any_time_rule_alarms_falsely_in_at_most_five_of_a_hundred():
    assert experiment_truth.share_of(experiment_truth.any_time, 1, 0.0, 300) <= 0.05


def test_one_arm_a_tenth_of_the_other_alarms_no_more_often():
    uneven = {"sizes": experiment_truth.TENTH, "rate": 0.05}
    assert experiment_truth.share_of(experiment_truth.planned_daily, 2, 0.0, 1_000, **uneven) <= 0.065
    assert experiment_truth.share_of(experiment_truth.any_time, 1, 0.0, 300, **uneven) <= 0.05


def test_a_skew_is_found_and_an_honest_split_left_alone():
    assert experiment_truth.alarms(5, 0.5, 100) <= 0.02
    assert experiment_truth.alarms(6, 0.52, 25) >= 0.9


def test_the_interval_of_a_drawn_holdout_holds_the_truth():
    assert 0.91 <= experiment_truth.holdout_coverage(3, 200, accounts=600)["covered"] <= 0.99


def test_the_channel_policy_learns_in_a_small_world():
    found = channel_policy.live(0, decisions=1_500, segments=3)
    assert found.value_over_oracle >= 0.8
    assert found.value_over_oracle > found.fixed_over_oracle + 0.1
    assert found.late_regret_over_fixed <= 0.35


def test_send_time_gains_from_the_segment_and_more_from_own_events():
    nothing, ten = (float(np.mean([channel_policy.send_time(seed, events, people=80) for seed in (0, 1)])) for events in (0, 10))
    assert nothing >= 0.55
    assert ten >= max(0.7, nothing)
