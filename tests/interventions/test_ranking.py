from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.interventions import ranking
from apps.interventions.ranking import Item, Outcomes, expected_saved, fitted, ranked, save_rate
from apps.interventions.types import TaskType

NONE = Outcomes()


def test_without_outcomes_the_rate_is_the_stated_belief_and_says_so():
    rate = save_rate(TaskType.RISK, of_type=NONE, of_segment=NONE)
    assert rate.mean == pytest.approx(0.15)
    assert rate.low < 0.15 < rate.high
    assert rate.words == "15% of would-be leavers kept: an assumption, not a measurement; no outcome of our own is old enough yet."


def test_outcomes_draw_the_rate_by_their_number_and_are_counted_in_words():
    """20 believed would-be leavers of whom 3 stay, 20 observed of whom 10 stay: 13 of 40 by type; then the same again for the segment."""
    seen = Outcomes(accounts=100, expected=20.0, left=10)
    assert save_rate(TaskType.RISK, of_type=seen, of_segment=NONE).mean == pytest.approx(13 / 40)
    both = save_rate(TaskType.RISK, of_type=seen, of_segment=seen)
    assert both.mean == pytest.approx((20 * 13 / 40 + 10) / 40)
    assert "100 accounts, 20.0 expected to leave if nothing was done, 10 left" in both.words


def test_more_leavers_than_expected_keep_nobody():
    assert save_rate(TaskType.RISK, of_type=Outcomes(30, 5.0, 9), of_segment=NONE).mean == pytest.approx(3 / 25)


def test_many_outcomes_outweigh_the_belief_and_narrow_the_interval():
    few = save_rate(TaskType.RISK, of_type=Outcomes(40, 10.0, 6), of_segment=Outcomes(40, 10.0, 6))
    many = save_rate(TaskType.RISK, of_type=Outcomes(4000, 1000.0, 600), of_segment=Outcomes(4000, 1000.0, 600))
    assert many.mean == pytest.approx(0.4, abs=0.01)
    assert many.high - many.low < (few.high - few.low) / 4


def test_expected_saved_arr_is_the_product_with_an_interval_around_it():
    rate = save_rate(TaskType.RISK, of_type=NONE, of_segment=NONE)
    narrow = expected_saved(chance=0.6, low=None, high=None, arr=24_000, rate=rate)
    wide = expected_saved(chance=0.6, low=0.4, high=0.8, arr=24_000, rate=rate)
    assert narrow.value == wide.value == pytest.approx(0.6 * 24_000 * 0.15)
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high
    assert expected_saved(chance=0.6, low=None, high=None, arr=0, rate=rate) == ranking.Saved(0, 0, 0)


def test_value_per_minute_ranks_and_who_waits_comes_first():
    long, short, waits = Item(1, 60, 9_000), Item(2, 10, 2_000), Item(3, 20, 1, first=True)
    assert [item.key for item in ranked([long, short, waits])] == [3, 2, 1]


def test_the_greedy_choice_is_beaten_where_a_pair_is_worth_more():
    """The best per minute leaves minutes over that nothing fits into; two others fill the hour."""
    items = [Item(1, 35, 36), Item(2, 30, 30), Item(3, 30, 30)]
    assert fitted(items, 60) == {2, 3}


ITEMS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 1000), st.booleans()), max_size=9).map(
    lambda rows: [Item(key, minutes, float(value), first) for key, (minutes, value, first) in enumerate(rows)]
)


@given(ITEMS, st.integers(0, 200))
def test_no_choice_of_what_can_wait_is_worth_more_than_the_plan(items, minutes):
    chosen = fitted(items, minutes)
    left = max(0, minutes - sum(item.minutes for item in items if item.first))
    rest = [item for item in items if not item.first]
    planned = [item for item in rest if item.key in chosen]
    assert sum(item.minutes for item in planned) <= left
    most = max(
        sum(item.value for item in some)
        for size in range(len(rest) + 1)
        for some in combinations(rest, size)
        if sum(item.minutes for item in some) <= left
    )
    assert sum(item.value for item in planned) == most


@given(ITEMS, st.integers(0, 200), st.randoms())
def test_the_same_items_in_any_order_give_the_same_list_and_plan(items, minutes, chance):
    shuffled = list(items)
    chance.shuffle(shuffled)
    assert (ranked(shuffled), fitted(shuffled, minutes)) == (ranked(items), fitted(items, minutes))


@given(ITEMS, st.integers(0, 200))
def test_who_waits_is_never_left_out(items, minutes):
    assert {item.key for item in items if item.first} <= fitted(items, minutes)
