from .definitions import Milestone, MilestoneVersion, Need
from .progress import Progress, ProgressQuerySet

__all__ = ["Milestone", "MilestoneVersion", "Need", "Progress", "ProgressQuerySet"]
