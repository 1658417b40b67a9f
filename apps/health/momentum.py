"""Where a health is going: a robust slope over 28 days of history. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

DAYS = 28
ENOUGH_DAYS = 14
_DAY = timedelta(days=1)


def samples(history: Sequence[tuple[datetime, int]], *, until: datetime) -> list[tuple[int, int]]:
    """(day, score in hundredths) for the last 28 days: what was told at that hour of each day. `history` is oldest first."""
    moments = [at for at, _ in history]
    found = []
    for back in range(DAYS - 1, -1, -1):
        place = bisect_right(moments, until - back * _DAY)
        if place:
            found.append((-back, history[place - 1][1]))
    return found


def slope(points: Sequence[tuple[int, int]]) -> Decimal | None:
    """Points per 28 days: the median of the slopes between all pairs (Theil 1950, Sen 1968), so that one odd week moves it little; none with less
    than 14 days to go by."""
    if len(points) < ENOUGH_DAYS:
        return None
    days, scores = (np.array(column, dtype=np.int64) for column in zip(*points, strict=True))
    first, second = np.triu_indices(len(points), 1)
    middle = float(np.median((scores[second] - scores[first]) / (days[second] - days[first])))
    return Decimal(f"{middle * DAYS / 100:.1f}") + 0
