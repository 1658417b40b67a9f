from .definitions import Milestone, MilestoneVersion, Need
from .difficulty import AccountAbility, DifficultyChoice, MilestoneDifficulty, WinningRules
from .evidence import Claim, Held, PathMark
from .pacing import Pacing
from .pathways import MilestoneValue, OrderReading, PathChoice
from .progress import Progress, ProgressQuerySet

__all__ = [
    "AccountAbility",
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
    "WinningRules",
]
