"""More use never raises a risk: whatever the rows say, no kind of model learns the contrary of what the registry holds."""

import math
from datetime import timedelta

import numpy as np
import pytest

from apps.churn import features
from apps.churn.registry import ACTIVITY, TRENDS, held_sign
from apps.churn.scoring import columns, encoding, engine, fitting, fitting_logistic
from tests import make

KINDS = ("logistic", "trees", "network", "stack")
COUNTS = ("n_7", "n_28", "n_112", "n_year")
DAYS = ("active_7", "active_28", "active_year")
DAY = timedelta(days=1)


def company(count, seed):
    """Random figures of use; who uses more leaves more, and so does who was active lately: the contrary of what is held."""
    draw = np.random.default_rng(seed)
    rate = draw.gamma(1.5, 8, count)
    weeks = np.array([draw.poisson(rate * span) for span in (1, 3, 12, 36)]).cumsum(axis=0).astype(float)
    quiet = weeks[0] == 0
    active = np.array([np.minimum(most, draw.poisson(0.6 * most, count) + 1.0) for most in (7, 21, 338)])
    active[0, quiet] = 0
    table = dict(zip(COUNTS, weeks, strict=True)) | dict(zip(DAYS, active.cumsum(axis=0), strict=True))
    table["since"] = np.where(quiet, draw.integers(8, 90, count), draw.integers(1, 7, count)).astype(float)
    table["since_usual"] = table["since"] * table["active_year"] / 366
    table["names_28"] = draw.integers(0, 9, count).astype(float)
    for trend in TRENDS:
        table[trend] = np.where(draw.random(count) < 0.1, np.nan, draw.normal(0, 0.6, count))
    table["trait:tier"] = draw.choice(["a", "b"], count).tolist()
    odds = -1.5 + 0.6 * np.log1p(table["n_28"]) - 0.1 * table["since"] + 0.8 * np.nan_to_num(table["trend_7"]) + 0.2 * table["names_28"]
    odds += np.where(np.array(table["trait:tier"]) == "a", 0.04 * table["active_28"], -0.02 * table["active_28"]) - 1.5
    return table, (draw.random(count) < encoding.squash(odds)).astype(float)


def more_use(table, draw):
    """The same accounts, had each done more yesterday: every figure that this moves."""
    count = len(table["n_7"])
    fresh = np.where(table["since"] > 1, 1.0, 0.0)
    made = table | {key: table[key] + draw.integers(1, 60) for key in COUNTS} | {key: table[key] + fresh for key in DAYS}
    made["since"] = np.ones(count)
    made["since_usual"] = np.minimum(made["active_year"] / 366, table["since_usual"])
    made["names_28"] = table["names_28"] + draw.integers(0, 3, count)
    for trend, (key, smooth) in TRENDS.items():
        made[trend] = table[trend] + np.log((made[key] + smooth) / (table[key] + smooth))
    return made


@pytest.fixture(scope="module")
def models():
    table, labels = company(1500, 0)
    return {kind: fitting.fit(kind, table, labels, list(table)) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_more_use_never_raises_a_score(models, kind):
    model, (table, _) = engine.learned(kind, models[kind]), company(3000, 1)
    before = model.log_odds(table.__getitem__)
    assert np.ptp(before) > 0.5
    for seed in range(5):
        after = model.log_odds(more_use(table, np.random.default_rng(seed)).__getitem__)
        assert (after - before).max() <= 1e-9


@pytest.mark.parametrize("kind", KINDS)
def test_each_held_figure_alone_moves_a_score_one_way_over_its_whole_range(models, kind):
    model, (table, _) = engine.learned(kind, models[kind]), company(200, 2)
    for key in [key for key in table if held_sign(key)]:
        reach = np.linspace(-5 if key in TRENDS else 0, 3 * np.nanmax(table[key]), 40)
        told = np.array([model.log_odds((table | {key: np.full(200, value)}).__getitem__) for value in reach])
        assert (np.diff(told, axis=0) * held_sign(key)).min() >= -1e-9, key


def test_what_is_not_held_is_learned_as_the_rows_tell_it():
    table, labels = company(1500, 0)
    free = {"trait:use": table["n_28"], "trait:silence": table["since"]}
    for kind in KINDS:
        model = engine.learned(kind, fitting.fit(kind, free, labels, list(free)))
        usual = {key: np.full(2, np.median(values)) for key, values in free.items()}
        few, many = model.log_odds((usual | {"trait:use": np.array([2.0, 200.0])}).__getitem__)
        assert many > few + 0.3


def test_held_slopes_are_the_best_that_keep_their_signs():
    table, labels = company(800, 3)
    chosen = columns.scaled(table, list(table), knots=True)
    x, signs = encoding.design(table.__getitem__, chosen), columns.held(chosen)
    weights = np.where(labels == 1, 2.0, 1.0)
    found = fitting_logistic.hold(x, labels, weights, signs, np.zeros(len(chosen) + 1))

    slopes = found[1:]
    assert (slopes * signs >= 0).all()
    gradient = x.T @ ((encoding.squash(found[0] + x @ slopes) - labels) * weights) + slopes
    inside = (signs == 0) | (slopes != 0)
    assert 0 < (~inside).sum() < len(signs)
    # Where a slope is free to move nothing is to be gained; at its bound only the forbidden way would gain.
    assert np.abs(gradient[inside]).max() < 1e-4
    assert (gradient[~inside] * signs[~inside]).min() > -1e-4
    assert abs(((encoding.squash(found[0] + x @ slopes) - labels) * weights).sum()) < 1e-4


@pytest.mark.django_db
def test_more_use_on_the_last_day_moves_only_held_figures_each_in_its_direction(now):
    cut = now.replace(hour=0)
    draw = np.random.default_rng(0)
    accounts = [make.account(started_on=now.date() - 400 * DAY) for _ in range(6)]
    for number, account in enumerate(accounts):
        for back in sorted({int(day) for day in draw.integers(1 + 4 * number, 300, 15)}):
            make.activity(account, cut - back * DAY + timedelta(hours=9), name=str(draw.choice(["login", "report"])))
    before = {row["id"]: row for row in features.rows(as_of=cut)}
    for account in accounts:
        for name in ("login", "export"):
            make.activity(account, cut - timedelta(hours=2), name=name, value=0.0)
    moved = set()
    for row in features.rows(as_of=cut):
        for feature in ACTIVITY:
            told, tells = before[row["id"]][feature.key], row[feature.key]
            if tells == pytest.approx(told, abs=1e-12):
                continue
            assert feature.held, feature.key
            assert math.copysign(1, tells - told) == -feature.direction, feature.key
            moved.add(feature.key)
    assert moved == {feature.key for feature in ACTIVITY if feature.held}
