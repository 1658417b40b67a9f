"""The face of milestones: what other apps, tasks, commands and buttons call."""

from .claims import achieve, deny, judge_again, pause, resume, take_back, withdraw
from .learning import learn as learn_outcomes
from .learning import relearn as relearn_outcomes
from .offering import offer_next, offer_waiting
from .pacing import judge_pace, learn
from .reaching import evaluate, evaluate_stale
from .rules import change as change_rules
from .rules import kept as ensure_rules
from .rules import note_risk, take_as_written
from .settling import settle as settle_outcomes
from .stale import mark_all_stale, mark_stale
from .trial import record_stayed
from .trial import start as start_order_trial
from .valued import read_order, read_order_if_old
from .whole import evaluate_all
from .written import create, rename, save_version, turn

__all__ = [
    "achieve",
    "change_rules",
    "create",
    "deny",
    "ensure_rules",
    "evaluate",
    "evaluate_all",
    "evaluate_stale",
    "judge_again",
    "judge_pace",
    "learn",
    "learn_outcomes",
    "mark_all_stale",
    "mark_stale",
    "note_risk",
    "offer_next",
    "offer_waiting",
    "pause",
    "read_order",
    "read_order_if_old",
    "record_stayed",
    "relearn_outcomes",
    "rename",
    "resume",
    "save_version",
    "settle_outcomes",
    "start_order_trial",
    "take_as_written",
    "take_back",
    "turn",
    "withdraw",
]
