"""What was told against what happened: a lying model is found out, an honest one left in peace, and our care for some spoils neither."""

from datetime import date, timedelta

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from apps.churn import backtest
from apps.churn.matured import Matured
from apps.churn.scoring import judged
from apps.churn.scoring.judged import Told

DAYS = [date(2025, 1, 1) + timedelta(days=30 * step) for step in range(6)]


def past(seed, *, accounts=1500, months=6, tells=lambda chances, place: chances, cares=False, holds_out=0.1, noted=True):
    """Months of accounts with known chances. Where somebody cares, the riskiest fifth is treated but for those held out, which cuts their chance."""
    draw = np.random.default_rng(seed)
    habit = draw.normal(-3.4, 1.2, accounts)
    there = np.arange(accounts)
    parts = []
    for place in range(months):
        chances = 1 / (1 + np.exp(-(habit[there] + draw.normal(0, 0.5, len(there)))))
        risky = cares & (chances > np.quantile(chances, 0.8))
        held_out = risky & (there % 100 < 100 * holds_out)
        treated = risky & ~held_out
        left = draw.random(len(there)) < chances * np.where(treated, 0.4, 1)
        ranks = chances * draw.lognormal(0, 1.0, len(there))
        parts.append((tells(chances, place), left.astype(float), there, np.full(len(there), place), ranks, treated & noted, held_out & noted))
        there = there[~left]
    chances, labels, ids, dates, ranks, treated, held_out = (np.concatenate(values) for values in zip(*parts, strict=True))
    return Matured(Told(chances, labels, np.ones(len(labels)), ids, dates), ranks, treated, held_out, DAYS[:months])


def judge(found, *, probabilities=True):
    return backtest.judge(found, probabilities=probabilities)


@pytest.mark.parametrize("accounts", [200, 1500])
def test_an_honest_model_is_left_in_peace(accounts):
    looks = [judge(past(seed, accounts=accounts)) for seed in range(40)]
    assert sum(look.alarm for look in looks) == 0
    inside = [look.figures["ratio_low"] <= 1 <= look.figures["ratio_high"] for look in looks]
    assert sum(inside) >= 35


@pytest.mark.parametrize(
    ("tells", "words"),
    [
        (lambda chances, place: np.minimum(chances * 2.2, 1), "It tells risks too high:"),
        (lambda chances, place: chances * 0.4, "It tells risks too low:"),
        (lambda chances, place: np.random.default_rng(place).permutation(chances), "The weighted rule ranks better:"),
        (lambda chances, place: chances if place < 3 else chances * 0.4, "It tells risks too low in the last 3 months:"),
    ],
    ids=["too high", "too low", "no order", "only lately"],
)
def test_a_lying_model_is_found_out(tells, words):
    look = judge(past(1, tells=tells))
    assert look.alarm
    assert words in look.verdict


def test_few_leavers_prove_nothing_against_a_model():
    look = judge(past(1, accounts=60, tells=lambda chances, place: chances * 0.4))
    assert look.figures["churned_accounts"] < backtest.LEAST_LEAVERS
    assert not look.alarm
    assert "30 are needed" in look.verdict
    assert look.figures["few"]


def test_care_does_not_spoil_the_look_and_would_if_nobody_knew_of_it():
    looks = [judge(past(seed, accounts=3000, cares=True)) for seed in range(8)]
    assert not any(look.alarm for look in looks)
    assert np.mean([look.figures["predicted_over_actual"] for look in looks]) == pytest.approx(1, abs=0.08)
    aside = looks[0].figures
    assert aside["treated"]["predicted"] > 1.8 * aside["treated"]["base_rate"]
    assert aside["held_out"]["rows"] > 0

    unaware = [judge(past(seed, accounts=3000, cares=True, noted=False)) for seed in range(8)]
    assert np.mean([look.figures["predicted_over_actual"] for look in unaware]) > 1.3


def test_where_nobody_was_held_out_a_lie_cannot_be_told_from_care():
    look = judge(past(1, cares=True, holds_out=0, tells=lambda chances, place: chances * 0.4))
    assert look.figures["blurred"]
    assert "too few held out by lot" in look.verdict
    assert not look.alarm


def test_of_a_rule_only_the_order_is_judged():
    look = judge(past(1, tells=lambda chances, place: chances * 0.4), probabilities=False)
    assert not look.alarm
    assert "predicted" not in look.figures
    assert look.figures["auc"] > 0.7


def test_months_and_groups_add_up_to_the_whole():
    found = past(2)
    figures = judge(found).figures
    assert [month["day"] for month in figures["months"]] == [day.isoformat() for day in DAYS]
    assert sum(month["rows"] for month in figures["months"]) == figures["rows"] == len(found.told)
    assert sum(group["rows"] for group in figures["groups"]) == figures["rows"]
    assert all(month["low"] <= month["actual"] <= month["high"] for month in figures["months"])
    told = sum(month["rows"] * month["predicted"] for month in figures["months"]) / figures["rows"]
    assert told == pytest.approx(figures["predicted"], abs=1e-4)
    assert figures["brier"] < figures["brier_same_for_all"]


def test_the_ranking_is_scikit_learns_with_an_honest_error():
    one = past(3, months=1)
    assert judged.auc(one.told).value == pytest.approx(roc_auc_score(one.told.labels, one.told.chances), abs=1e-12)
    found = [judged.auc(past(seed, accounts=400).told) for seed in range(80)]
    spread = np.std([estimate.value for estimate in found])
    assert np.mean([estimate.error for estimate in found]) == pytest.approx(spread, rel=0.3)


def test_the_same_row_twice_is_no_second_witness():
    told = past(4, months=1, accounts=600).told
    twice = Told(*(np.concatenate([values, values]) for values in (told.chances, told.labels, told.weights, told.accounts, told.dates)))
    assert judged.ratio(twice).error == pytest.approx(judged.ratio(told).error)
    assert judged.auc(twice).error == pytest.approx(judged.auc(told).error)
