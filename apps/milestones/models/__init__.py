from .definitions import Milestone, MilestoneVersion, Need
from .difficulty import AccountAbility, DifficultyChoice, MilestoneDifficulty, WinningRules
from .pathways import MilestoneValue, OrderReading, PathChoice
from .progress import Progress, ProgressQuerySet

__all__ = [
    "AccountAbility",
    "DifficultyChoice",
    "Milestone",
    "MilestoneDifficulty",
    "MilestoneValue",
    "MilestoneVersion",
    "Need",
    "OrderReading",
    "PathChoice",
    "Progress",
    "ProgressQuerySet",
    "WinningRules",
]
