"""Points, weights and contributions: pure arithmetic in hundredths."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.health import standard, tree
from apps.health.folding import fold
from apps.health.registry import BY_KEY
from apps.health.types import Band, band_of

FLAT = [{"from": None, "points": 0}, {"from": 10, "points": 60}, {"from": 20, "points": 100}]


def measure(source, weight, tiers=FLAT, **more):
    return {"source": source, "weight": weight, "table": [{"from": None, "tiers": tiers}], **more}


def dimension(key, weight, *measures):
    return {"key": key, "name": key.title(), "weight": weight, "measures": list(measures)}


def model(*dimensions):
    return tree.read({"dimensions": list(dimensions)})


TWO = model(
    dimension("use", 70, measure("active_days_28", 60), measure("kinds_own", 40)),
    dimension("care", 30, measure("tickets_open", 50), measure("ticket_age", 50)),
)


def parts(folded):
    return {part.measure: (part.known, part.points, part.weight, part.contribution) for part in folded.parts}


def test_points_times_weights_make_the_score():
    folded = fold(TWO, {"active_days_28": 12, "kinds_own": 20, "tickets_open": 0, "ticket_age": 20})
    assert folded.score == 6820
    assert folded.coverage == 100
    assert parts(folded) == {
        "active_days_28": ("known", 6000, 4200, 2520),
        "kinds_own": ("known", 10_000, 2800, 2800),
        "tickets_open": ("known", 0, 1500, 0),
        "ticket_age": ("known", 10_000, 1500, 1500),
    }


def test_a_tier_begins_at_its_value():
    assert [fold(TWO, {"active_days_28": value}).score for value in (9, Decimal("9.99"), 10, 19, 20, 300)] == [0, 0, 6000, 6000, 10_000, 10_000]


def test_what_is_missing_is_shared_out_within_its_dimension_first():
    folded = fold(TWO, {"active_days_28": 20, "tickets_open": 20, "ticket_age": 0})
    assert parts(folded)["kinds_own"] == ("missing", None, 0, 0)
    assert parts(folded)["active_days_28"] == ("known", 10_000, 7000, 7000)
    assert (folded.score, folded.coverage) == (8500, 72)


def test_a_dimension_of_which_nothing_is_known_gives_its_weight_to_the_others():
    folded = fold(TWO, {"tickets_open": 20, "ticket_age": 10})
    assert (folded.score, folded.coverage) == (8000, 30)
    assert [part.weight for part in folded.parts] == [0, 0, 5000, 5000]
    assert band_of(Decimal("80.00"), folded.coverage) == Band.UNKNOWN


def test_missing_can_count_as_fifty_or_as_nothing_and_is_still_not_known():
    both = model(
        dimension("use", 100, measure("active_days_28", 50, missing="neutral"), measure("kinds_own", 30, missing="zero"), measure("ticket_age", 20))
    )
    folded = fold(both, {"ticket_age": 20})
    assert parts(folded)["active_days_28"] == ("filled", 5000, 5000, 2500)
    assert parts(folded)["kinds_own"] == ("filled", 0, 3000, 0)
    assert (folded.score, folded.coverage) == (4500, 20)


def test_nothing_known_is_no_score():
    folded = fold(TWO, {})
    assert (folded.score, folded.coverage) == (None, 0)
    assert {part.weight for part in folded.parts} == {0}


def test_a_measure_for_others_neither_counts_nor_lowers_the_coverage():
    some = model(
        dimension("use", 100, measure("active_days_28", 50), measure("kinds_own", 50, audience={"field": "plan", "value": "Enterprise"})),
    )
    small, large = {"active_days_28": 20, "kinds_own": 0, "plan": "Team"}, {"active_days_28": 20, "kinds_own": 0, "plan": "enterprise"}
    assert (fold(some, small).score, fold(some, small).coverage, parts(fold(some, small))["kinds_own"][0]) == (10_000, 100, "apart")
    assert (fold(some, large).score, fold(some, large).coverage) == (5000, 100)


@pytest.mark.parametrize(("tenure", "score"), [(0, 10_000), (29, 10_000), (30, 6000), (89, 6000), (90, 0), (None, 10_000)])
def test_tiers_can_depend_on_how_long_somebody_is_a_customer(tenure, score):
    table = [
        {"from": None, "tiers": [{"from": None, "points": 100}]},
        {"from": 30, "tiers": [{"from": None, "points": 60}]},
        {"from": 90, "tiers": [{"from": None, "points": 0}, {"from": 10, "points": 100}]},
    ]
    timed = model(dimension("use", 100, {"source": "core_28", "weight": 100, "by": "tenure", "table": table}))
    assert fold(timed, {"core_28": 3, "tenure": tenure}).score == score


def test_a_measure_on_a_scale_of_a_hundred_may_go_without_tiers():
    mood = model(dimension("mood", 100, measure("pulse", 50, []), measure("survey", 50, [])))
    assert fold(mood, {"pulse": Decimal("62.35"), "survey": Decimal("90")}).score == 7618
    assert fold(mood, {"pulse": Decimal("62.35")}).score == 6235


@pytest.mark.parametrize(
    ("score", "band"),
    [
        ("0", "poor"),
        ("50", "poor"),
        ("50.49", "poor"),
        ("50.50", "fair"),
        ("51", "fair"),
        ("75.49", "fair"),
        ("75.50", "good"),
        ("76", "good"),
        ("100", "good"),
    ],
)
def test_bands_read_the_whole_number_that_is_shown(score, band):
    assert band_of(Decimal(score), 50) == band
    assert band_of(Decimal(score), 49) == "unknown"


STANDARD = tree.read(standard.tree())
values = st.one_of(st.none(), st.integers(-10, 400), st.decimals(0, 100, places=2))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(BY_KEY)), values), st.integers(0, 2000))
def test_contributions_sum_to_the_score_and_weights_to_a_hundred_to_the_digit(found, tenure):
    folded = fold(STANDARD, {**found, "tenure": tenure})
    known = [value for value in found.values() if value is not None]
    if not known:
        assert folded.score is None
        return
    assert sum(part.contribution for part in folded.parts) == folded.score
    assert sum(part.weight for part in folded.parts) == 10_000
    assert 0 <= folded.score <= 10_000
    exact = sum(part.weight * (part.points or 0) for part in folded.parts) / 10_000
    # Weights are shown in hundredths, so recomputing from them may be off by half of one per measure.
    assert abs(folded.score - exact) <= len(folded.parts)
