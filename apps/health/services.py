"""The face of health: what other apps, tasks, commands and buttons call."""

from .backtest import backtest_asked
from .scored import score_all, score_day, score_stale
from .stale import mark_all_stale, mark_stale
from .versions import ask_for_backtest, copy, discard, draft, ensure_standard, publish, retire, revise, take_weights

__all__ = [
    "ask_for_backtest",
    "backtest_asked",
    "copy",
    "discard",
    "draft",
    "ensure_standard",
    "mark_all_stale",
    "mark_stale",
    "publish",
    "retire",
    "revise",
    "score_all",
    "score_day",
    "score_stale",
    "take_weights",
]
