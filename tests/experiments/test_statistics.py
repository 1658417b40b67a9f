"""Our figures are those of gbstats 0.8.0 and of GrowthBook's SDK 4.0.0, whose answers stand frozen in golden.json, and hold their own promises."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from apps.experiments import hashing
from apps.experiments.statistics import beliefs, cuped, effects, estimates, mismatch, power, sequential, several

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text())


def samples(row):
    return [estimates.Share(*fields) if len(fields) == 2 else estimates.Mean(*fields) for fields in (row["a"], row["b"])]


@pytest.mark.parametrize("row", GOLDEN["tests"], ids=lambda row: f"{row['a'][0]} and {row['b'][0]}")
@pytest.mark.parametrize("kind", ["relative", "absolute"])
def test_effects_intervals_and_p_values_are_those_of_gbstats(row, kind):
    first, second = samples(row)
    ours = estimates.relative(first, second) if kind == "relative" else estimates.difference(first, second)
    theirs = row[kind]
    units = first.n + second.n
    assert (ours.effect, ours.error) == pytest.approx((theirs["effect"], theirs["error"]), rel=1e-12)
    assert ours.interval() == pytest.approx(theirs["ci"], rel=1e-9)
    assert ours.p_value() == pytest.approx(theirs["p"], abs=1e-12)
    assert sequential.always_valid(ours, units) == pytest.approx(theirs["seq_ci"], rel=1e-9)
    assert sequential.always_valid_p(ours, units) == pytest.approx(theirs["seq_p"], rel=1e-9)
    if kind == "relative":
        assert beliefs.chance_to_win(ours) == pytest.approx(theirs["ctw"], abs=1e-12)


@pytest.mark.parametrize("row", GOLDEN["tests"][:8], ids=lambda row: str(row["a"][0]))
def test_the_mismatch_at_the_end_is_that_of_gbstats(row):
    assert mismatch.final_p([row["a"][0], row["b"][0]], [0.5, 0.5]) == pytest.approx(row["srm"], rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("row", GOLDEN["cuped"], ids=lambda row: f"{row['n'][0]} and {row['n'][1]}")
def test_cuped_is_that_of_gbstats(row):
    arms = np.repeat([0, 1], row["n"])
    first, second = cuped.adjust(np.array(row["y"]), np.array(row["x"]), arms, 2)
    ours = estimates.difference(first, second)
    assert (ours.effect, ours.error, ours.p_value()) == pytest.approx((row["effect"], row["error"], row["p"]), rel=1e-9, abs=1e-12)
    assert ours.interval() == pytest.approx(row["ci"], rel=1e-9)
    over = estimates.relative(first, second)
    assert (over.effect, over.error) == pytest.approx((row["relative"], row["relative_error"]), rel=1e-9)


@pytest.mark.parametrize(("seed", "unit", "place"), GOLDEN["hashes"])
def test_the_hash_is_that_of_the_sdk(seed, unit, place):
    assert hashing.position(seed, unit) == place


@pytest.mark.parametrize(("weights", "coverage", "place", "variant"), GOLDEN["variants"])
def test_the_variant_is_that_of_the_sdk(weights, coverage, place, variant):
    assert hashing.variant_at(place, hashing.ranges(weights, coverage)) == variant


def test_known_values_of_the_hash():
    # The published test vectors of FNV-1a, 32 bits.
    assert (hashing.fnv1a32(""), hashing.fnv1a32("a"), hashing.fnv1a32("foobar")) == (0x811C9DC5, 0xE40C292C, 0xBF9CF968)


@given(st.floats(0, 0.99999), st.floats(0.05, 1), st.floats(0, 1))
def test_a_larger_coverage_lets_more_in_and_moves_nobody(place, small, more):
    weights = [0.2, 0.5, 0.3]
    before = hashing.variant_at(place, hashing.ranges(weights, small))
    after = hashing.variant_at(place, hashing.ranges(weights, small + (1 - small) * more))
    assert before in (after, hashing.NOT_IN)


def test_cuped_takes_missing_values_for_the_mean_and_marks_them():
    draw = np.random.default_rng(3)
    n = 4_000
    arms = draw.integers(0, 2, n)
    before = draw.normal(10, 3, n)
    new = draw.random(n) < 0.3
    # Those of whom nothing is known are others: 4 lower.
    outcomes = before * 0.9 + draw.normal(0, 1, n) + 0.3 * arms - 4 * new
    before[new] = np.nan
    adjusted = estimates.difference(*cuped.adjust(outcomes, before, arms, 2))
    bare = estimates.difference(*(estimates.Mean(int(s.sum()), outcomes[s].sum(), (outcomes[s] ** 2).sum()) for s in (arms == 0, arms == 1)))
    assert abs(adjusted.effect - 0.3) < 2.5 * adjusted.error
    assert adjusted.error < 0.65 * bare.error


@pytest.mark.parametrize("before", [np.full(6, np.nan), np.full(6, 7.0)], ids=["nothing known", "all the same"])
def test_cuped_without_a_useful_covariate_changes_nothing(before):
    outcomes, arms = np.array([1.0, 0, 1, 1, 0, 1]), np.array([0, 0, 0, 1, 1, 1])
    first, second = cuped.adjust(outcomes, before, arms, 2)
    assert (first.mean, second.mean, first.n, first.variance) == (pytest.approx(2 / 3), pytest.approx(2 / 3), 3, pytest.approx(1 / 3))


def test_five_planned_looks_have_the_published_boundaries():
    # Reboussin, DeMets, Kim and Lan (2000), two-sided 0.05, O'Brien-Fleming spending.
    assert sequential.boundaries((0.2, 0.4, 0.6, 0.8, 1.0)) == pytest.approx((4.8769, 3.3569, 2.6803, 2.2898, 2.0310), abs=2e-4)
    assert sequential.boundaries((1.0,)) == pytest.approx((1.959964,), abs=1e-6)


def test_a_boundary_depends_only_on_looks_before_it():
    assert sequential.boundaries((0.3, 0.55, 1.0))[:2] == sequential.boundaries((0.3, 0.55))


@pytest.mark.parametrize("fractions", [(0.5, 0.5), (0.0, 1.0), (0.6, 0.4), (0.5, 1.1)])
def test_looks_that_do_not_rise_are_refused(fractions):
    with pytest.raises(ValueError, match="rise"):
        sequential.boundaries(fractions)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=8, unique=True))
def test_all_of_the_error_is_spent_by_the_end_however_the_looks_fall(steps):
    """A random walk crosses the boundaries with the probability promised: counted over 60,000 fixed walks."""
    fractions = tuple(step / 40 for step in sorted(steps))
    bounds = np.array(sequential.boundaries(fractions))
    walks = WALKS[:, [round(40 * fraction) - 1 for fraction in fractions]] / np.sqrt(fractions)
    crossed = float((np.abs(walks) > bounds).any(axis=1).mean())
    assert crossed == pytest.approx(sequential.spent(fractions[-1]), abs=0.004)


WALKS = (np.random.default_rng(1).standard_normal((60_000, 40)) / np.sqrt(40)).cumsum(axis=1)


def test_an_honest_split_is_not_called_a_mismatch_and_a_skewed_one_is():
    assert mismatch.sequential_p([500, 500], [0.5, 0.5]) == 1.0
    assert mismatch.sequential_p([520, 480], [0.5, 0.5]) == 1.0
    assert mismatch.sequential_p([10_400, 9_600], [0.5, 0.5]) < 1e-5
    assert mismatch.sequential_p([0, 0], [0.5, 0.5]) == 1.0
    assert mismatch.final_p([], []) == 1.0


def test_the_evidence_of_a_mismatch_is_the_ratio_of_two_likelihoods():
    # One unit in the first of two arms, shares .5: the alternative gives it .5 too.
    assert mismatch.sequential_p([1, 0], [0.5, 0.5]) == pytest.approx(1.0)
    # Two units in the same arm: .5 * 51/101 against .25.
    assert mismatch.sequential_p([2, 0], [0.5, 0.5]) == pytest.approx(1 / (0.5 * 51 / 101 / 0.25))


def test_holm_keeps_the_order_and_multiplies_by_what_is_left():
    assert several.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert several.levels(3, 0.06) == pytest.approx([0.02, 0.03, 0.06])


def test_sizes_and_power_agree_with_each_other():
    # statsmodels' arcsine formula says 3,835.
    n = power.size_per_arm(0.10, 0.02)
    assert n == 3_839
    assert power.power_of(0.10, 0.02, n, n) == pytest.approx(0.8, abs=1e-3)
    assert power.smallest_effect(0.10, n, n) == pytest.approx(0.02, abs=2e-5)
    assert power.size_for_mean(10, 1) == 1_570
    # One in ten held out: 9 treated for each of them.
    assert power.size_per_arm(0.10, 0.02, share=0.9) > 4 * n


@pytest.mark.parametrize(("rate", "effect"), [(0, 0.1), (0.9, 0.2), (0.1, 0), (0.1, -0.1)])
def test_impossible_effects_have_no_size(rate, effect):
    with pytest.raises(ValueError, match="Rates"):
        power.size_per_arm(rate, effect)


def test_arms_too_small_for_anything_have_no_smallest_effect():
    assert power.smallest_effect(0.5, 3, 3) is None
    assert power.smallest_effect(0.5, 0, 300) is None


def test_the_chance_to_be_best_adds_up_and_never_runs_away_from_the_prior():
    two = beliefs.chances_to_be_best([estimates.Share(400, 40), estimates.Share(400, 60)])
    assert two == pytest.approx([1 - two[1], two[1]])
    # Without the prior it would be 0.96.
    assert two[1] == pytest.approx(0.716, abs=5e-4)
    three = beliefs.chances_to_be_best([estimates.Share(4000, 400), estimates.Share(4000, 400), estimates.Share(4000, 520)])
    assert sum(three) == pytest.approx(1.0)
    assert three[2] > 0.95
    assert beliefs.chances_to_be_best([estimates.Share(10, 0), estimates.Share(10, 5)]) is None


# As statsmodels 0.15.0 gives them.
@pytest.mark.parametrize(
    ("treated", "held_out", "interval"),
    [
        ((450, 40), (50, 5), (-0.12700498706409308, 0.0528305068637375)),
        ((180, 9), (20, 0), (-0.11282624383307509, 0.09228080964644457)),
        ((3600, 310), (400, 30), (-0.020178630632667657, 0.03508412698204415)),
    ],
)
def test_the_interval_of_a_holdout_is_newcombes(treated, held_out, interval):
    assert effects.newcombe(effects.Arm(*treated), effects.Arm(*held_out)) == pytest.approx(interval, abs=1e-12)


def coverage(n, m, p, q):
    """Exactly, over every pair of counts."""
    ones, others = np.arange(n + 1), np.arange(m + 1)
    chances = np.outer(stats.binom.pmf(ones, n, p), stats.binom.pmf(others, m, q))
    covered = 0.0
    for i, j in np.argwhere(chances > 1e-6):
        low, high = effects.newcombe(effects.Arm(n, int(i)), effects.Arm(m, int(j)))
        covered += chances[i, j] * (low <= p - q <= high)
    return covered


@pytest.mark.parametrize("base", [0.02, 0.1])
def test_the_interval_of_a_small_holdout_covers_the_truth_in_93_to_97_of_100(base):
    assert 0.93 <= coverage(450, 50, 1.5 * base, base) <= 0.97


def test_an_effect_is_told_with_both_rates_and_only_when_it_is_sure():
    sure = effects.effect(effects.Arm(900, 270), effects.Arm(100, 15))
    assert sure.enough
    assert sure.more is None
    assert sure.words.startswith("15.0 points more because of it (95 % sure of 6.")
    assert sure.words.endswith("30.0 % (270 of 900) of the treated and 15.0 % (15 of 100) of those held out.")
    unsure = effects.effect(effects.Arm(90, 20), effects.Arm(10, 1))
    assert not unsure.enough
    assert unsure.words == (
        f"We cannot tell yet: about {unsure.more:,} more accounts are needed. "
        "So far 22.2 % (20 of 90) of the treated and 10.0 % (1 of 10) of those held out."
    )
    worse = effects.effect(effects.Arm(900, 90), effects.Arm(100, 30))
    assert worse.words.startswith("20.0 points fewer because of it")


def test_so_many_more_accounts_tell_it_in_four_of_five():
    held, treated = effects.Arm(40, 4), effects.Arm(360, 50)
    more = effects.effect(treated, held, worth=0.06).more
    total = 400 + more
    base = 5 / 42
    assert power.power_of(base, 0.06, total // 10, total * 9 // 10) == pytest.approx(0.8, abs=0.01)


def test_nothing_to_compare_is_said():
    alone = effects.effect(effects.Arm(50, 20), effects.Arm(0, 0))
    assert (alone.difference, alone.enough, alone.more, alone.low, alone.high) == (None, False, None, -1.0, 1.0)
    assert alone.words == "Nobody was held out, so nothing says what would have happened anyway."
    assert effects.effect(effects.Arm(0, 0), effects.Arm(0, 0)).words == "Nobody was treated yet."
    with pytest.raises(ValueError, match="cannot be"):
        effects.Arm(3, 4)


@given(st.integers(1, 400), st.integers(1, 60), st.floats(0, 1), st.floats(0, 1))
def test_every_pair_of_arms_has_an_interval_around_its_difference_and_an_answer(n, m, p, q):
    found = effects.effect(effects.Arm(n, round(n * p)), effects.Arm(m, round(m * q)))
    assert -1 <= found.low <= found.difference <= found.high <= 1
    assert found.enough == (found.more is None)
    assert found.more is None or found.more > 0
