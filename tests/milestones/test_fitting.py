"""Abilities, difficulties and variants: the arithmetic."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.milestones.difficulty import fitting, rasch, tuning
from apps.milestones.difficulty.fitting import Option
from apps.milestones.difficulty.rasch import NO_OFFSET, NOBODY, UNTRIED, Belief, Beliefs, Tried
from apps.milestones.types import STANDARD

VARIANTS = [Option("gentle", 0.7, rasch.offset_of(0.7)), Option(STANDARD, 1.0), Option("stretch", 1.3, rasch.offset_of(1.3))]


def test_equal_ability_and_difficulty_is_a_chance_of_one_half():
    assert rasch.chance(Belief(0.8, 0.3), Belief(0.8, 0.1)) == 0.5


def test_little_knowledge_draws_a_chance_towards_one_half():
    sure, unsure = rasch.chance(Belief(1, 0.0), Belief(0, 0.0)), rasch.chance(Belief(1, 1.0), Belief(0, 1.5))
    assert sure == pytest.approx(1 / (1 + math.exp(-1)))
    assert unsure == pytest.approx(1 / (1 + math.exp(-1 / math.sqrt(1 + math.pi * 2.5 / 8))))


def test_a_success_raises_ability_and_lowers_difficulty_by_their_shares_of_the_uncertainty():
    ability, difficulty, offset = rasch.learn(NOBODY, UNTRIED, NO_OFFSET, reached=True)
    assert ability.mean > 0 > difficulty.mean
    assert -difficulty.mean / ability.mean == pytest.approx(difficulty.variance / ability.variance)
    assert ability.variance < NOBODY.variance
    assert offset == NO_OFFSET


def test_a_failure_mirrors_a_success():
    up, down = (rasch.learn(NOBODY, UNTRIED, NO_OFFSET, reached=reached) for reached in (True, False))
    assert [-one.mean for one in up[:2]] == pytest.approx([one.mean for one in down[:2]])
    assert [one.variance for one in up] == [one.variance for one in down]


def test_uncertainty_comes_back_little_by_little_so_that_who_learns_is_followed():
    known = Belief(0.0, 0.01)
    for _ in range(50):
        known, _, _ = rasch.learn(known, Belief(0.0, 0.0001), NO_OFFSET, reached=True)
    assert known.mean > 0.5


def test_what_is_learned_of_one_variant_tells_of_the_others():
    beliefs = Beliefs.empty().take_in([Tried(who, "share", "gentle", 0.7, False) for who in range(30)])
    assert beliefs.difficulties["share"].mean > 0.7
    assert beliefs.chance("new", "share") < 0.4
    assert beliefs.offsets["share", "gentle"].mean > rasch.offset_of(0.7).mean


def test_a_milestone_written_anew_is_known_less():
    tries = [Tried(who, "share", STANDARD, 1.0, who % 2 == 0) for who in range(40)]
    before = Beliefs.empty().take_in(tries).difficulties["share"].variance
    after = Beliefs.empty().take_in([*tries, Tried(99, "share", STANDARD, 1.0, True, version=2)])
    assert after.difficulties["share"].variance > 3 * before
    assert after.versions["share"] == 2


def test_the_variant_nearest_to_the_target_is_chosen_with_the_chance_before_and_after():
    weak, strong = Belief(-1.0, 0.1), Belief(2.5, 0.1)
    middling = Belief(0.0, 0.1)
    found = [fitting.fit(ability, middling, VARIANTS, target=0.7) for ability in (weak, strong)]
    assert [(one.key, one.factor) for one in found] == [("gentle", 0.7), ("stretch", 1.3)]
    assert found[0].before == pytest.approx(rasch.chance(weak, middling))
    assert found[0].after == pytest.approx(rasch.chance(weak, middling, rasch.offset_of(0.7)))
    assert found[0].after > found[0].before
    assert found[1].after < found[1].before


def test_more_than_30_percent_away_is_never_chosen():
    options = [Option("trivial", 0.3, Belief(-3, 0.1)), Option(STANDARD, 1.0)]
    found = fitting.fit(Belief(-2, 0.1), Belief(0, 0.1), options, target=0.7)
    assert found.key == STANDARD
    assert [one.why_not for one in found.weighed] == ["more than 30 % away from the milestone as it is written", ""]


def test_who_opted_out_gets_it_as_it_is_written():
    found = fitting.fit(Belief(-2, 0.1), Belief(0, 0.1), VARIANTS, target=0.7, as_written=fitting.FitReason.OPTED_OUT)
    assert (found.key, found.reason, found.after) == (STANDARD, "opted_out", found.before)


_BELIEFS = st.builds(Belief, st.floats(-4, 4), st.floats(0.01, 2))
_OPTIONS = st.lists(st.floats(0.7, 1.3), min_size=0, max_size=5, unique=True).map(
    lambda factors: [Option(STANDARD, 1.0), *(Option(f"v{factor}", factor, rasch.offset_of(factor)) for factor in factors if factor != 1)]
)


@settings(max_examples=200, deadline=None)
@given(ability=_BELIEFS, difficulty=_BELIEFS, options=_OPTIONS, target=st.floats(0.6, 0.8), last=st.none() | st.floats(0.7, 1.3))
def test_nothing_gets_harder_for_who_struggles(ability, difficulty, options, target, last):
    found = fitting.fit(ability, difficulty, options, target=target, struggles=True, hardest_before=last)
    easiest = min(option.factor for option in options)
    assert found.factor <= max(easiest, min(1.0, last if last is not None else 1.0)) + 1e-9
    assert 0.7 <= found.factor <= 1.3
    assert 0 < found.after < 1


@settings(max_examples=200, deadline=None)
@given(ability=_BELIEFS, difficulty=_BELIEFS, options=_OPTIONS, target=st.floats(0.6, 0.8))
def test_the_chosen_one_is_as_near_to_the_target_as_any(ability, difficulty, options, target):
    found = fitting.fit(ability, difficulty, options, target=target)
    assert abs(found.after - target) <= min(abs(one.chance - target) for one in found.weighed) + 1e-9


def test_two_failures_among_the_last_three_are_a_struggle():
    assert fitting.struggles([False, True, False, True], behind=False, at_risk=False)
    assert not fitting.struggles([True, False, True, False, False], behind=False, at_risk=False)
    assert fitting.struggles([True], behind=True, at_risk=False)
    assert fitting.struggles([], behind=False, at_risk=True)


def test_chances_are_corrected_by_what_came_true():
    found = tuning.retune([0.7] * 400, [0.0] * 400, [True] * 340 + [False] * 60)
    assert (found.outcomes, found.told, found.came_true) == (400, pytest.approx(0.7), 0.85)
    assert 0.6 < found.bias < 0.9
    assert 0.81 < fitting.corrected(0.7, found.bias) < 0.85


def test_retuning_from_the_same_outcomes_again_changes_nothing():
    reached = [True] * 340 + [False] * 60
    first = tuning.retune([0.7] * 400, [0.0] * 400, reached)
    told = fitting.corrected(0.7, first.bias)
    assert tuning.retune([told] * 400, [first.bias] * 400, reached).bias == pytest.approx(first.bias)


def test_few_outcomes_correct_nothing():
    assert tuning.retune([0.7] * 20, [0.0] * 20, [True] * 20).bias == 0.0
    assert tuning.retune([], [], []) is None
