from .definitions import Milestone, MilestoneVersion, Need
from .evidence import Claim, Held, PathMark
from .pacing import Pacing
from .progress import Progress, ProgressQuerySet

__all__ = ["Claim", "Held", "Milestone", "MilestoneVersion", "Need", "Pacing", "PathMark", "Progress", "ProgressQuerySet"]
