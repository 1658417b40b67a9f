"""When a risk is called low, watch or high."""

from typing import Any

from ..types import RANK, Band

RULE_CUTS = {Band.MEDIUM.value: 0.25, Band.HIGH.value: 0.45}
# A risk leaves a band only when it has fallen this far below the band's lower edge, so that a score on the edge does not flap.
HYSTERESIS = 0.15


def model_cuts(base_rate: float) -> dict[str, float]:
    """Edges for a model's probabilities, from the share of accounts that usually leave within the horizon.

    High is 2.5 times the base rate: with the separation that churn models reach, about one account in ten stands there, which is what a success
    manager can call; at least 5 %, and where leaving is common, half way between the base rate and certainty. Watch is 1.5 times the base rate,
    at most half way to high.
    """
    high = min(max(2.5 * base_rate, 0.05), (1 + base_rate) / 2)
    medium = min(max(1.5 * base_rate, 0.03), (base_rate + high) / 2)
    return {Band.MEDIUM.value: medium, Band.HIGH.value: high}


def band(probability: float, cuts: dict[str, Any], previous: Band | None = None) -> Band:
    """The band of a probability; a band once reached is kept until the probability is clearly (HYSTERESIS) below its edge."""
    for candidate in (Band.HIGH, Band.MEDIUM):
        edge = float(cuts[candidate.value])
        if previous is not None and RANK[previous] >= RANK[candidate]:
            edge *= 1 - HYSTERESIS
        if probability >= edge:
            return candidate
    return Band.LOW
