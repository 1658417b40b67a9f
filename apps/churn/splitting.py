"""Which rows to learn from, and which to prove on: later dates, or other accounts. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from .dataset import Dataset

_TEST_SHARE = 0.25
# Where the rows to learn from are cut again to choose among the ways of scoring, as shares of their dates.
_CUTS = (0.4, 0.55, 0.7)
_ACCOUNT_FOLDS = 5

Fold = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Split:
    """Rows to learn from, rows to prove on (truth values), and how they were kept apart in words."""

    learn: np.ndarray
    test: np.ndarray
    how: str


def split(data: Dataset) -> Split | None:
    """None where no way leaves leavers and stayers on both sides.

    Dated rows: the last quarter of the dates is to prove on, and only rows whose outcome was known before the first of them are to learn from;
    with fewer dates to prove on where that leaves none. Where the record is too short even so (a long window), and for columns without dates:
    a fifth of the accounts (seed 0), which the other accounts' rows then say nothing about.
    """
    counts = data.weights > 0
    dates = len(data.dates)
    for number in range(max(1, round(_TEST_SHARE * dates)) if dates else 0, 0, -1):
        learn = _over_before(data, dates - number)
        made = Split(learn & counts, (data.when >= dates - number) & counts, "on later dates")
        if _mixed(data, made.learn) and _mixed(data, made.test):
            return made
    aside, last = _fifth(data), data.when == max(dates - 1, 0)
    how = "on accounts kept aside (the record is too short for later dates)" if dates else "on accounts kept aside"
    made = Split(~aside & counts, aside & last & counts, how)
    return made if _mixed(data, made.learn) and _mixed(data, made.test) else None


def forward(data: Dataset, learn: np.ndarray) -> list[Fold]:
    """(places to learn from, places to judge on) within the rows to learn from: judged are later rows of accounts that were not learned from, and
    what was learned was known before the first of them. Where the dates are too few, other accounts of any date."""
    group = _groups(data, len(_CUTS))
    dates = np.unique(data.when[learn])
    made = []
    for number, share in enumerate(_CUTS):
        first = dates[min(len(dates) - 1, round(share * len(dates)))]
        inside = learn & _over_before(data, int(first)) & (group != number)
        outside = learn & (data.when >= first) & (group == number)
        if data.dates and _mixed(data, inside) and _mixed(data, outside):
            made.append((np.flatnonzero(inside), np.flatnonzero(outside)))
    return made if len(made) == len(_CUTS) else list(by_account(data, learn))


def by_account(data: Dataset, learn: np.ndarray) -> Iterator[Fold]:
    """Every account judged once by what the others taught, whatever the date."""
    group = _groups(data, _ACCOUNT_FOLDS)
    for number in range(_ACCOUNT_FOLDS):
        inside, outside = learn & (group != number), learn & (group == number)
        if _mixed(data, inside) and outside.any():
            yield np.flatnonzero(inside), np.flatnonzero(outside)


def _over_before(data: Dataset, first: int) -> np.ndarray:
    """Rows whose outcome was known before the date in this place."""
    over = np.array([day + timedelta(days=data.window) <= data.dates[first] for day in data.dates], bool)
    return over[data.when] if data.dates else np.zeros(len(data.when), bool)


def _mixed(data: Dataset, chosen: np.ndarray) -> bool:
    return set(data.labels[chosen].tolist()) == {0.0, 1.0}


def _groups(data: Dataset, count: int) -> np.ndarray:
    """A group for each row, the same for all rows of an account; leavers and stayers spread evenly (seed 0)."""
    draw = np.random.default_rng(0)
    known, at = np.unique(data.accounts, return_inverse=True)
    left = np.isin(known, data.accounts[data.labels == 1])
    group = np.empty(len(known), int)
    for part in (left, ~left):
        group[part] = draw.permutation(np.arange(part.sum()) % count)
    return np.asarray(group[at])


def _fifth(data: Dataset) -> np.ndarray:
    return _groups(data, 5) == 0
