"""The face of milestones: what other apps, tasks, commands and buttons call."""

from .recognition.boards import reckon, reckon_all, write_board
from .recognition.choosing import choose_recognition
from .rewards.badges import give_due as give_badges
from .rewards.budgets import close_months, repace_all
from .rewards.budgets import plan as plan_budget
from .rewards.catalogue import write_badge, write_item, write_tier
from .rewards.celebrating import celebrate
from .rewards.expiring import expire_due
from .rewards.redeeming import approve_redemption, call_off, hand_over, redeem, refuse_redemption
from .rewards.reviewing import approve, refuse, reverse
from .rewards.rules import follow, for_activity, for_milestone, for_streaks, learn_usual, take_back
from .rewards.rules import sweep as sweep_rewards
from .rewards.rules import turn as turn_rule
from .rewards.rules import write as write_rule
from .rewards.streaks import count as count_streaks
from .rewards.streaks import count_all as count_all_streaks
from .rewards.streaks import pause as pause_streak
from .rewards.tiers import judge_all as judge_tiers

__all__ = [
    "approve",
    "approve_redemption",
    "call_off",
    "celebrate",
    "choose_recognition",
    "close_months",
    "count_all_streaks",
    "count_streaks",
    "expire_due",
    "follow",
    "for_activity",
    "for_milestone",
    "for_streaks",
    "give_badges",
    "hand_over",
    "judge_tiers",
    "learn_usual",
    "pause_streak",
    "plan_budget",
    "reckon",
    "reckon_all",
    "redeem",
    "refuse",
    "refuse_redemption",
    "repace_all",
    "reverse",
    "sweep_rewards",
    "take_back",
    "turn_rule",
    "write_badge",
    "write_board",
    "write_item",
    "write_rule",
    "write_tier",
]
