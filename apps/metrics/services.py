"""Keeping figures right: marks, sums, happenings, days."""

from .happenings import HAPPENED, count, fill, recount_activity, tell_moved
from .history import close_day, tell_back, tell_months_back
from .keeping import DIFFERENCES, MARKS, mark_all_stale, mark_stale, mend_sums, refresh, wake
from .reckoning import reckon_house, reckon_sums
from .recounting import recount

__all__ = [
    "DIFFERENCES",
    "HAPPENED",
    "MARKS",
    "close_day",
    "count",
    "fill",
    "mark_all_stale",
    "mark_stale",
    "mend_sums",
    "reckon_house",
    "reckon_sums",
    "recount",
    "recount_activity",
    "refresh",
    "tell_back",
    "tell_months_back",
    "tell_moved",
    "wake",
]
