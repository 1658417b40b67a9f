"""Grouping accounts by behaviour: rank-Gaussian scales, k-means, and as many groups as come out the same when the accounts are drawn anew.

Silhouettes are flat on such data and say nothing; density clustering calls a third of the accounts noise. What a name needs is that the group is
still there tomorrow, and that is what the bootstrap asks (ML.md 5). Pure functions; the same seed gives the same groups.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Labels = NDArray[np.int_]

# Fewer accounts than this cannot carry groups that are learned.
LEAST_ACCOUNTS = 200
STABLE = 0.85
SMALLEST = 0.05
MOST_GROUPS = 8
_DRAWS = 20
_POINTS = 201
# So many accounts are enough to see whether groups are stable.
_ENOUGH = 4_000


@dataclass(frozen=True)
class Tried:
    """One number of groups: how alike the groups of other draws were (mean adjusted Rand index), and the share of the smallest group."""

    k: int
    ari: float
    smallest: float

    @property
    def fits(self) -> bool:
        return self.ari >= STABLE and self.smallest >= SMALLEST


@dataclass(frozen=True)
class Grouped:
    """`k` is 0 where nothing was stable; `tried` says what was."""

    k: int
    centres: Numbers
    tried: tuple[Tried, ...]


NOT_GROUPED = Grouped(0, np.empty((0, 0)), ())


def scale(values: Sequence[float | None]) -> list[float]:
    """The quantiles by which a value finds its place; empty where nothing is known."""
    known = np.array([value for value in values if value is not None], dtype=np.float64)
    if not known.size:
        return []
    return [float(one) for one in np.quantile(known, np.linspace(0, 1, min(_POINTS, max(known.size, 2))))]


def place(value: float | None, quantiles: Sequence[float]) -> float:
    """Where a value stands among all, 0 to 1; equal values stand in the middle of their like, and what is not known stands in the middle of all."""
    if value is None or not quantiles:
        return 0.5
    return float(_places(np.array([value]), np.array(quantiles))[0])


def _places(values: Numbers, quantiles: Numbers) -> Numbers:
    size = len(quantiles)
    middle = (np.searchsorted(quantiles, values, "left") + np.searchsorted(quantiles, values, "right")) / 2
    return np.clip(middle / size, 0.5 / size, 1 - 0.5 / size)


def gaussian(rows: Sequence[Mapping[str, float | None]], scales: Mapping[str, Sequence[float]]) -> Numbers:
    """Every behaviour by its place, bent to a bell curve: one account that does a thousand times as much pulls no centre."""
    from scipy.special import ndtri

    columns = []
    for key, quantiles in scales.items():
        own = [row.get(key) for row in rows]
        places = np.full(len(rows), 0.5)
        known = np.array([value is not None for value in own])
        if known.any() and len(quantiles):
            places[known] = _places(np.array([value for value in own if value is not None], dtype=np.float64), np.array(quantiles))
        columns.append(ndtri(places))
    return np.asarray(np.stack(columns, axis=1), dtype=np.float64)


def group(points: Numbers, *, seed: int, most: int = MOST_GROUPS) -> Grouped:
    """The largest number of groups that is stable and has no splinter."""
    draws = np.random.default_rng(seed)
    looked = points if len(points) <= _ENOUGH else points[np.sort(draws.choice(len(points), _ENOUGH, replace=False))]
    tried = tuple(_try(looked, k, seed) for k in range(2, most + 1))
    k = max((one.k for one in tried if one.fits), default=0)
    return Grouped(k, _centres(points, k, seed) if k else np.empty((0, points.shape[1])), tried)


def _try(points: Numbers, k: int, seed: int) -> Tried:
    from sklearn.metrics import adjusted_rand_score

    labels = nearest(points, _centres(points, k, seed))
    smallest = float(np.bincount(labels, minlength=k).min() / len(points))
    found = []
    for number in range(_DRAWS):
        drawn = np.random.default_rng([seed, k, number]).integers(len(points), size=len(points))
        found.append(adjusted_rand_score(labels, nearest(points, _centres(points[drawn], k, seed + number + 1))))
    return Tried(k, float(np.mean(found)), smallest)


def _centres(points: Numbers, k: int, seed: int) -> Numbers:
    from sklearn.cluster import KMeans

    fitted = KMeans(n_clusters=k, n_init=4, random_state=seed % 2**31).fit(points)
    return np.asarray(fitted.cluster_centers_, dtype=np.float64)


def distances(points: Numbers, centres: Numbers) -> Numbers:
    return np.asarray(np.sqrt(((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)), dtype=np.float64)


def nearest(points: Numbers, centres: Numbers) -> Labels:
    return np.asarray(np.argmin(distances(points, centres), axis=1), dtype=np.int_)


def closeness(points: Numbers, centres: Numbers) -> Numbers:
    """How clearly each point belongs to its nearest centre: 1 at the centre, 0 halfway to the next."""
    if len(centres) < 2:
        return np.ones(len(points))
    two = np.sort(distances(points, centres), axis=1)[:, :2]
    return np.asarray(np.clip(1 - two[:, 0] / np.maximum(two[:, 1], 1e-9), 0, 1), dtype=np.float64)


def matched(old: Numbers, new: Numbers, *, farthest: float = 1.5) -> dict[int, int]:
    """New group -> the old one it continues, so that the distances are least in sum (Hungarian method); farther ones are new groups."""
    from scipy.optimize import linear_sum_assignment

    if not len(old) or not len(new):
        return {}
    apart = distances(new, old)
    rows, columns = linear_sum_assignment(apart)
    return {int(row): int(column) for row, column in zip(rows, columns, strict=True) if apart[row, column] <= farthest}
