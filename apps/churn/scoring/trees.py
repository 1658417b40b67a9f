"""Scoring by stored gradient-boosted trees, with exact path-dependent TreeSHAP. Pure numpy; nothing is unpickled.

`parameters` = {"columns": [...encoding.py...], "start", "trees": [{"column", "threshold", "missing_left", "left", "right", "leaf", "count"}]}. The
lists of a tree hold one entry per decision; a child that is not negative is a decision, else leaf -1 - child. A decision goes left where the value is
at most the threshold. `count` is how many training rows a leaf held.

A tree of at most MOST_DECISIONS decisions answers every row by one of 2^decisions patterns. What a pattern is worth, and how that is shared out among
the columns of the tree, is worked out once; scoring rows is then comparing, looking up and adding.
"""

from collections.abc import Mapping, Sequence
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
        self._columns = parameters["columns"]
        self._trees: Sequence[Mapping[str, Any]] = parameters["trees"]
        shape = (len(self._trees), MOST_DECISIONS)
        self._column, self._threshold, self._missing_left = np.zeros(shape, int), np.full(shape, np.inf), np.zeros(shape, bool)
        for place, tree in enumerate(self._trees):
            size = len(tree["column"])
            self._column[place, :size] = tree["column"]
            self._threshold[place, :size] = tree["threshold"]
            self._missing_left[place, :size] = tree["missing_left"]
        self._cuts = [np.unique(self._threshold[self._column == at]) for at in range(len(self._columns))]
        self._step = np.zeros(shape, int)
        for at, cuts in enumerate(self._cuts):
            self._step[self._column == at] = np.searchsorted(cuts, self._threshold[self._column == at])
        self._bit = (1 << np.arange(MOST_DECISIONS)).astype(np.uint8)[None, :, None]
        self._shapes = [_Shape(tree) for tree in self._trees]
        self._worth = np.array([shape.worth for shape in self._shapes]).reshape(-1)
        self.features: Sequence[str] = sorted({column["feature"] for column in self._columns})
        self.base = float(parameters["start"]) + sum(shape.average for shape in self._shapes)
        self._start = float(parameters["start"])
        self.usual: Mapping[str, float] = encoding.typical(self._columns)

    def log_odds(self, source: Source) -> np.ndarray:
        return np.concatenate([self._start + self._worth[at].sum(axis=0) for at in self._places(source)])

    def parts(self, source: Source) -> np.ndarray:
        shares, tree, starts, features = self._shares
        found = []
        for at in self._places(source):
            # `at` counts through all trees' patterns; the shares of a tree's columns lie in rows of their own.
            patterns = (at & (_PATTERNS - 1))[tree]
            patterns += (np.arange(len(tree)) * _PATTERNS)[:, None]
            made = np.zeros((len(self.features), at.shape[1]))
            if len(tree):
                made[features] = np.add.reduceat(shares[patterns], starts, axis=0)
            found.append(made.T)
        return np.concatenate(found)

    def _places(self, source: Source) -> list[np.ndarray]:
        """For parts of the rows: trees x rows, where in `_worth` a row's pattern of a tree lies."""
        values = encoding.matrix(source, self._columns, fill=False)
        # Steps instead of values: how many cuts of the column lie below. Unknown is above all cuts in one copy and below all in the other.
        steps = np.array([np.searchsorted(cuts, line) for cuts, line in zip(self._cuts, values, strict=True)], np.int16)
        missing = np.isnan(values)
        both = np.concatenate([steps, np.where(missing, -1, steps)]) if missing.any() else steps
        row = self._column + (len(steps) if len(both) > len(steps) else 0) * self._missing_left
        offset = (np.arange(len(self._trees)) * _PATTERNS)[:, None]
        found = []
        for first in range(0, values.shape[1], _ROWS):
            left = both[:, first : first + _ROWS][row] <= self._step[:, :, None]
            found.append((left * self._bit).sum(axis=1, dtype=np.uint8) + offset)
        return found

    @cached_property
    def _shares(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """All trees' shares by pattern, flat; the tree of each row of shares; where a feature's rows start; which features have any."""
        place = {feature: at for at, feature in enumerate(self.features)}
        rows = [
            (place[self._columns[column]["feature"]], tree, line)
            for tree, shape in enumerate(self._shapes)
            for column, line in zip(shape.columns, shape.shares(), strict=True)
        ]
        rows.sort(key=lambda row: row[:2])
        feature = np.array([row[0] for row in rows], int)
        features, starts = np.unique(feature, return_index=True)
        shares = np.concatenate([row[2] for row in rows]) if rows else np.empty(0)
        return shares, np.array([row[1] for row in rows], int), starts, features


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
