"""Scoring by stored gradient-boosted trees, with exact path-dependent TreeSHAP. Pure numpy; nothing is unpickled.

`parameters` = {"columns": [...encoding.py...], "start", "trees": [{"column", "threshold", "missing_left", "left", "right", "leaf", "count"}]}. The
lists of a tree hold one entry per decision; a child that is not negative is a decision, else leaf -1 - child. A decision goes left where the value is
at most the threshold. `count` is how many training rows a leaf held.

A tree of at most MOST_DECISIONS decisions answers every row by one of 2^decisions patterns. What a pattern is worth, and how that is shared out among
the columns of the tree, is worked out once; scoring rows is then looking up and adding: from the value of a column to its bits in the patterns of all
trees at once, and from the patterns to what they are worth.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from . import encoding
from .encoding import Source

MOST_DECISIONS = 7
_PATTERNS = 1 << MOST_DECISIONS
_ROWS = 1024
# Gauss-Legendre on [0, 1]: exact for polynomials up to degree 7.
_AT, _WEIGHT = ((np.array(given) + shift) / 2 for given, shift in zip(np.polynomial.legendre.leggauss(4), (1, 0), strict=True))


class Trees:
    """A sum of small trees."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        trees: Sequence[Mapping[str, Any]] = parameters["trees"]
        columns = parameters["columns"]
        asked = sorted({column for tree in trees for column in tree["column"]})
        # Where no tree asks anything, a column is read all the same: it tells how many rows there are.
        self._columns = [columns[at] for at in asked] or columns[:1]
        self._answers = [_Answers(column, trees) for column in asked]
        self._shapes = [_Shape(tree) for tree in trees]
        self._worth = np.array([shape.worth for shape in self._shapes]).reshape(-1)
        self._offset = np.arange(len(trees)) * _PATTERNS
        self.features: Sequence[str] = sorted({column["feature"] for column in columns})
        self._feature_of = {column: self.features.index(columns[column]["feature"]) for column in asked}
        self.base = float(parameters["start"]) + sum(shape.average for shape in self._shapes)
        self._start = float(parameters["start"])
        self.usual: Mapping[str, float] = encoding.typical(columns)

    def log_odds(self, source: Source) -> np.ndarray:
        found = [self._worth.take(patterns + self._offset).sum(axis=1) for patterns in self._patterns(source)]
        return self._start + np.concatenate(found)

    def parts(self, source: Source) -> np.ndarray:
        shares, tree, starts, features = self._shares
        offset = np.arange(len(tree)) * _PATTERNS
        found = []
        for patterns in self._patterns(source):
            made = np.zeros((len(patterns), len(self.features)))
            if len(tree):
                made[:, features] = np.add.reduceat(shares.take(patterns.take(tree, axis=1) + offset), starts, axis=1)
            found.append(made)
        return np.concatenate(found)

    def _patterns(self, source: Source) -> Iterator[np.ndarray]:
        """For parts of the rows: rows x trees, which decisions of the tree the row answers by going left, as bits."""
        values = encoding.matrix(source, self._columns, fill=False)
        for first in range(0, max(1, values.shape[1]), _ROWS):
            part = values[:, first : first + _ROWS]
            made = np.zeros((part.shape[1], len(self._shapes)), np.uint8)
            for answers, line in zip(self._answers, part, strict=False):
                made |= answers.of(line)
            yield made

    @cached_property
    def _shares(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """All trees' shares by pattern, flat; the tree of each run of shares; where a feature's runs start; which features have any."""
        runs = [
            (self._feature_of[column], tree, line)
            for tree, shape in enumerate(self._shapes)
            for column, line in zip(shape.columns, shape.shares(), strict=True)
        ]
        runs.sort(key=lambda run: run[:2])
        features, starts = np.unique(np.array([run[0] for run in runs], int), return_index=True)
        shares = np.concatenate([run[2] for run in runs]) if runs else np.empty(0)
        return shares, np.array([run[1] for run in runs], int), starts, features


class _Answers:
    """What the values of one column answer to all decisions that ask for it."""

    def __init__(self, column: int, trees: Sequence[Mapping[str, Any]]) -> None:
        asked = [
            (place, 1 << decision, tree["threshold"][decision], tree["missing_left"][decision])
            for place, tree in enumerate(trees)
            for decision, of in enumerate(tree["column"])
            if of == column
        ]
        self._cuts = np.unique([threshold for _, _, threshold, _ in asked])
        # Steps x trees: a step is how many cuts lie below a value, and the last one is for unknown values.
        self._bits = np.zeros((len(self._cuts) + 2, len(trees)), np.uint8)
        for place, bit, threshold, missing_left in asked:
            self._bits[: np.searchsorted(self._cuts, threshold) + 1, place] |= bit
            self._bits[-1, place] |= bit * missing_left

    def of(self, values: np.ndarray) -> np.ndarray:
        """Rows x trees."""
        # A value that is not a number is sorted above all cuts.
        step = np.searchsorted(self._cuts, values)
        step += np.isnan(values)
        return self._bits.take(step, axis=0)


class _Turn(NamedTuple):
    """On the way to a leaf: at which decision, by which of the tree's columns, to which side, and what share of its training rows went there."""

    decision: int
    slot: int
    left: bool
    share: float


class _Shape:
    """One tree as its leaves: by which decisions, which way, a row gets there."""

    def __init__(self, tree: Mapping[str, Any]) -> None:
        self._leaf = np.array(tree["leaf"], float)
        self.columns = sorted(set(tree["column"]))
        slots = len(self.columns)
        # Per leaf and column: the share of rows that its decisions let through, and the decisions that must go left and right, as bits.
        self._through = np.ones((len(self._leaf), slots))
        self._left, self._right = (np.zeros((len(self._leaf), slots), int) for _ in range(2))
        if slots:
            self._walk(tree, 0, [])
        patterns = np.arange(_PATTERNS)[:, None, None]
        # Patterns x leaves x columns: whether all decisions of the column lead to the leaf.
        self._agrees = ((patterns & self._left) == self._left) & ((patterns & self._right) == 0)
        self.worth = self._agrees.all(axis=2) @ self._leaf
        self.average = float(self._through.prod(axis=1) @ self._leaf)

    def _walk(self, tree: Mapping[str, Any], decision: int, path: Sequence[_Turn]) -> None:
        children = tree["left"][decision], tree["right"][decision]
        counts = [_count(tree, child) for child in children]
        slot = self.columns.index(tree["column"][decision])
        for child, count, left in zip(children, counts, (True, False), strict=True):
            here = [*path, _Turn(decision, slot, left, count / sum(counts))]
            if child >= 0:
                self._walk(tree, child, here)
                continue
            for turn in here:
                self._through[-1 - child, turn.slot] *= turn.share
                (self._left if turn.left else self._right)[-1 - child, turn.slot] |= 1 << turn.decision

    def shares(self) -> np.ndarray:
        """Columns x patterns: Shapley values of the tree's columns, where a column that is not told counts by the training rows (path-dependent).

        A leaf pays `leaf` times the product over columns of "agrees" (told) or "through" (not told). The Shapley weights of a coalition of s among k
        are the integral of t^s (1 - t)^(k - 1 - s) over [0, 1], so a column's value is the integral of a product of k - 1 linear terms, which
        Gauss-Legendre gives exactly.
        """
        told = self._agrees.astype(float)
        total = np.zeros(told.shape[::2])
        for at, weight in zip(_AT, _WEIGHT, strict=True):
            terms = self._through * (1 - at) + told * at
            whole = terms.prod(axis=2, keepdims=True) * (weight * self._leaf[:, None])
            total += (whole / terms * (told - self._through)).sum(axis=1)
        return total.T


def _count(tree: Mapping[str, Any], child: int) -> float:
    if child < 0:
        return float(tree["count"][-1 - child])
    return _count(tree, tree["left"][child]) + _count(tree, tree["right"][child])
