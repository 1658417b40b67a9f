"""What results do by themselves: keep each day's read-out, note goals, move shares."""

from .freezing import freeze_readouts, judge_goals
from .moving import move_all, move_shares

__all__ = ["freeze_readouts", "judge_goals", "move_all", "move_shares"]
