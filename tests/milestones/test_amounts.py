"""The arithmetic of rewards: exact values, bounds that hold for everybody."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from apps.milestones.recognition.pseudonyms import pseudonym
from apps.milestones.rewards import amounts, pacing
from apps.milestones.rewards.counting import Run, run
from apps.milestones.rewards.signals import Facts, signs
from apps.milestones.rewards.tiers import Rung, tier_of
from apps.milestones.types import Step, month_bounds


def test_the_odds_are_bounded_have_a_mean_of_one_and_are_drawn_by_their_seed():
    assert sum(share for _, share in amounts.ODDS) == pytest.approx(1)
    assert sum(times * share for times, share in amounts.ODDS) == pytest.approx(1)
    draws = [amounts.varied(f"s{number}") for number in range(20_000)]
    assert set(draws) == {0.5, 0.75, 1.0, 1.25, 1.5}
    assert sum(draws) / len(draws) == pytest.approx(1, abs=0.006)
    thirties = [sum(draws[start : start + 30]) / 30 for start in range(0, 19_980, 30)]
    mean = sum(thirties) / len(thirties)
    assert (sum((one - mean) ** 2 for one in thirties) / len(thirties)) ** 0.5 == pytest.approx(0.05, abs=0.004)
    assert amounts.varied("s7") == draws[7]
    assert amounts.odds_in_words() == "0.5 times in 10%, 0.75 times in 20%, 1 times in 40%, 1.25 times in 20%, 1.5 times in 10%"


def test_a_streak_adds_a_little_and_never_more_than_half():
    assert [round(amounts.streak_factor(weeks), 2) for weeks in (0, 1, 7, 30, 10_000)] == [1.0, 1.07, 1.32, 1.49, 1.5]


def test_acts_beyond_what_is_usual_count_less_and_less():
    assert amounts.acts_worth(3, usual=3, decay=0.85) == 3
    assert amounts.acts_worth(5, usual=3, decay=0.85) == pytest.approx(3 + 0.85 + 0.85**2)
    assert amounts.acts_worth(10_000, usual=3, decay=0.85) == pytest.approx(3 + 0.85 / 0.15)
    assert amounts.acts_worth(10, usual=3, decay=1.0) == 10
    assert amounts.day_amount(50, each=Decimal(5), usual=3, decay=0.85, cap=Decimal(40)) == 40


@given(some.integers(0, 500), some.integers(1, 20), some.floats(0.1, 1.0))
def test_one_more_act_never_lowers_a_day_and_never_counts_more_than_one(acts, usual, decay):
    before, after = (amounts.acts_worth(number, usual=usual, decay=decay) for number in (acts, acts + 1))
    assert 0 <= after - before <= 1 + 1e-9


def test_usual_is_what_nine_of_ten_days_stay_within():
    assert amounts.usual_acts([]) == 1
    assert amounts.usual_acts([0] * 9) == 1
    assert amounts.usual_acts(list(range(1, 11))) == 9


def test_the_pace_is_what_is_left_against_what_would_be_asked_for():
    start, end = month_bounds(date(2026, 4, 1))
    at = {"start": start, "end": end}
    half = datetime(2026, 4, 16, tzinfo=UTC)
    assert pacing.pace(planned=3000, left=3000, asked=0, asked_days=0, now=start, **at).multiplier == 1
    assert pacing.pace(planned=3000, left=1500, asked=1500, asked_days=15, now=half, **at).multiplier == 1
    assert pacing.pace(planned=3000, left=1200, asked=1500, asked_days=15, now=half, **at).multiplier == pytest.approx(0.8)
    assert pacing.pace(planned=3000, left=10, asked=1500, asked_days=15, now=half, **at).multiplier == 0.5
    assert pacing.pace(planned=3000, left=3000, asked=0, asked_days=28, now=half, **at).multiplier == 1.5


def test_a_tier_is_kept_until_less_than_eight_tenths_are_left():
    rungs = [Rung("silver", Decimal(500)), Rung("gold", Decimal(1000))]
    assert [tier_of(Decimal(points), "", rungs) for points in (499, 500, 999, 1000)] == ["", "silver", "silver", "gold"]
    assert [tier_of(Decimal(points), "gold", rungs) for points in (1000, 800, 799, 500, 399)] == ["gold", "gold", "silver", "silver", ""]
    assert tier_of(Decimal(400), "silver", rungs) == "silver"
    assert tier_of(Decimal(5000), "gone", rungs) == "gold"


def test_hysteresis_cuts_the_changes_of_somebody_at_the_threshold():
    draw, rungs = random.Random(1), [Rung("silver", Decimal(500))]
    points = [Decimal(round(500 + draw.gauss(0, 30))) for _ in range(365)]
    plain = sum((a >= 500) != (b >= 500) for a, b in zip(points, points[1:], strict=False))
    held, changes = "", 0
    for one in points:
        now = tier_of(one, held, rungs)
        changes, held = changes + (now != held), now
    assert (plain > 100, changes) == (True, 1)


WEDNESDAY = date(2026, 3, 11)


def weeks(*back: int, days: int = 2) -> set[date]:
    return {WEDNESDAY - timedelta(weeks=number, days=day) for number in back for day in range(days)}


@pytest.mark.parametrize(
    ("active", "expected"),
    [
        (set(), Run(0, 0, None)),
        (weeks(0, 1, 2), Run(3, 0, date(2026, 3, 9))),
        # This week is not over: it breaks nothing.
        (weeks(1, 2), Run(2, 0, date(2026, 3, 2))),
        # One missed week in four is forgiven, two are not.
        (weeks(0, 1, 3, 4), Run(4, 1, date(2026, 3, 9))),
        (weeks(0, 1, 4, 5), Run(2, 0, date(2026, 3, 9))),
        (weeks(0, 1, 3, 4, 5, 7, 8), Run(7, 2, date(2026, 3, 9))),
        (weeks(0, 1, 3, 5), Run(3, 1, date(2026, 3, 9))),
        # One day a week is not enough.
        (weeks(0, 1) | weeks(2, 3, days=1), Run(2, 0, date(2026, 3, 9))),
    ],
)
def test_weeks_in_a_row_with_one_of_grace(active, expected):
    assert run(active, today=WEDNESDAY) == expected


def test_holidays_neither_count_nor_break():
    holidays = {WEDNESDAY - timedelta(weeks=number, days=day) for number in (1, 2, 3) for day in range(-2, 5)}
    assert run(weeks(0, 4, 5), today=WEDNESDAY).length == 1
    assert run(weeks(0, 4, 5), today=WEDNESDAY, rests=holidays).length == 3


def test_weekends_rest_and_one_working_day_a_week_is_forgiven():
    days = {date(2026, 3, day) for day in (11, 10, 9, 6, 4, 3, 2)}
    assert run(days, today=WEDNESDAY, step=Step.DAY) == Run(7, 1, WEDNESDAY)
    assert run(days - {date(2026, 3, 9)}, today=WEDNESDAY, step=Step.DAY) == Run(3, 1, WEDNESDAY)
    assert run(days | {date(2026, 3, 7)}, today=WEDNESDAY, step=Step.DAY).length == 7


def test_signs_of_gaming_say_their_reason_and_honest_work_shows_none():
    assert signs(Facts(last_hour=11, last_week=60, people=8, by_one=20, decided=100, reversed=10, times=[0, 40, 300, 310, 900] * 3)) == []
    said = [sign.words for sign in signs(Facts(12, 40, 5, 39, 20, 5, [900.0 - 30 * number for number in range(15)], timedelta(seconds=20)))]
    assert said == [
        "12 claims within an hour; a team at work makes fewer than 12.",
        "14 of 14 acts came 30 s after the one before, give or take 2 s.",
        "One of 5 people made 39 of 40 claims of a week.",
        "5 of 20 earlier grants were taken back.",
        "Reached 20 s after it opened.",
    ]


def test_a_made_up_name_belongs_to_one_board(settings):
    assert pseudonym("a", 7) == pseudonym("a", 7)
    here, there = ([pseudonym(salt, number) for number in range(300)] for salt in ("a", "b"))
    assert len(set(here)) > 295
    assert sum(one == other for one, other in zip(here, there, strict=True)) <= 1
    before = pseudonym("a", 7)
    settings.SECRET_KEY = "another"
    assert pseudonym("a", 7) != before
