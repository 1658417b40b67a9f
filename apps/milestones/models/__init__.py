from .boards import Board, BoardPlace, RecognitionChoice
from .catalogue import CatalogueItem, Redemption
from .definitions import Milestone, MilestoneVersion, Need
from .difficulty import AccountAbility, DifficultyChoice, MilestoneDifficulty, WinningRules
from .evidence import Claim, Held, PathMark
from .pacing import Pacing
from .pathways import MilestoneValue, OrderReading, PathChoice
from .progress import Progress, ProgressQuerySet
from .rewards import RewardBalance, RewardBudget, RewardClaim, RewardMovement, RewardRule
from .standing import Badge, BadgeAward, Streak, StreakPause, Tier, TierStanding

__all__ = [
    "AccountAbility",
    "Badge",
    "BadgeAward",
    "Board",
    "BoardPlace",
    "CatalogueItem",
    "Claim",
    "DifficultyChoice",
    "Held",
    "Milestone",
    "MilestoneDifficulty",
    "MilestoneValue",
    "MilestoneVersion",
    "Need",
    "OrderReading",
    "Pacing",
    "PathChoice",
    "PathMark",
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
    "WinningRules",
]
