"""Learning how far the truth may lie from a score, by learning the model again where the truth is known.

Outcomes are drawn from the model itself, the same recipe learns from them, and its scores are compared with the chances that were drawn from: a
parametric bootstrap (Efron and Tibshirani 1993, 6.5). So everything that the recipe does wrong counts: too few leavers, shrinking, too few trees.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..types import ModelKind
from . import encoding, engine, fitting_logistic
from .logistic import Logistic
from .sample import Sample

# Outcomes drawn to find how far apart the true chances stand, and then to see how far scores miss them.
_PILOTS = 2
_WORLDS = 5
# Above so many rows one world tells as much as several below.
_MANY = 40_000
_GROUPS = 8
_INSIDE = (0.1, 0.9)
# True chances hang on more than any model of ours can say, so scores miss by more than those of drawn worlds. Tuned on simulated worlds apart from
# those that tests and docs report.
_BEYOND = 1.15
_LEAST = 0.02
_SPREAD = (0.3, 2.5)
# A model that tells accounts apart so much less than the truth does says nothing of its shape.
_SILENT = 0.2

Relearn = Callable[[np.ndarray], Mapping[str, Any]]


def fit(
    kind: str, parameters: Mapping[str, Any], relearn: Relearn, sample: Sample, *, strength: float = 1.0, seed: int = 0
) -> dict[str, list[float]]:
    """The `interval` of scoring.intervals for a model of this kind: four true probabilities in five lie inside.

    `relearn` gives the parameters that the same recipe learns from the sample's rows with these labels, with the same weights, number of trees,
    shares of a stack and bend; it is called at most seven times, three times for many rows. `strength` is that of the logistic regression.
    """
    draw = np.random.default_rng(seed)
    many = len(sample) > _MANY
    source = sample.table.__getitem__

    def scored(labels: np.ndarray) -> np.ndarray:
        return engine.learned(kind, relearn(labels)).log_odds(source)

    def linear(labels: np.ndarray) -> np.ndarray:
        return Logistic(fitting_logistic.fit(replace(sample, labels=labels), strength=strength)[0]).log_odds(source)

    # How far the truth stands apart is asked of a weighted sum, which is quickly learned and never silent.
    plain = scored if kind == ModelKind.LOGISTIC else linear
    found = engine.learned(kind, parameters).log_odds(source)
    shape = found if kind == ModelKind.LOGISTIC else linear(sample.labels)
    spread = 1.0
    for _ in range(1 if many else _PILOTS):
        truth = _spread(shape, spread, sample)
        spread = float(np.clip(spread * _step(shape, truth, plain(_outcomes(truth, sample, draw))), *_SPREAD))
    if kind != ModelKind.LOGISTIC:
        shape, spread = _mixed(shape, found, spread)
    truth = _spread(shape, spread, sample)
    told = np.concatenate([scored(_outcomes(truth, sample, draw)) for _ in range(2 if many else _WORLDS)])
    return _ends(told, np.tile(truth, len(told) // len(truth)) - told)


def _mixed(linear: np.ndarray, found: np.ndarray, spread: float) -> tuple[np.ndarray, float]:
    """What the model says beyond a weighted sum is as likely to be so as not: half of each, standing as far apart as the further of the two."""
    apart, own = max(spread * float(np.std(linear)), 1e-9), float(np.std(found))
    if own < _SILENT * apart:
        return linear, spread
    shape = linear / max(float(np.std(linear)), 1e-9) + found / own
    return shape, max(apart, own) / max(float(np.std(shape)), 1e-9)


def _spread(log_odds: np.ndarray, by: float, sample: Sample) -> np.ndarray:
    """The same log-odds standing `by` times as far apart, with the same share of leavers."""
    middle = float(np.average(log_odds, weights=sample.weights))
    made = middle + by * (log_odds - middle)
    wanted = float(np.average(sample.labels, weights=sample.weights))
    low, high = -20.0, 20.0
    for _ in range(50):
        shift = (low + high) / 2
        more = float(np.average(encoding.squash(made + shift), weights=sample.weights)) > wanted
        low, high = (low, shift) if more else (shift, high)
    return made + low


def _step(found: np.ndarray, truth: np.ndarray, told: np.ndarray) -> float:
    """By how much true chances stand further apart than `truth`, if scores learned from them are to stand apart as the model's own do.

    Scores learned from `truth` are slope x truth + noise; the model's own are slope x the real truth + noise of the same size.
    """
    far = truth - truth.mean()
    slope = float(far @ (told - told.mean())) / max(float(far @ far), 1e-12)
    noise = float(np.var(told - told.mean() - slope * far))
    real = max(float(np.var(found)) - noise, 0.0) / max(slope, 0.2) ** 2
    return float(np.sqrt(real / max(float(np.var(truth)), 1e-12)))


def _outcomes(truth: np.ndarray, sample: Sample, draw: np.random.Generator) -> np.ndarray:
    """Labels with these log-odds. Neighbouring rows of one account share their luck, as many of them as rows that one leaver has on average."""
    together = max(1, round(float(sample.labels.sum()) / max(1, len(np.unique(sample.accounts[sample.labels == 1])))))
    _, at = np.unique(sample.accounts, return_inverse=True)
    order = np.argsort(at, kind="stable")
    first = np.searchsorted(at[order], np.arange(at.max() + 1))
    place = np.empty(len(at), int)
    place[order] = np.arange(len(at)) - first[at[order]]
    _, luck = np.unique(at * (len(at) + 1) + place // together, return_inverse=True)
    labels = (draw.random(luck.max() + 1)[luck] < encoding.squash(truth)).astype(float)
    # Nothing can be learned where nobody leaves, or nobody stays.
    if not labels.any():
        labels[np.argmax(truth)] = 1.0
    if labels.all():
        labels[np.argmin(truth)] = 0.0
    return labels


def _ends(told: np.ndarray, missed: np.ndarray) -> dict[str, list[float]]:
    """How far below and above a score the truth lies, by groups of scores."""
    order = np.argsort(told, kind="stable")
    groups = [group for group in np.array_split(order, _GROUPS) if len(group)]
    ends = [np.quantile(missed[group], _INSIDE) * _BEYOND for group in groups]
    return {
        "at": [float(told[group].mean()) for group in groups],
        "below": [float(max(-low, _LEAST)) for low, _ in ends],
        "above": [float(max(high, _LEAST)) for _, high in ends],
    }
