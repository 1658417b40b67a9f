"""The face of experiments: what other apps, tasks, commands and buttons call."""

from .assigning import assign, expose, override, record_outcomes
from .choosing import Settings, choose, choose_many, correct, settle, settle_due
from .drawing import admit, admit_new, draw_holdout, end_holdout, renew_holdouts
from .lifecycle import create, revise, start, stop
from .looking import take_look, take_looks

__all__ = [
    "Settings",
    "admit",
    "admit_new",
    "assign",
    "choose",
    "choose_many",
    "correct",
    "create",
    "draw_holdout",
    "end_holdout",
    "expose",
    "override",
    "record_outcomes",
    "renew_holdouts",
    "revise",
    "settle",
    "settle_due",
    "start",
    "stop",
    "take_look",
    "take_looks",
]
