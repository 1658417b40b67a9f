"""Reading milestones: the catalogue, how long cohorts take, where words differ. Never writes."""

from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from .catalogue import catalogue
from .durations import Durations, durations
from .foreseen import Foreseen, flaws_of, foresee, readable
from .models import Claim, Progress
from .paths import Path, Step, own_path
from .recognition.boards import Page as BoardPage
from .recognition.boards import Place, group_of
from .recognition.boards import page as board_page
from .recognition.choosing import choice_of as recognition_of
from .recognition.pseudonyms import pseudonym
from .rewards.amounts import ODDS, odds_in_words
from .rewards.budgets import at as budget_at
from .rewards.budgets import denied_share, pace_of
from .rewards.budgets import left as left_of
from .rewards.ledger import DIFFERENCES as BALANCE_DIFFERENCES
from .rewards.ledger import balance, balances_of
from .rewards.redeeming import affordable
from .rewards.worth import Worth
from .rewards.worth import worth as worth_of_rewards
from .rules import current as winning_rules
from .tokens import contact_of as contact_of_path
from .tokens import path_token
from .told import NextStep, PathView, VariantRead, WhyVariant, path_of, target_words, variants_of, why_variant
from .trial import Proof, proof
from .types import ProgressState

__all__ = [
    "BALANCE_DIFFERENCES",
    "ODDS",
    "BoardPage",
    "Durations",
    "Foreseen",
    "NextStep",
    "Path",
    "PathView",
    "Place",
    "Proof",
    "Step",
    "VariantRead",
    "WhyVariant",
    "Worth",
    "affordable",
    "balance",
    "balances_of",
    "board_page",
    "budget_at",
    "catalogue",
    "conflicts",
    "contact_of_path",
    "denied_share",
    "durations",
    "flaws_of",
    "foresee",
    "group_of",
    "left_of",
    "odds_in_words",
    "own_path",
    "pace_of",
    "path_of",
    "path_token",
    "proof",
    "readable",
    "pseudonym",
    "recognition_of",
    "target_words",
    "variants_of",
    "why_variant",
    "winning_rules",
    "worth_of_rewards",
]

# Clocks of two systems may be a day apart.
_SAME = timedelta(days=1)


def conflicts() -> QuerySet[Progress]:
    """Progress of which somebody says something else than what counts: that it was not reached, or more than a day apart. Newest first."""
    mine = Claim.objects.standing().filter(account=OuterRef("account"), milestone=OuterRef("milestone"))
    denied = Q(Exists(mine.filter(denies=True)))
    apart = Q(Exists(mine.filter(denies=False).filter(Q(at__gt=OuterRef("achieved_at") + _SAME) | Q(at__lt=OuterRef("achieved_at") - _SAME))))
    found_apart = Q(found_at__gt=F("achieved_at") + _SAME)
    return Progress.objects.filter(denied | apart | found_apart, state=ProgressState.ACHIEVED).order_by("-noticed_at", "-id")
