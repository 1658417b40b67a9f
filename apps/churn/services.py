"""The face of churn risk: what other apps, tasks, commands and buttons call."""

from .definitions import define, ensure_default, put_to_work, weigh
from .scored import score_all, score_stale
from .stale import mark_all_stale, mark_stale
from .training import train

__all__ = ["define", "ensure_default", "mark_all_stale", "mark_stale", "put_to_work", "score_all", "score_stale", "train", "weigh"]
