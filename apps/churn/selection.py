"""Choosing the way of scoring: what the history can carry is tried on later rows of other accounts, and the plainest that is not beaten wins."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from . import splitting
from .dataset import Dataset
from .scoring import encoding, engine, fitting, fitting_interval, measures
from .scoring.sample import Sample, log_loss
from .types import ModelKind

# With fewer customers that left, or fewer customers, only a model whose effects are held close to none learns more than noise.
FULL_LEAVERS, FULL_ACCOUNTS = 100, 500
# The network ranked worse than the others below this many leavers in measurements.
_MANY_LEAVERS = 400
# What is kept where another is not clearly better: the plainest; several together, which err less than one alone when the world moves on; the rest.
_RATHER = (ModelKind.LOGISTIC, ModelKind.STACK, ModelKind.TREES, ModelKind.NETWORK)
# Inverse penalty of the coefficients for one row per account; dated rows are shrunk more, since habits drift between the dates that were learned
# and those that will be scored.
_DATED, _UNDATED, _SHRUNKEN = 0.05, 1.0, 0.5
# How far the slope of told against true log-odds may stand from 1 before it is bent back.
_SLOPES = (0.8, 1.25)


@dataclass(frozen=True)
class Trial:
    """One way of scoring with its log-odds on the rows to judge on, of accounts and dates that it had not seen."""

    kind: ModelKind
    log_odds: np.ndarray
    loss: float
    like: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Selection:
    """What was chosen and from what. `places` are the rows judged on, `fold` tells them apart; `fit` learns the chosen way from any rows."""

    chosen: ModelKind
    stage: str
    trials: Mapping[ModelKind, Trial]
    places: np.ndarray
    fold: np.ndarray
    strength: float
    shares: tuple[float, list[float]] | None = None
    bend: tuple[float, float] | None = None
    words: str = ""
    members: Sequence[ModelKind] = field(default=())

    def fit(self, data: Dataset, rows: np.ndarray, keys: Sequence[str]) -> dict[str, Any]:
        """Parameters of the chosen way, learned from the rows in these places."""
        needed = self.members if self.chosen == ModelKind.STACK else (self.chosen,)
        return self._ready(self.chosen, {kind: self._one(kind, data, rows, keys) for kind in needed})

    def fit_all(self, data: Dataset, rows: np.ndarray, keys: Sequence[str]) -> dict[ModelKind, dict[str, Any]]:
        """The same for every way that was tried, the chosen one first."""
        found = {kind: self._one(kind, data, rows, keys) for kind in self.members}
        return {kind: self._ready(kind, found) for kind in sorted(self.trials, key=lambda kind: kind != self.chosen)}

    def interval(self, data: Dataset, rows: np.ndarray, keys: Sequence[str], parameters: Mapping[str, Any]) -> dict[str, list[float]]:
        """How far the truth may lie from the scores of these parameters, which the chosen way learned from the same rows."""

        def relearn(labels: np.ndarray) -> dict[str, Any]:
            drawn = data.labels.copy()
            drawn[rows] = labels
            return self.fit(replace(data, labels=drawn), rows, keys)

        table = encoding.take({key: data.table[key] for key in keys}, rows)
        sample = Sample(table, data.labels[rows], keys, data.weights[rows], data.accounts[rows])
        return fitting_interval.fit(self.chosen, parameters, relearn, sample, strength=self.strength)

    def _ready(self, kind: ModelKind, found: Mapping[ModelKind, dict[str, Any]]) -> dict[str, Any]:
        """The stack put together of its members; the chosen way bent where it did not hold."""
        if kind == ModelKind.STACK:
            assert self.shares is not None
            made = fitting.together({member: found[member] for member in self.members}, *self.shares)
        else:
            made = found[kind]
        return fitting.bent(kind, made, *self.bend) if self.bend and kind == self.chosen else made

    def _one(self, kind: ModelKind, data: Dataset, rows: np.ndarray, keys: Sequence[str]) -> dict[str, Any]:
        return learn(kind, data, rows, keys, self.strength, self.trials[kind].like)


def stage(data: Dataset, learn: np.ndarray) -> str:
    """`shrunken` or `full`, by how many customers left among the rows to learn from."""
    leavers, accounts = data.leavers(learn), len(np.unique(data.accounts[learn]))
    return "full" if leavers >= FULL_LEAVERS and accounts >= FULL_ACCOUNTS else "shrunken"


def select(data: Dataset, learn: np.ndarray, keys: Sequence[str], report: Callable[[str, float], None]) -> Selection:
    """Try every way of scoring that the rows to learn from (`learn`, truth values) can carry; `report` hears what is tried and the share done."""
    grown = stage(data, learn)
    kinds = _kinds(grown, data.leavers(learn))
    strength = _strength(data, learn, grown)
    folds = splitting.forward(data, learn) if len(kinds) > 1 else list(splitting.by_account(data, learn))
    places = np.concatenate([outside for _, outside in folds])
    fold = np.repeat(np.arange(len(folds)), [len(outside) for _, outside in folds])
    trials = {}
    for number, kind in enumerate(kinds):
        report(f"Trying {kind.label}", number / len(kinds))
        trials[kind] = _trial(kind, data, folds, places, keys, strength)
    labels, weights = data.labels[places], data.weights[places]
    shares = None
    if len(kinds) > 1:
        told = np.column_stack([trials[kind].log_odds for kind in kinds])
        shares = fitting.weigh(told, labels, weights)
        together = _judged_together(told, labels, weights, fold)
        trials[ModelKind.STACK] = Trial(ModelKind.STACK, together, log_loss(labels, together, weights))
    chosen = _rather(trials, labels, weights, data.accounts[places])
    bend = _bend(labels, trials[chosen].log_odds, weights, data.accounts[places], sharpen=grown == "full")
    return Selection(chosen, grown, trials, places, fold, strength, shares, bend, _in_words(chosen, trials), kinds)


def learn(
    kind: ModelKind, data: Dataset, rows: np.ndarray, keys: Sequence[str], strength: float, like: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """One way of scoring, learned from the rows in these places."""
    return fitting.fit(
        kind,
        encoding.take({key: data.table[key] for key in keys}, rows),
        data.labels[rows],
        keys,
        weights=data.weights[rows],
        accounts=data.accounts[rows],
        strength=strength,
        like=like,
    )


def _kinds(grown: str, leavers: int) -> list[ModelKind]:
    """Simplest first."""
    if grown == "shrunken":
        return [ModelKind.LOGISTIC]
    return [ModelKind.LOGISTIC, ModelKind.TREES] if leavers < _MANY_LEAVERS else list(fitting.MEMBERS)


def _strength(data: Dataset, learn: np.ndarray, grown: str) -> float:
    """Inverse of the penalty. The snapshots of one account are one witness, so its rows share its weight."""
    rows = max(1, int(learn.sum()))
    return (_DATED if data.dates else _UNDATED) * (_SHRUNKEN if grown == "shrunken" else 1.0) * len(np.unique(data.accounts[learn])) / rows


def _trial(kind: ModelKind, data: Dataset, folds: Sequence[splitting.Fold], places: np.ndarray, keys: Sequence[str], strength: float) -> Trial:
    like: dict[str, Any] | None = None
    told = []
    # The number of trees is searched once, where most was learned.
    for inside, outside in sorted(folds, key=lambda fold: -len(fold[0])):
        found = learn(kind, data, inside, keys, strength, like)
        like = like or found
        told.append((outside, engine.learned(kind, found).log_odds(encoding.take({key: data.table[key] for key in keys}, outside).__getitem__)))
    log_odds = np.empty(len(data.labels))
    for outside, odds in told:
        log_odds[outside] = odds
    log_odds = log_odds[places]
    return Trial(kind, log_odds, log_loss(data.labels[places], log_odds, data.weights[places]), like)


def _judged_together(told: np.ndarray, labels: np.ndarray, weights: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """The stack's log-odds, each part of the rows weighed by what the others showed."""
    made = np.empty(len(labels))
    for number in np.unique(fold):
        others, here = fold != number, fold == number
        intercept, shares = fitting.weigh(told[others], labels[others], weights[others])
        made[here] = intercept + told[here] @ np.array(shares)
    return made


def _rather(trials: Mapping[ModelKind, Trial], labels: np.ndarray, weights: np.ndarray, accounts: np.ndarray) -> ModelKind:
    """The least loss; what is rather taken is kept where the gain over it is within one standard error, accounts taken as the witnesses."""
    best = min(trials.values(), key=lambda trial: trial.loss)
    for trial in (trials[kind] for kind in _RATHER if kind in trials):
        if trial is best:
            break
        gain = (_losses(labels, trial.log_odds) - _losses(labels, best.log_odds)) * weights
        if gain.sum() <= measures.clustered_error(gain, accounts):
            return trial.kind
    return best.kind


def _losses(labels: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
    return np.logaddexp(0, np.where(labels == 1, -log_odds, log_odds))


def _bend(labels: np.ndarray, log_odds: np.ndarray, weights: np.ndarray, accounts: np.ndarray, *, sharpen: bool = True) -> tuple[float, float] | None:
    """(intercept, slope) that turn the log-odds into those that came true; none where they hold already or the doubt is as large, and where little
    history holds the effects close to none on purpose, none that would `sharpen` them."""
    intercept, slope, error = measures.bend(labels, log_odds, weights, accounts)
    low, high = _SLOPES
    if low <= slope <= high or abs(slope - 1) <= 2 * error or slope <= 0 or (slope > 1 and not sharpen):
        return None
    return intercept, slope


def _in_words(chosen: ModelKind, trials: Mapping[ModelKind, Trial]) -> str:
    told = ", ".join(f"{trial.kind.label} {trial.loss:.4f}" for trial in trials.values())
    return f"Log loss on later rows of other accounts: {told}. Chosen: {chosen.label}." if len(trials) > 1 else ""
