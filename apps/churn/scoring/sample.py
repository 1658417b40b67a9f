"""Rows to learn from, and their parts that keep an account together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from . import encoding
from .encoding import Table


@dataclass(frozen=True)
class Sample:
    """Rows with their outcome (1 left, 0 stayed), their weight and the account that they tell of; models read `keys` of the table."""

    table: Table
    labels: np.ndarray
    keys: Sequence[str]
    weights: np.ndarray
    accounts: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, places: np.ndarray) -> "Sample":
        table = encoding.take({key: self.table[key] for key in self.keys}, places)
        return replace(self, table=table, labels=self.labels[places], weights=self.weights[places], accounts=self.accounts[places])

    @property
    def rows_per_account(self) -> float:
        return len(self) / len(np.unique(self.accounts))

    def folds(self, count: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(places to learn from, places to judge on), leavers and stayers spread evenly, no account on both sides."""
        draw = np.random.default_rng(seed)
        known, at = np.unique(self.accounts, return_inverse=True)
        left = np.zeros(len(known), bool)
        left[at[self.labels == 1]] = True
        fold = np.empty(len(known), int)
        for group in (left, ~left):
            fold[group] = draw.permutation(np.arange(group.sum()) % count)
        for number in range(count):
            inside, outside = np.flatnonzero(fold[at] != number), np.flatnonzero(fold[at] == number)
            if len(outside) and len(set(self.labels[inside].tolist())) == 2:
                yield inside, outside


def log_loss(labels: np.ndarray, log_odds: np.ndarray, weights: np.ndarray) -> float:
    """Mean of -ln of the chance that was given to what happened."""
    return float(np.average(np.logaddexp(0, np.where(labels == 1, -log_odds, log_odds)), weights=weights))
