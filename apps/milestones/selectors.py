"""What milestones, rewards and recognition say; nothing here writes."""

from .recognition.boards import Page as BoardPage
from .recognition.boards import Place, group_of
from .recognition.boards import page as board_page
from .recognition.choosing import choice_of as recognition_of
from .rewards.amounts import ODDS, odds_in_words
from .rewards.budgets import at as budget_at
from .rewards.budgets import denied_share, pace_of
from .rewards.budgets import left as left_of
from .rewards.ledger import DIFFERENCES as BALANCE_DIFFERENCES
from .rewards.ledger import balance, balances_of
from .rewards.redeeming import affordable
from .rewards.worth import Worth
from .rewards.worth import worth as worth_of_rewards

__all__ = [
    "BALANCE_DIFFERENCES",
    "ODDS",
    "BoardPage",
    "Place",
    "Worth",
    "affordable",
    "balance",
    "balances_of",
    "board_page",
    "budget_at",
    "denied_share",
    "group_of",
    "left_of",
    "odds_in_words",
    "pace_of",
    "recognition_of",
    "worth_of_rewards",
]
