"""What holds for every kind of learned model: it scores as it was fitted, from plain JSON, and its reasons add up."""

import itertools
import json
import math

import numpy as np
import pytest

from apps.churn.scoring import columns, encoding, engine, fitting, fitting_network, fitting_trees, trees
from apps.churn.scoring.sample import Sample
from apps.churn.scoring.trees import Trees
from tests.churn import shap_values

KINDS = ("logistic", "trees", "network", "stack")


def world(count=1200, seed=0):
    """Accounts whose leaving hangs on falling use, on their contract, and on both together; one in ten ages is unknown."""
    draw = np.random.default_rng(seed)
    table = {
        "n_28": draw.poisson(30, count).astype(float),
        "trend_28": np.where(draw.random(count) < 0.1, np.nan, draw.normal(0, 0.5, count)),
        "since": draw.exponential(6, count).round(),
        "trait:Contract": [["Month-to-month", "One year", "Two year"][at] for at in draw.integers(0, 3, count)],
        "trait:age": [None if draw.random() < 0.1 else int(draw.integers(18, 80)) for _ in range(count)],
    }
    monthly = np.array([text == "Month-to-month" for text in table["trait:Contract"]])
    odds = -1.5 - 0.06 * (table["n_28"] - 30) - np.nan_to_num(table["trend_28"]) * (1 + monthly) + 0.05 * table["since"] + monthly
    return table, (draw.random(count) < encoding.squash(odds)).astype(float)


@pytest.fixture(scope="module")
def models():
    table, labels = world()
    return table, labels, {kind: json.loads(json.dumps(fitting.fit(kind, table, labels, list(table)), allow_nan=False)) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_contributions_sum_to_the_difference_of_log_odds_and_a_row_scores_alone_as_among_others(models, kind):
    table, labels, fitted = models
    model = engine.learned(kind, fitted[kind])

    log_odds, parts = model.log_odds(table.__getitem__), model.parts(table.__getitem__)

    assert np.abs(model.base + parts.sum(axis=1) - log_odds).max() < 1e-9
    assert model.features == sorted(table)
    assert (labels * log_odds).sum() / labels.sum() > ((1 - labels) * log_odds).sum() / (1 - labels).sum() + 0.5
    rows = [{key: values[at] for key, values in table.items()} for at in range(3)]
    for at, score in enumerate(engine.scores(kind, fitted[kind], encoding.of(rows))):
        assert score.probability == pytest.approx(encoding.squash(log_odds[at]), abs=1e-12)
        assert sum(reason.contribution for reason in score.reasons) == pytest.approx(parts[at].sum(), abs=1e-9)
    assert engine.chances(kind, fitted[kind], table.__getitem__) == pytest.approx(encoding.squash(log_odds), abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_learns_the_same_model(models, kind):
    table, labels, fitted = models
    again = fitting.fit(kind, table, labels, list(table), like=fitted[kind] if kind in ("trees", "stack") else None)
    assert json.loads(json.dumps(again)) == fitted[kind]


@pytest.mark.parametrize("learn", [lambda sample: fitting_trees.fit(sample, seed=0, like=None), lambda sample: fitting_network.fit(sample, seed=0)])
def test_what_is_stored_scores_as_scikit_learn_does_on_other_rows(learn):
    table, labels = world()
    parameters, peer = learn(Sample(table, labels, list(table), np.ones(len(labels)), np.arange(len(labels))))
    other, _ = world(2000, seed=1)
    model = engine.learned("trees" if "trees" in parameters else "network", parameters)
    assert np.abs(model.log_odds(other.__getitem__) - peer(other.__getitem__)).max() < 1e-9


def test_a_stored_model_that_scores_otherwise_is_refused():
    table, labels = world(400)
    sample = Sample(table, labels, list(table), np.ones(len(labels)), np.arange(len(labels)))
    parameters, peer = fitting_trees.fit(sample, seed=0, like=None)
    fitting.compare("trees", parameters, peer, sample, seed=0)
    parameters["trees"][0]["leaf"][0] += 1e-6
    with pytest.raises(fitting.NotTheSame, match="The stored trees model differs from the fitted one by 1e-06 in log-odds"):
        fitting.compare("trees", parameters, peer, sample, seed=0)


def test_a_row_that_weighs_twice_is_a_row_told_twice():
    table, labels = world(400)
    twice = np.arange(len(labels)) < 100
    double = np.concatenate([np.arange(len(labels)), np.flatnonzero(twice)])
    keys = ["trait:age", "trait:Contract"]
    weighed = fitting.fit("logistic", table, labels, keys, weights=1.0 + twice)
    assert weighed["intercept"] != fitting.fit("logistic", table, labels, keys)["intercept"]
    heavy = encoding.take(table, double)
    chosen = columns.scaled(table, keys, knots=True)
    from sklearn.linear_model import LogisticRegression

    peer = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-8).fit(encoding.design(heavy.__getitem__, chosen), labels[double])
    assert [column["coef"] for column in weighed["columns"]] == pytest.approx(peer.coef_[0], abs=1e-3)


def _expected(tree, node, row, told):
    """The tree's answer where only the columns in `told` are known: the mean over training rows on both ways elsewhere."""
    if node < 0:
        return tree["leaf"][-1 - node], tree["count"][-1 - node]
    column, left, right = tree["column"][node], tree["left"][node], tree["right"][node]
    ways = [_expected(tree, child, row, told) for child in (left, right)]
    count = sum(weight for _, weight in ways)
    if column not in told:
        return sum(value * weight for value, weight in ways) / count, count
    value = row[column]
    goes_left = tree["missing_left"][node] if math.isnan(value) else value <= tree["threshold"][node]
    return ways[0 if goes_left else 1][0], count


def test_the_shares_of_a_tree_are_the_shapley_values_of_all_its_coalitions(models):
    table, _, fitted = models
    parameters = fitted["trees"]
    rows = encoding.matrix(encoding.take(table, np.arange(12)).__getitem__, parameters["columns"], fill=False).T
    for tree in parameters["trees"][:25]:
        one = parameters | {"trees": [tree], "columns": [column | {"feature": str(at)} for at, column in enumerate(parameters["columns"])]}
        source = {column["feature"]: [None] * len(rows) for column in one["columns"]}
        # Values as the columns read them: a column of its own for each, numbers only.
        one["columns"] = [column | {"how": "value", "log": False, "fill": 0.0} for column in one["columns"]]
        for at, column in enumerate(one["columns"]):
            source[column["feature"]] = rows[:, at]
        model = Trees(one)
        parts = model.parts(source.__getitem__)
        players = sorted(set(tree["column"]))
        assert model.base == pytest.approx(parameters["start"] + _expected(tree, 0, [], ())[0], abs=1e-12)
        for place, row in enumerate(rows):
            for player in players:
                others = [one for one in players if one != player]
                value = 0.0
                for size in range(len(others) + 1):
                    weight = math.factorial(size) * math.factorial(len(others) - size) / math.factorial(len(players))
                    for told in itertools.combinations(others, size):
                        value += weight * (_expected(tree, 0, row, {*told, player})[0] - _expected(tree, 0, row, told)[0])
                assert parts[place, model.features.index(str(player))] == pytest.approx(value, abs=1e-10)


def test_the_contributions_of_trees_are_those_that_the_shap_package_gave():
    kept = json.loads(shap_values.KEPT.read_text())
    model = Trees(kept["parameters"])

    parts = model.parts(encoding.of(kept["rows"]))

    assert model.base == pytest.approx(kept["base"], abs=1e-10)
    assert np.abs(parts - kept["values"]).max() < 1e-10
    assert np.abs(kept["values"]).max() > 0.1
    assert any(None in row.values() for row in kept["rows"])


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_how_many_rows_are_read_at_once_changes_nothing(models, monkeypatch, size):
    table, _, fitted = models
    part = encoding.take(table, np.arange(100)) if size == 1 else table
    model = Trees(fitted["trees"])
    odds, parts = model.log_odds(part.__getitem__), model.parts(part.__getitem__)

    monkeypatch.setattr(trees, "_ROWS", size)

    assert (model.log_odds(part.__getitem__) == odds).all()
    assert (model.parts(part.__getitem__) == parts).all()


@pytest.mark.parametrize("kind", KINDS)
def test_rows_in_columns_of_numbers_score_and_tell_as_rows_alone(models, kind):
    table, _, fitted = models
    part = encoding.take(table, np.arange(60))
    together = engine.scores(kind, fitted[kind], part.__getitem__, most=3)

    for at, score in enumerate(together):
        row = {key: None if (value := values[at]) is None or value != value else value for key, values in part.items()}  # noqa: PLR0124
        (alone,) = engine.scores(kind, fitted[kind], encoding.of([row]), most=3)
        assert [reason.words for reason in alone.reasons] == [reason.words for reason in score.reasons]
        assert [reason.value for reason in alone.reasons] == [reason.value for reason in score.reasons]
        assert alone.probability == pytest.approx(score.probability, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_no_rows_have_no_scores(models, kind):
    _, _, fitted = models
    assert engine.scores(kind, fitted[kind], encoding.of([])) == []
    assert engine.chances(kind, fitted[kind], encoding.of([])).tolist() == []


def _leaf(worth):
    return {"column": [], "threshold": [], "missing_left": [], "left": [], "right": [], "leaf": [worth], "count": [10]}


def _small(*grown):
    columns = [{"feature": key, "how": "value", "log": False, "fill": 0.0, "knot": 0.0} for key in ("n_28", "since")]
    return {"columns": columns, "start": -1.0, "trees": list(grown)}


def test_trees_that_ask_nothing_say_the_same_of_every_row():
    model = Trees(_small(_leaf(0.25), _leaf(0.5)))
    source = encoding.of([{"n_28": 3.0}, {}, {"n_28": None, "since": 4.0}])
    assert model.log_odds(source).tolist() == [-0.25] * 3
    assert model.parts(source).tolist() == [[0.0, 0.0]] * 3
    assert model.base == -0.25


def test_the_value_at_a_threshold_goes_left_and_an_unknown_one_where_the_tree_says():
    def asks(threshold, *, missing_left):
        turn = {"column": [1], "threshold": [threshold], "missing_left": [missing_left], "left": [-1], "right": [-2]}
        return turn | {"leaf": [1.0, 4.0], "count": [10, 30]}

    source = encoding.of([{"since": value} for value in (2.0, 2.5, 3.0, 3.5, None, "n/a", float("inf"))])
    left = Trees(_small(asks(2.0, missing_left=True), _leaf(0.0), asks(3.0, missing_left=True)))
    right = Trees(_small(asks(2.0, missing_left=False), _leaf(0.0), asks(3.0, missing_left=False)))
    assert left.log_odds(source).tolist() == [1.0, 4.0, 4.0, 7.0, 1.0, 1.0, 1.0]
    assert right.log_odds(source).tolist() == [1.0, 4.0, 4.0, 7.0, 7.0, 7.0, 7.0]
    # A column that no tree asks for tells nothing; the other one tells the whole distance to the average of the training rows.
    assert left.parts(source).tolist() == [[0.0, odds - left.base] for odds in left.log_odds(source)]
