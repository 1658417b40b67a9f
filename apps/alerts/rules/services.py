"""Rules for the outside: written, turned, tried and read; what watches them is in watching.py and early.py, started by the jobs."""

from . import figures, house
from .definition import Flaws, plain, read
from .reading import known
from .shipped import ensure
from .telling import figure_words, in_words
from .trials import ask as try_out
from .trials import stop as stop_trial
from .useful import WORDS as USEFUL_WORDS
from .writing import checked, create, describe, open_alerts, remove_draft, save_version, turn

__all__ = [
    "USEFUL_WORDS",
    "Flaws",
    "checked",
    "create",
    "describe",
    "ensure",
    "figure_words",
    "figures",
    "house",
    "in_words",
    "known",
    "open_alerts",
    "plain",
    "read",
    "remove_draft",
    "save_version",
    "stop_trial",
    "try_out",
    "turn",
]
