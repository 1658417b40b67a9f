"""More than one variant: the chance of at least one false alarm is kept."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values, in the order given (Holm 1979)."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    found, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        found[index] = highest
    return found


def levels(count: int, alpha: float) -> list[float]:
    """Holm's steps: what the strongest, the second strongest ... of `count` comparisons must be below."""
    return [alpha / (count - rank) for rank in range(count)]
