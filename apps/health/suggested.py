"""Weights of dimensions that the own outcomes speak for: non-negative, shrunken towards the present ones, and silent while leavers are few."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from .tree import Tree

# Fewer leavers than this say more about chance than about weights.
LEAVERS_NEEDED = 30
# With this many leavers, the outcomes and the present weights have the same say.
_EQUAL_SAY = 100
_PENALTY = 0.02

Fact = tuple[date, int, Sequence[float | None], bool]
Floats = npt.NDArray[np.float64]


def suggest(tree: Tree, facts: Sequence[Fact], *, horizon: int) -> dict[str, Any]:
    """Weights by dimension key that sum to 100, with how the present and the suggested ones separate on the latest date, which the fit has not seen.

    `facts`: day, account, points (0-100) per dimension, whether it left within the horizon. `weights` is empty where it cannot tell.
    """
    leavers = len({account for _, account, _, left in facts if left})
    found: dict[str, Any] = {"leavers": leavers, "needed": LEAVERS_NEEDED, "weights": {}, "tested": None}
    if leavers < LEAVERS_NEEDED:
        return found
    present = [dimension.weight for dimension in tree.dimensions]
    weights = _weights(facts, present, leavers)
    found["weights"] = {dimension.key: weight for dimension, weight in zip(tree.dimensions, weights, strict=True)}
    latest = max(day for day, *_ in facts)
    earlier = [fact for fact in facts if fact[0] + timedelta(days=horizon) <= latest]
    early = len({account for _, account, _, left in earlier if left})
    if early >= LEAVERS_NEEDED:
        found["tested"] = _tested([fact for fact in facts if fact[0] == latest], present, _weights(earlier, present, early), latest)
    return found


def _weights(facts: Sequence[Fact], present: Sequence[int], leavers: int) -> list[int]:
    """Logistic loss on the missing points of each dimension, coefficients not below zero, then a mean with the present weights."""
    points, left = _matrix(facts, present)
    lack = 1 - points / 100
    start = np.append(np.full(len(present), 1.0), -2.0)

    def loss(coefficients: Floats) -> tuple[float, Floats]:
        raw = lack @ coefficients[:-1] + coefficients[-1]
        error = 1 / (1 + np.exp(-raw)) - left
        value = float(np.mean(np.logaddexp(0, raw) - left * raw) + _PENALTY * np.sum(coefficients[:-1] ** 2) / 2)
        slope = np.append(lack.T @ error / len(left) + _PENALTY * coefficients[:-1], error.mean())
        return value, slope

    bounds = [(0.0, None)] * len(present) + [(None, None)]
    fitted = np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x[:-1])
    if fitted.sum() <= 1e-9:
        return list(present)
    say = leavers / (leavers + _EQUAL_SAY)
    mixed = (1 - say) * np.asarray(present, dtype=float) + say * 100 * fitted / fitted.sum()
    return _whole(mixed)


def _matrix(facts: Sequence[Fact], present: Sequence[int]) -> tuple[Floats, Floats]:
    """What is not known of an account counts as its own mean, so that it pulls no weight either way."""
    weights = np.asarray(present, dtype=float)
    points = np.array([[np.nan if value is None else value for value in own] for _, _, own, _ in facts])
    known = ~np.isnan(points)
    total = np.where(known, points, 0) @ weights
    share = known @ weights
    mean = np.where(share > 0, total / np.where(share > 0, share, 1), 50.0)
    return np.where(known, points, mean[:, None]), np.array([float(left) for *_, left in facts])


def _whole(weights: Floats) -> list[int]:
    """Whole numbers of at least 1 that sum to 100."""
    floor = np.maximum(np.floor(weights), 1).astype(int)
    order = np.argsort(-(weights - floor), kind="stable")
    place = 0
    while floor.sum() != 100:
        index = order[place % len(order)]
        step = 1 if floor.sum() < 100 else -1
        if floor[index] + step >= 1:
            floor[index] += step
        place += 1
    return [int(weight) for weight in floor]


def _tested(facts: Sequence[Fact], present: Sequence[int], suggested: Sequence[int], day: date) -> dict[str, Any] | None:
    points, left = _matrix(facts, present)
    if left.sum() < 5 or left.sum() == len(left):
        return None
    return {
        "day": day.isoformat(),
        "leavers": int(left.sum()),
        "present": _area(points @ np.asarray(present, dtype=float), left),
        "suggested": _area(points @ np.asarray(suggested, dtype=float), left),
    }


def _area(scores: Floats, left: Floats) -> float:
    gone, stayed = scores[left == 1], scores[left == 0]
    above = (stayed[None, :] > gone[:, None]).mean() + (stayed[None, :] == gone[:, None]).mean() / 2
    return round(float(above), 3)
