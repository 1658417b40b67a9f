"""Learning the parameters of each kind of model from a table. Pure; scikit-learn is imported where it is used.

No class weights and no resampling: they would spoil the probabilities. `weights` are for rows that stand for more or less than themselves. Every kind
keeps to the signs that the registry holds: more of such a figure moves a score one way only.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..types import ModelKind
from . import encoding, engine, fitting_logistic, fitting_network, fitting_trees
from .encoding import Source, Table
from .sample import Sample

MEMBERS = (ModelKind.LOGISTIC, ModelKind.TREES, ModelKind.NETWORK)
# How far, in log-odds, the stored model may differ from the one that scikit-learn fitted.
PARITY = 1e-9
_PARITY_ROWS = 1024
_FOLDS = 4
# Below this a member of a stack costs more than it tells.
_LEAST_WEIGHT = 0.02
# How hard the weights of a stack are drawn to equal shares: what a few leavers tell of them is mostly luck, and ways that err differently err less
# together when the world moves on (Clemen 1989, Combining forecasts).
_EQUAL = 30.0


class NotTheSame(RuntimeError):
    """The stored form of a model does not score like the model that was fitted, so it must not be used."""


def fit(
    kind: str,
    table: Table,
    labels: np.ndarray,
    keys: Sequence[str],
    *,
    weights: np.ndarray | None = None,
    accounts: np.ndarray | None = None,
    strength: float = 1.0,
    seed: int = 0,
    like: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Parameters for `engine`, of this kind of model.

    `accounts`: rows of one account stay together when the number of trees or the weights of a stack are chosen. `strength`: inverse penalty of the
    logistic regression. `like`: parameters of an earlier fit of the same kind, whose number of trees is taken over instead of being searched again.
    """
    return _fit(
        kind,
        Sample(
            table,
            labels,
            keys,
            np.ones(len(labels)) if weights is None else weights,
            np.arange(len(labels)) if accounts is None else accounts,
        ),
        strength,
        seed,
        like,
    )


def _fit(kind: str, sample: Sample, strength: float, seed: int, like: Mapping[str, Any] | None) -> dict[str, Any]:
    if kind == ModelKind.STACK:
        return _stack(sample, strength, seed, like)
    if kind == ModelKind.TREES:
        parameters, peer = fitting_trees.fit(sample, seed=seed, like=like)
    elif kind == ModelKind.NETWORK:
        parameters, peer = fitting_network.fit(sample, seed=seed)
    else:
        parameters, peer = fitting_logistic.fit(sample, strength=strength)
    compare(kind, parameters, peer, sample, seed)
    return parameters


def compare(kind: str, parameters: Mapping[str, Any], peer: Callable[[Source], np.ndarray], sample: Sample, seed: int) -> None:
    """Refuse parameters that score otherwise than the fitted model: on training rows, and on rows mixed of their values with gaps."""
    draw = np.random.default_rng(seed)
    mixed: dict[str, Any] = {}
    for key in sample.keys:
        known = encoding.take({key: sample.table[key]}, draw.integers(0, len(sample), _PARITY_ROWS))[key]
        gaps = draw.random(_PARITY_ROWS) < 0.05
        numeric = isinstance(known, np.ndarray)
        mixed[key] = np.where(gaps, np.nan, known) if numeric else [None if gap else value for gap, value in zip(gaps, known, strict=True)]
    model = engine.learned(kind, parameters)
    for table in (sample.part(draw.integers(0, len(sample), _PARITY_ROWS)).table, mixed):
        apart = float(np.abs(model.log_odds(table.__getitem__) - peer(table.__getitem__)).max())
        if not apart <= PARITY:
            raise NotTheSame(f"The stored {kind} model differs from the fitted one by {apart:.2g} in log-odds.")


def _stack(sample: Sample, strength: float, seed: int, like: Mapping[str, Any] | None) -> dict[str, Any]:
    """Members weighted by how well their log-odds, of accounts that they did not learn from, tell the outcome together."""
    known = {member["kind"]: member["parameters"] for member in like["members"]} if like else {}
    members = {kind: _fit(kind, sample, strength, seed, known.get(kind)) for kind in MEMBERS}
    told = np.zeros((len(sample), len(MEMBERS)))
    judged = np.zeros(len(sample), bool)
    for inside, outside in sample.folds(_FOLDS, seed):
        part, aside = sample.part(inside), sample.part(outside)
        for place, kind in enumerate(MEMBERS):
            found = _fit(kind, part, strength, seed, members[kind])
            told[outside, place] = engine.learned(kind, found).log_odds(aside.table.__getitem__)
        judged[outside] = True
    return together(members, *weigh(told[judged], sample.labels[judged], sample.weights[judged]))


def together(members: Mapping[ModelKind, Mapping[str, Any]], intercept: float, shares: Sequence[float]) -> dict[str, Any]:
    """Parameters of a stack: the members, by kind, with their shares; those that tell next to nothing are left out, but for one where all of
    them do: even a stack that tells everybody the same speaks of every row."""
    least = min(_LEAST_WEIGHT, max(shares))
    return {
        "intercept": intercept,
        "members": [
            {"kind": kind.value, "weight": share, "parameters": found}
            for (kind, found), share in zip(members.items(), shares, strict=True)
            if share >= least
        ],
    }


def bent(kind: str, parameters: Mapping[str, Any], intercept: float, slope: float) -> dict[str, Any]:
    """The same model with log-odds intercept + slope x its own: what made them hold on rows that it had not seen (Platt 1999)."""
    found = dict(parameters)
    if kind == ModelKind.LOGISTIC:
        found |= {
            "intercept": intercept + slope * parameters["intercept"],
            "columns": [column | {"coef": slope * column["coef"]} for column in parameters["columns"]],
        }
    elif kind == ModelKind.TREES:
        found |= {
            "start": intercept + slope * parameters["start"],
            "trees": [tree | {"leaf": [slope * value for value in tree["leaf"]]} for tree in parameters["trees"]],
        }
    elif kind == ModelKind.NETWORK:
        found |= {
            "outer": [slope * weight for weight in parameters["outer"]],
            "outer_bias": intercept + slope * parameters["outer_bias"],
        }
    else:
        found |= {
            "intercept": intercept + slope * parameters["intercept"],
            "members": [member | {"weight": slope * member["weight"]} for member in parameters["members"]],
        }
    return found


def weigh(told: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> tuple[float, list[float]]:
    """Intercept and nonnegative weights of the least log loss, drawn to equal shares."""
    from scipy.optimize import minimize

    equal = np.full(told.shape[1], 1 / told.shape[1])

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        log_odds = at[0] + told @ at[1:]
        slope = (encoding.squash(log_odds) - labels) * weights
        value = np.logaddexp(0, np.where(labels == 1, -log_odds, log_odds)) @ weights + _EQUAL * ((at[1:] - equal) ** 2).sum()
        return float(value), np.concatenate([[slope.sum()], told.T @ slope + 2 * _EQUAL * (at[1:] - equal)])

    found = minimize(loss, np.concatenate([[0.0], equal]), jac=True, method="L-BFGS-B", bounds=[(None, None)] + [(0, None)] * len(equal))
    shares = np.where(found.x[1:] >= _LEAST_WEIGHT, found.x[1:], 0.0)
    return float(found.x[0]), [float(share) for share in shares]
