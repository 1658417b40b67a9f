"""The face of milestones: what other apps, tasks, commands and buttons call."""

from .claims import achieve, deny, judge_again, pause, resume, take_back, withdraw
from .learning import learn as learn_outcomes
from .learning import relearn as relearn_outcomes
from .offering import offer_next, offer_waiting
from .pacing import judge_pace, learn
from .reaching import evaluate, evaluate_stale
from .recognition.boards import reckon, reckon_all, write_board
from .recognition.choosing import choose_recognition, forget_recognition
from .rewards.badges import give_due as give_badges
from .rewards.budgets import close_months, repace_all
from .rewards.budgets import plan as plan_budget
from .rewards.catalogue import write_badge, write_item, write_tier
from .rewards.celebrating import celebrate
from .rewards.expiring import expire_due
from .rewards.promised import pay_promised, promise
from .rewards.redeeming import approve_redemption, call_off, hand_over, redeem, refuse_redemption
from .rewards.reviewing import approve, refuse, reverse
from .rewards.rules import follow, for_activity, for_milestone, for_streaks, learn_usual
from .rewards.rules import sweep as sweep_rewards
from .rewards.rules import take_back as take_back_rewards
from .rewards.rules import turn as turn_rule
from .rewards.rules import write as write_rule
from .rewards.streaks import count as count_streaks
from .rewards.streaks import count_all as count_all_streaks
from .rewards.streaks import pause as pause_streak
from .rewards.tiers import judge_all as judge_tiers
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
    "approve",
    "approve_redemption",
    "call_off",
    "celebrate",
    "change_rules",
    "choose_recognition",
    "close_months",
    "count_all_streaks",
    "count_streaks",
    "create",
    "deny",
    "ensure_rules",
    "evaluate",
    "evaluate_all",
    "evaluate_stale",
    "expire_due",
    "follow",
    "for_activity",
    "for_milestone",
    "for_streaks",
    "forget_recognition",
    "give_badges",
    "hand_over",
    "judge_again",
    "judge_pace",
    "judge_tiers",
    "learn",
    "learn_outcomes",
    "learn_usual",
    "mark_all_stale",
    "mark_stale",
    "note_risk",
    "offer_next",
    "offer_waiting",
    "pause",
    "pause_streak",
    "pay_promised",
    "plan_budget",
    "promise",
    "read_order",
    "read_order_if_old",
    "reckon",
    "reckon_all",
    "record_stayed",
    "redeem",
    "refuse",
    "refuse_redemption",
    "relearn_outcomes",
    "rename",
    "repace_all",
    "resume",
    "reverse",
    "save_version",
    "settle_outcomes",
    "start_order_trial",
    "sweep_rewards",
    "take_as_written",
    "take_back",
    "take_back_rewards",
    "turn",
    "turn_rule",
    "withdraw",
    "write_badge",
    "write_board",
    "write_item",
    "write_rule",
    "write_tier",
]
