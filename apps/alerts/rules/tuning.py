"""How a rule finds its own threshold from what people say of its alerts. Pure."""

import math
from datetime import datetime, timedelta

LOWEST, HIGHEST = 2.5, 8.0
# A dismissed alert moves it up by 2.8 %, a useful one down by 1.2 %: in balance where seven in ten are useful.
_PACE, _DISMISSED, _USEFUL = 0.04, 0.7, -0.3
# So long without a word it keeps what it learned; then it goes home, half the way every further 30 days.
FORGETS_AFTER = timedelta(days=90)
_HALF_WAY = timedelta(days=30)


def moved(threshold: float, *, useful: bool) -> float:
    """The threshold after one alert was called useful or not."""
    return min(max(threshold * math.exp(_PACE * (_USEFUL if useful else _DISMISSED)), LOWEST), HIGHEST)


def faded(threshold: float, *, home: float, last: datetime | None, now: datetime) -> float:
    """The threshold when nobody has said anything for long: back towards the one that was written."""
    if last is None or now - last <= FORGETS_AFTER:
        return threshold
    left = 0.5 ** ((now - last - FORGETS_AFTER) / _HALF_WAY)
    return home + (threshold - home) * left
