from .boards import Board, BoardPlace, RecognitionChoice
from .catalogue import CatalogueItem, Redemption
from .definitions import Milestone, MilestoneVersion, Need
from .progress import Progress, ProgressQuerySet
from .rewards import RewardBalance, RewardBudget, RewardClaim, RewardMovement, RewardRule
from .standing import Badge, BadgeAward, Streak, StreakPause, Tier, TierStanding

__all__ = [
    "Badge",
    "BadgeAward",
    "Board",
    "BoardPlace",
    "CatalogueItem",
    "Milestone",
    "MilestoneVersion",
    "Need",
    "Progress",
    "ProgressQuerySet",
    "RecognitionChoice",
    "Redemption",
    "RewardBalance",
    "RewardBudget",
    "RewardClaim",
    "RewardMovement",
    "RewardRule",
    "Streak",
    "StreakPause",
    "Tier",
    "TierStanding",
]
