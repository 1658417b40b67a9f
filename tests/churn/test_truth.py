"""Scores beside the true chances of simulated worlds: what we call 20 % happens in one case of five, and the interval holds the truth as often as it
says."""

import numpy as np
import pytest

from apps.churn.scoring import encoding, engine, fitting, fitting_interval, intervals, measures
from apps.churn.scoring.sample import Sample

KINDS = ("logistic", "trees", "network")
_FRESH = 6000


def world(count, seed, base=0.2):
    """(table, true chances, outcomes): use, its trend, silence, trouble and contract, the trend told more by those who may leave any month."""
    draw = np.random.default_rng(seed)
    table = {
        "n_28": draw.poisson(draw.gamma(2, 15, count)).astype(float),
        "trend_28": np.where(draw.random(count) < 0.1, np.nan, draw.normal(0, 0.6, count)),
        "since": draw.exponential(6, count).round(),
        "support_28": draw.poisson(0.6, count).astype(float),
        "tenure": draw.gamma(2, 200, count).round(),
        "trait:Contract": np.array(["monthly", "yearly", "long"])[draw.integers(0, 3, count)].tolist(),
    }
    monthly = np.array([text == "monthly" for text in table["trait:Contract"]])
    odds = -0.5 * np.log1p(table["n_28"]) - np.nan_to_num(table["trend_28"]) * (0.6 + 0.6 * monthly) + 0.05 * np.minimum(table["since"], 20)
    odds += 0.3 * np.minimum(table["support_28"], 3) - 0.3 * np.log1p(table["tenure"]) + 0.8 * monthly
    odds += np.log(base / (1 - base)) - odds.mean()
    chances = encoding.squash(odds)
    return table, chances, (draw.random(count) < chances).astype(float)


def learned(kind, count, seed, base=0.2):
    """A model of `count` accounts with its interval, and what else the same world holds."""
    table, chances, labels = world(count + _FRESH, seed, base)
    inside, outside = np.arange(count), np.arange(count, count + _FRESH)
    rows, labels_in = encoding.take(table, inside), labels[inside]
    found = fitting.fit(kind, rows, labels_in, list(table))

    def again(drawn):
        return fitting.fit(kind, rows, drawn, list(table), like=None if kind == "logistic" else found)

    sample = Sample(rows, labels_in, list(table), np.ones(count), inside)
    return found, lambda: fitting_interval.fit(kind, found, again, sample), encoding.take(table, outside), chances[outside], labels[outside]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_told_happens_as_often_as_told(kind):
    found, _, table, _, labels = learned(kind, 2500, 1)
    told = engine.chances(kind, found, table.__getitem__)
    assert measures.calibration_error(labels, told) <= 0.03
    assert np.ptp(told) > 0.4


def coverage(kind, count, seed, base):
    found, interval, table, chances, _ = learned(kind, count, seed, base)
    low, high = intervals.bounds(interval(), engine.learned(kind, found).log_odds(table.__getitem__))
    return float(((low <= chances) & (chances <= high)).mean()), float((high - low).mean())


def test_four_true_chances_in_five_lie_inside():
    found = [coverage("logistic", count, seed, base)[0] for count, seed, base in ((500, 11, 0.3), (1000, 12, 0.1), (1500, 13, 0.2), (1500, 14, 0.05))]
    found += [coverage("trees", 1500, 15, 0.2)[0], coverage("stack", 1500, 16, 0.2)[0]]
    assert 0.68 <= np.mean(found) <= 0.92, found
    assert min(found) >= 0.5, found


def test_over_many_worlds_the_rate_is_the_stated_one():
    """In one world all chances share the model's one error, so that a single rate tells little."""
    found = [coverage("logistic", 500, seed, 0.2)[0] for seed in range(200, 230)]
    assert 0.75 <= np.mean(found) <= 0.87, found


def test_more_accounts_narrow_the_interval():
    few, many = (coverage("logistic", count, 20, 0.2)[1] for count in (400, 4000))
    assert many < 0.6 * few
