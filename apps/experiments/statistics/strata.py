"""Several draws read as one: each compared within itself, so that other odds at a better time do no good to anybody."""

import math
from collections.abc import Sequence

from . import effects
from .effects import Arm, Effect
from .estimates import ALPHA, Between


def stratified(cells: Sequence[tuple[Arm, Arm]], *, worth: float = effects.WORTH, alpha: float = ALPHA) -> Effect:
    """Treated against held out over (treated, held out) cells: their differences weighted by the accounts in each, the interval by the method of
    variance estimates recovery from Newcombe's of each cell (Zou and Donner 2008). One cell: exactly `effects.effect`. A cell with an empty side
    compares nothing and counts only among the totals.
    """
    treated = Arm(sum(first.n for first, _ in cells), sum(first.successes for first, _ in cells))
    held_out = Arm(sum(second.n for _, second in cells), sum(second.successes for _, second in cells))
    whole = [(first, second) for first, second in cells if first.n and second.n]
    if len(whole) < 2:
        return effects.effect(*whole[0], worth=worth, alpha=alpha) if whole else effects.effect(treated, held_out, worth=worth, alpha=alpha)
    size = sum(first.n + second.n for first, second in whole)
    difference = below = above = 0.0
    for first, second in whole:
        weight = (first.n + second.n) / size
        apart = first.successes / first.n - second.successes / second.n
        low, high = effects.newcombe(first, second, alpha)
        difference += weight * apart
        below += (weight * (apart - low)) ** 2
        above += (weight * (high - apart)) ** 2
    low, high = max(difference - math.sqrt(below), -1.0), min(difference + math.sqrt(above), 1.0)
    return effects.told(treated, held_out, difference, low, high, worth=worth, alpha=alpha)


def weighed_rate(cells: Sequence[Arm], sizes: Sequence[int]) -> tuple[float, float] | None:
    """(rate, accounts it is worth) of one arm whose odds moved from draw to draw: every draw counts by its size, as if the odds had never moved.
    None where a draw has nobody of this arm."""
    if not cells or any(cell.n == 0 for cell in cells):
        return None
    total = sum(sizes)
    weights = [size / total for size in sizes]
    rate = sum(weight * cell.successes / cell.n for weight, cell in zip(weights, cells, strict=True))
    worth = 1 / sum(weight**2 / cell.n for weight, cell in zip(weights, cells, strict=True))
    return rate, worth


def combined(parts: Sequence[tuple[Between, int]]) -> Between | None:
    """Differences of several draws with the accounts in each, as one: weighted by their size."""
    if not parts:
        return None
    size = sum(count for _, count in parts)
    effect = sum(count / size * part.effect for part, count in parts)
    terms = [(count / size * part.error) ** 2 for part, count in parts]
    freedom = sum(terms) ** 2 / sum(term**2 / part.freedom for term, (part, _) in zip(terms, parts, strict=True))
    return Between(effect, math.sqrt(sum(terms)), freedom)
