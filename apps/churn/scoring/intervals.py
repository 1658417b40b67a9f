"""How far the true probability may lie from a score: the 80 % interval.

`interval` = {"at": [log-odds], "below": [...], "above": [...]}: how far its ends stand from the score, in log-odds, at some scores; evenly between.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from . import encoding


def bounds(interval: Mapping[str, Sequence[float]], log_odds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(low, high) probability per row."""
    below, above = (np.interp(log_odds, interval["at"], interval[side]) for side in ("below", "above"))
    return encoding.squash(log_odds - below), encoding.squash(log_odds + above)
