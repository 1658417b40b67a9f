"""A short year in which we step in: a model that learns from what came of it must still tell what happens where nobody does.

The long one, with the product's own features and tables, is benchmarks/feedback_year.py.
"""

from datetime import date, timedelta

import numpy as np
import pytest

from apps.churn import dataset
from apps.churn.scoring import engine, fitting
from apps.churn.types import ModelKind

MONTHS, ACCOUNTS = 8, 2500
# What is treated leaves this much more rarely.
CUT = 0.35


def month(draw, trouble):
    """Use of four weeks, and the true chance of leaving in the next."""
    use = draw.poisson(np.where(trouble, 4.0, 20.0)).astype(float)
    return {"n_28": use, "trend_28": np.log((use + 1) / (draw.poisson(20.0, len(use)) + 1))}, np.where(trouble, 0.30, 0.01)


def lived(seed, *, held_out=0.2):
    """Rows of a year in which the fifth with the least use is treated, but for some held out by lot."""
    draw = np.random.default_rng(seed)
    parts = []
    for _ in range(MONTHS):
        table, chance = month(draw, draw.random(ACCOUNTS) < 0.15)
        risky = table["n_28"] <= np.quantile(table["n_28"], 0.2)
        kept = risky & (np.arange(ACCOUNTS) % 100 < 100 * held_out)
        treated = risky & ~kept
        parts.append((table, draw.random(ACCOUNTS) < chance * np.where(treated, CUT, 1), treated, kept))
    return dataset.Dataset(
        table={key: np.concatenate([table[key] for table, *_ in parts]) for key in parts[0][0]},
        labels=np.concatenate([left for _, left, *_ in parts]).astype(float),
        accounts=np.arange(MONTHS * ACCOUNTS),
        when=np.repeat(np.arange(MONTHS), ACCOUNTS),
        dates=[date(2025, 1, 1) + timedelta(days=28 * step) for step in range(MONTHS)],
        window=28,
        names=[],
        treated=np.concatenate([treated for _, _, treated, _ in parts]),
        held_out=np.concatenate([kept for *_, kept in parts]),
    )


def told_over_actual(kind, data, weights):
    """(of everybody, of the tenth told the highest) in a month in which nobody steps in."""
    table, chance = month(np.random.default_rng(99), np.random.default_rng(98).random(20_000) < 0.15)
    found = fitting.fit(kind, data.table, data.labels, list(data.table), weights=weights, accounts=data.accounts)
    told = engine.chances(kind, found, table.__getitem__)
    top = np.argsort(-told)[: len(told) // 10]
    return told.mean() / chance.mean(), told[top].mean() / chance[top].mean()


@pytest.mark.parametrize(("kind", "seeds"), [(ModelKind.LOGISTIC, (1, 2, 11)), (ModelKind.TREES, (1,))])
def test_the_corrected_model_tells_what_happens_to_those_left_alone_and_the_naive_one_does_not(kind, seeds):
    corrected, naive = [], []
    for seed in seeds:
        data = lived(seed)
        corrected.append(told_over_actual(kind, data, data.weights))
        naive.append(told_over_actual(kind, data, np.ones(len(data.labels))))
    overall, top = np.mean(corrected, axis=0)
    assert 0.9 < overall < 1.1
    assert 0.85 < top < 1.15
    overall, top = np.mean(naive, axis=0)
    assert overall < 0.75
    assert top < 0.65


def test_without_anybody_held_out_the_rows_still_teach_and_the_card_says_what_is_missing():
    data = lived(3, held_out=0)
    overall, _ = told_over_actual(ModelKind.LOGISTIC, data, data.weights)
    assert overall < 0.75
    assert "Nobody was held out by lot" in dataset.treated_in_words(data)["words"]
