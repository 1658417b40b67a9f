"""Sample ratio mismatch: do the arms have the sizes they should? If not, something is broken and no figure of the experiment means anything."""

import math
from collections.abc import Sequence

from scipy import stats
from scipy.special import gammaln

# How sure the alternative is of the planned shares, in units: how far it looks for a skew.
CONCENTRATION = 100
WHILE_RUNNING, AT_THE_END = 0.01, 0.001
# Read once at the end, this is said beside the figures: 1 honest experiment of 100 meets it, so it alone takes no figure away.
SUSPECT = 0.01


def sequential_p(counts: Sequence[int], shares: Sequence[float], concentration: float = CONCENTRATION) -> float:
    """May be read after every unit: below p in at most p of all honest experiments (Lindon and Malek 2020, Dirichlet-multinomial)."""
    total = sum(counts)
    evidence = gammaln(concentration) - gammaln(concentration + total)
    for count, share in zip(counts, shares, strict=True):
        evidence += gammaln(concentration * share + count) - gammaln(concentration * share) - count * math.log(share)
    return min(1.0, math.exp(-min(float(evidence), 700.0)))


def final_p(counts: Sequence[int], shares: Sequence[float]) -> float:
    """Chi-squared, for one reading at the end."""
    total = sum(counts)
    if not total:
        return 1.0
    distance = sum((count - share * total) ** 2 / (share * total) for count, share in zip(counts, shares, strict=True))
    return float(stats.chi2.sf(distance, len(counts) - 1))
