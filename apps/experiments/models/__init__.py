from .decisions import ArmCount, PolicyDecision
from .experiments import Assignment, Experiment, Exposure, Look, OutcomeRow, Override
from .holdouts import Holdout, HoldoutMember

__all__ = ["ArmCount", "Assignment", "Experiment", "Exposure", "Holdout", "HoldoutMember", "Look", "OutcomeRow", "Override", "PolicyDecision"]
