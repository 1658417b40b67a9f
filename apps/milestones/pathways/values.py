"""What reaching a milestone early is worth for staying, read from accounts that went their own ways.

Who stays longer reaches more, so "of those who did X most stayed" finds the last milestones of the catalogue, not the ones that matter
(survivors' bias). Three things are done against it. Everybody is read from the same moment, a landmark after the start, and only who is still there
then: no account is credited for what it reached because it stayed (Anderson, Cain and Gelber, J. Clin. Oncol. 1, 1983). Accounts are compared that
reached as many other milestones early, as the keen ones reach more of everything. And how active they were by then is held equal. It stays an
observation: what is not measured (a new champion) may still be behind it, so values are called not proven until an experiment says so.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

# A milestone is valued when so many reached it early and so many did not.
LEAST_EACH = 30
_RIDGE, _STEPS, _SURE = 1e-3, 30, 1.96


@dataclass(frozen=True)
class Value:
    """Points (share of 1) by which accounts that reached it early stayed more often, others like them held equal.

    `low` and `high`: 95 % interval; `shrunk`: drawn to nought by as much as the interval is wide, for choosing.
    `reached` of `accounts` reached it early.
    """

    milestone: Any
    points: float
    low: float
    high: float
    shrunk: float
    reached: int
    accounts: int


def values(early: Numbers, stayed: Numbers, activity: Numbers, milestones: Sequence[Any]) -> list[Value]:
    """The value of each milestone; those with too few accounts on either side are left out.

    `early[i, j]` is 1 where account i reached milestone j before the landmark, `stayed[i]` 1 where it was active later, `activity[i]` what it did
    before the landmark, in events.
    """
    count = early.sum(axis=1)
    busy = np.log1p(activity)
    found = []
    for place, milestone in enumerate(milestones):
        did = early[:, place]
        reached = int(did.sum())
        if min(reached, len(did) - reached) < LEAST_EACH:
            continue
        points, error = _points(did, stayed, np.column_stack([np.ones_like(did), np.log1p(count - did), busy]))
        if math.isfinite(points) and error > 0:
            found.append((milestone, points, error, reached))
    spread = _spread([points for _, points, _, _ in found], [error for _, _, error, _ in found])
    return [
        Value(
            milestone=milestone,
            points=points,
            low=points - _SURE * error,
            high=points + _SURE * error,
            shrunk=points * spread / (spread + error**2) if spread else 0.0,
            reached=reached,
            accounts=len(stayed),
        )
        for milestone, points, error, reached in found
    ]


def for_choosing(found: Sequence[Value]) -> dict[Any, float]:
    """By milestone. What seems to do harm counts as nothing: the catalogue decides among those."""
    return {one.milestone: max(0.0, one.shrunk) for one in found}


def naive(reached: Numbers, stayed: Numbers, milestones: Sequence[Any]) -> Mapping[Any, float]:
    """The share that stayed of all who ever reached it: what a dashboard would show, kept to be held against."""
    return {milestone: float(stayed[reached[:, place] > 0].mean()) for place, milestone in enumerate(milestones) if reached[:, place].any()}


def _points(did: Numbers, stayed: Numbers, others: Numbers) -> tuple[float, float]:
    """Average marginal effect of `did` in a logistic regression with its standard error (delta method)."""
    columns = np.column_stack([others, did])
    beta, covariance = _logistic(columns, stayed)
    if beta is None or covariance is None:
        return math.nan, math.nan
    ones, noughts = columns.copy(), columns.copy()
    ones[:, -1], noughts[:, -1] = 1.0, 0.0
    with_it, without = _sigmoid(ones @ beta), _sigmoid(noughts @ beta)
    slope = ((with_it * (1 - with_it))[:, None] * ones - (without * (1 - without))[:, None] * noughts).mean(axis=0)
    return float((with_it - without).mean()), math.sqrt(max(0.0, float(slope @ covariance @ slope)))


def _logistic(columns: Numbers, outcome: Numbers) -> tuple[Numbers | None, Numbers | None]:
    """Newton's method with a whiff of ridge, so that a column without variation does no harm; None where it does not settle."""
    beta: Numbers = np.zeros(columns.shape[1])
    ridge = _RIDGE * np.eye(len(beta))
    for _ in range(_STEPS):
        p = _sigmoid(columns @ beta)
        information = (columns * (p * (1 - p))[:, None]).T @ columns + ridge
        step = np.linalg.solve(information, columns.T @ (outcome - p) - _RIDGE * beta)
        beta = beta + step
        if float(np.abs(step).max()) < 1e-8:
            return beta, np.asarray(np.linalg.inv(information), dtype=np.float64)
    return None, None


def _sigmoid(x: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -35, 35))), dtype=np.float64)


def _spread(points: Sequence[float], errors: Sequence[float]) -> float:
    """How much true values differ (variance), by moments: what is seen less what the errors explain."""
    if not points:
        return 0.0
    return max(0.0, sum(point**2 - error**2 for point, error in zip(points, errors, strict=True)) / len(points))
