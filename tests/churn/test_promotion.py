"""The gate: an equal challenger stays outside, a clearly better one comes in, and what lies about chances does neither."""

from datetime import timedelta

import numpy as np
import pytest

from apps.churn import promotion
from apps.churn.scoring import encoding, measures

YOUNG = timedelta(days=14)


def rankings(draw, *, better, accounts=1200, dates=2):
    """Outcomes of accounts at dates with a champion's and a challenger's chances: both see the truth through noise of their own."""
    truth = np.repeat(draw.normal(0, 1.2, accounts), dates)
    labels = (draw.random(len(truth)) < encoding.squash(truth - 4.2)).astype(float)
    champion = encoding.squash(truth - 4.2 + draw.normal(0, 1.2, len(truth)))
    challenger = encoding.squash(truth - 4.2 + draw.normal(0, 0.1 if better else 1.2, len(truth)))
    return labels, np.tile(np.arange(dates), accounts), np.repeat(np.arange(accounts), dates), challenger, champion


def share_promoted(*, better, times):
    let_in = 0
    for seed in range(times):
        found = promotion.duel(*rankings(np.random.default_rng(seed), better=better))
        let_in += not promotion.against_champion(found, age=YOUNG)
    return let_in / times


def test_an_equal_challenger_is_promoted_at_most_once_in_twenty():
    # A gate on the difference alone lets half of them in.
    assert share_promoted(better=False, times=120) <= 0.05


def test_a_clearly_better_challenger_is_promoted():
    assert share_promoted(better=True, times=30) >= 0.90


def test_an_old_champion_gives_way_to_one_as_good():
    found = promotion.Duel(gain=0.001, least=-0.005, brier=-0.0001, leavers=80)
    assert promotion.against_champion(found, age=YOUNG).startswith("The champion stays")
    assert promotion.against_champion(found, age=timedelta(days=91)) == ""
    worse = promotion.Duel(gain=-0.02, least=-0.04, brier=-0.0001, leavers=80)
    assert promotion.against_champion(worse, age=timedelta(days=400))


def test_the_drawn_auc_is_the_auc_of_each_sample():
    draw = np.random.default_rng(0)
    labels, dates, accounts, chances, _ = rankings(draw, better=True, accounts=200)
    drawn = np.vstack([np.ones(len(labels), int), measures.draws(accounts, 3)])
    found = measures.drawn_auc(labels, chances.round(2), dates, drawn)
    assert found[0] == pytest.approx(measures.auc(labels, chances.round(2), dates))
    for times, auc in zip(drawn[1:], found[1:], strict=True):
        rows = np.repeat(np.arange(len(labels)), times)
        assert auc == pytest.approx(measures.auc(labels[rows], chances.round(2)[rows], dates[rows]))


GOOD = {
    "auc": 0.8,
    "chance_error": 0.03,
    "brier": 0.05,
    "calibration_error": 0.01,
    "calibration_noise": 0.02,
    "churned_accounts": 100.0,
    "predicted_over_actual": 1.05,
}
HAND, NOTHING, OTHERS = {"auc": 0.7}, {"brier": 0.06}, {"auc": 0.75, "chance_error": 0.03}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, ""),
        ({"auc": 0.54}, "No usable signal."),
        ({"auc": 0.68}, "No usable signal beyond the rule"),
        ({"brier": 0.07}, "No usable signal. Its probabilities"),
        ({"calibration_error": 0.06}, "told and actual rates differ by 0.060"),
        ({"calibration_error": 0.045}, ""),
        ({"predicted_over_actual": 1.6}, "tells 1.60 times as many leavers"),
        ({"predicted_over_actual": 1.6, "churned_accounts": 20.0}, ""),
    ],
)
def test_each_check_refuses_in_words(change, words):
    problem, found = promotion.against_nothing(GOOD | change, HAND, NOTHING, OTHERS, [])
    assert words in problem
    assert bool(problem) == bool(words)
    assert "rule 0.700" in found
