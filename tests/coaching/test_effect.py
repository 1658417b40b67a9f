"""What the estimators say where the truth is known, and what may be said of what they say."""

import numpy as np
import pytest

from apps.coaching.effect import decay, observed, randomised, verdict
from apps.coaching.effect.cohort import Cohort, Estimate, log_rate
from apps.coaching.effect.verdict import Standing
from benchmarks import coaching_effect as worlds


@pytest.fixture
def draw():
    return np.random.default_rng(20260311)


def test_a_log_rate_is_acts_a_week_and_nothing_has_one_too():
    assert log_rate([0, 8], 4.0) == pytest.approx([np.log(0.125), np.log(2.125)])


def test_where_nothing_happened_before_and_after_sees_something_and_matching_does_not():
    """The world of ML.md, section 5: short here; benchmarks/coaching_effect.py prints it at length."""
    draw = np.random.default_rng(5)
    cohorts = [worlds.coached(draw, 0.0).cohort for _ in range(12)]
    naive, matched, aipw = (np.mean([estimate(one).value for one in cohorts]) for estimate in (observed.naive, observed.matched, observed.aipw))
    assert naive > 0.06
    assert abs(matched) <= 0.03
    assert abs(aipw) <= 0.03


def test_where_it_helps_every_honest_estimate_finds_about_as_much():
    draw = np.random.default_rng(6)
    cohorts = [worlds.coached(draw, 0.13).cohort for _ in range(12)]
    lots = [worlds.shown(draw, 0.13).cohort for _ in range(40)]
    assert np.mean([observed.matched(one).value for one in cohorts]) == pytest.approx(0.13, abs=0.03)
    assert np.mean([observed.aipw(one).value for one in cohorts]) == pytest.approx(0.13, abs=0.03)
    assert np.mean([randomised.effect(one).value for one in lots]) == pytest.approx(0.13, abs=0.03)


def test_the_interval_of_the_lot_holds_the_truth_as_often_as_it_says():
    draw = np.random.default_rng(7)
    for truth in (0.0, 0.13):
        found = [randomised.effect(worlds.shown(draw, truth).cohort) for _ in range(600)]
        assert 0.93 <= np.mean([one.low <= truth <= one.high for one in found]) <= 0.97


def test_units_of_one_account_count_as_little_more_than_one(draw):
    """The same slots, once as accounts of their own, once as they are: the honest error is wider where an account is drawn as a whole."""
    n = 600
    treated = np.repeat(draw.random(n // 3) < 0.5, 3)
    own = np.repeat(draw.normal(0, 1, n // 3), 3)
    flat = np.zeros(n)
    together = Cohort(treated, flat, np.zeros((n, 2)), own, np.repeat(np.arange(n // 3), 3), np.full(n, 0.5))
    apart = Cohort(treated, flat, np.zeros((n, 2)), own, np.arange(n), np.full(n, 0.5))
    ratio = randomised.effect(together).error / randomised.effect(apart).error
    assert ratio == pytest.approx(np.sqrt(3), abs=0.1)


def test_unequal_chances_are_weighed(draw):
    """Where the strong are held back half the time and the weak a tenth, unweighted arms would differ by themselves."""
    n = 6_000
    strong = draw.random(n) < 0.5
    held = np.where(strong, 0.5, 0.1)
    treated = draw.random(n) >= held
    after = strong + draw.normal(0, 0.2, n)
    chance = np.where(treated, 1 - held, held)
    cohort = Cohort(treated, np.zeros(n), np.zeros((n, 2)), after, np.arange(n), chance)
    assert abs(after[treated].mean() - after[~treated].mean()) > 0.3
    assert randomised.effect(cohort).value == pytest.approx(0.0, abs=0.05)


def test_what_nobody_drew_is_no_comparison_by_lot(draw):
    cohort = worlds.coached(draw, 0.0).cohort
    assert randomised.effect(cohort) is None
    assert verdict.by_lot(cohort).standing == Standing.WAITING


def test_whoever_has_nobody_alike_is_left_out():
    before = np.array([[0.0, 0.0]] * 6 + [[9.0, 9.0], [0.1, 0.0]])
    treated = np.array([False] * 6 + [True, True])
    alone = Cohort(treated, np.zeros(8), before, np.ones(8), np.arange(8), np.full(8, np.nan))
    assert observed.matched(alone) is None
    more = Cohort(np.append(treated, True), np.zeros(9), np.vstack([before, [[0.0, 0.1]]]), np.ones(9), np.arange(9), np.full(9, np.nan))
    assert observed.matched(more).treated == 2


def test_a_hidden_difference_before_is_found_and_nothing_is_claimed(draw):
    cohort = worlds.coached(draw, 0.13).cohort
    shifted = Cohort(cohort.treated, cohort.earlier + 0.4 * cohort.treated, cohort.before, cohort.after, cohort.group, cohort.chance)
    found = verdict.by_comparison(shifted)
    assert found.standing == Standing.DOUBTFUL
    assert "already before anybody coached them" in found.sentence


def test_fewer_than_fifty_are_no_verdict(draw):
    cohort = worlds.coached(draw, 0.5, accounts=150).cohort
    found = verdict.by_comparison(cohort)
    assert (found.standing, "50 are needed" in found.sentence, found.main) == (Standing.WAITING, True, None)
    lots = worlds.shown(draw, 0.5, accounts=100).cohort
    assert verdict.by_lot(lots).standing == Standing.WAITING


def test_what_was_only_observed_never_says_because(draw):
    found = verdict.by_comparison(worlds.coached(draw, 0.3).cohort)
    assert found.standing == Standing.DIRECTIONAL
    assert "Directional: nobody drew lots." in found.sentence
    assert "because" not in found.sentence
    assert found.naive is not None


def test_the_lot_may_say_because_and_says_how_sure(draw):
    found = verdict.by_lot(worlds.shown(draw, 0.3).cohort)
    assert found.standing == Standing.PROVEN
    assert "because of it" in found.sentence
    assert "held back" not in found.sentence
    none = verdict.by_lot(worlds.shown(np.random.default_rng(3), 0.0).cohort)
    assert none.standing == Standing.NO_DIFFERENCE


def test_a_fading_effect_shows_its_half_life(draw):
    n, weeks = 4_000, 8
    treated = draw.random(n) < 0.5
    cohort = Cohort(treated, np.zeros(n), np.zeros((n, 2)), np.zeros(n), np.arange(n), np.full(n, 0.5))
    after = draw.normal(0, 0.3, (n, weeks)) + treated[:, None] * 0.4 * 0.5 ** (np.arange(weeks) / 3)
    after[:, 7] = np.nan
    found = decay.weeks(cohort, after, by_lot=True)
    assert [week.number for week in found] == [1, 2, 3, 4, 5, 6, 7]
    assert decay.half_life(found) == pytest.approx(3.0, abs=0.6)


def test_an_effect_that_stays_has_no_half_life():
    flat = [decay.Week(week, Estimate(0.2, 0.01, 0.18, 0.22, 90, 90)) for week in range(1, 8)]
    assert decay.half_life(flat) is None
    assert decay.half_life(flat[:3]) is None


def test_the_weeks_say_when_it_is_no_longer_seen():
    def week(number, value):
        return decay.Week(number, Estimate(value, 0.05, value - 0.1, value + 0.1, 90, 90))

    assert decay.in_words([week(1, 0.4), week(2, 0.3), week(3, 0.2), week(4, 0.05), week(5, -0.02)]) == "From week 4 on it is no longer seen."
    assert decay.in_words([week(number, 0.05) for number in range(1, 6)]) == "No week alone is sure."
    assert decay.in_words([week(number, 0.2) for number in range(1, 6)]) == "It does not fade clearly within these weeks."
    assert decay.in_words([week(1, 0.8), week(2, 0.4), week(3, 0.2), week(4, 0.14)]) == "Half of it is gone after about 1 week."
    assert decay.in_words([week(1, 0.4)]) == ""


def test_a_cohort_with_a_missing_period_is_no_cohort():
    with pytest.raises(ValueError, match="three periods before"):
        Cohort(np.array([True]), np.zeros(1), np.zeros((1, 1)), np.zeros(1), np.zeros(1, dtype=int), np.zeros(1))
