"""The face of milestones: what other apps, tasks, commands and buttons call."""

from .claims import achieve, deny, judge_again, pause, resume, take_back, withdraw
from .pacing import judge_pace, learn
from .reaching import evaluate, evaluate_stale
from .stale import mark_all_stale, mark_stale
from .whole import evaluate_all
from .written import create, rename, save_version, turn

__all__ = [
    "achieve",
    "create",
    "deny",
    "evaluate",
    "evaluate_all",
    "evaluate_stale",
    "judge_again",
    "judge_pace",
    "learn",
    "mark_all_stale",
    "mark_stale",
    "pause",
    "rename",
    "resume",
    "save_version",
    "take_back",
    "turn",
    "withdraw",
]
