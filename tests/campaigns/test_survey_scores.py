"""Figures from answers: by hand-computed values, and covered as often as they say."""

import random

import pytest

from apps.campaigns.surveys.scoring import figure


def test_nps_is_promoters_minus_detractors_with_its_interval():
    found = figure("nps", {10: 20, 9: 10, 8: 10, 6: 6, 0: 4})
    assert (found.n, found.value) == (50, 40.0)
    assert (round(found.low, 1), round(found.high, 1)) == (16.2, 59.3)
    assert found.words == "NPS +40 (+16 to +59), 50 answers."


def test_csat_is_the_share_of_the_two_best_marks_by_wilson():
    found = figure("csat", {5: 6, 4: 2, 3: 1, 1: 1})
    assert (found.n, found.value) == (10, 80.0)
    assert (round(found.low, 1), round(found.high, 1)) == (49.0, 94.3)


def test_ces_is_a_mean_by_student():
    found = figure("ces", {7: 2, 5: 2})
    assert found.value == 6.0
    assert (round(found.low, 2), round(found.high, 2)) == (4.16, 7.0)
    assert found.words == "CES 6.0 (4.2 to 7.0), 4 answers. Cannot tell yet: it takes at least 10."


@pytest.mark.parametrize("kind", ["nps", "csat", "ces"])
def test_without_answers_there_is_no_figure(kind):
    assert figure(kind, {}).value is None
    assert figure(kind, {}).words == f"{kind.upper()}: nobody has answered yet."


def test_the_interval_of_the_nps_holds_the_truth_as_often_as_it_says():
    chance = random.Random(1)
    shares, truth = (0.5, 0.3, 0.2), 30.0
    hits = 0
    for _ in range(2_000):
        drawn = chance.choices((10, 8, 3), shares, k=40)
        found = figure("nps", {score: drawn.count(score) for score in set(drawn)})
        hits += found.low <= truth <= found.high
    assert 0.93 <= hits / 2_000 <= 0.97
