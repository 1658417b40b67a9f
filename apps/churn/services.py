"""The face of churn risk: what other apps, tasks, commands and buttons call."""

from . import runs
from .asked import ask_for_scores
from .definitions import challenge, define, ensure_default, put_to_work, roll_back, weigh, withdraw
from .export import scores_as_of
from .looks import look_back
from .runs import ask_for_training
from .scored import score_all, score_stale
from .stale import mark_all_stale, mark_stale, mark_users_of_name_stale
from .training import train

__all__ = [
    "ask_for_scores",
    "ask_for_training",
    "challenge",
    "define",
    "ensure_default",
    "look_back",
    "mark_all_stale",
    "mark_stale",
    "mark_users_of_name_stale",
    "put_to_work",
    "roll_back",
    "runs",
    "score_all",
    "score_stale",
    "scores_as_of",
    "train",
    "weigh",
    "withdraw",
]
