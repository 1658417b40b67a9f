"""Who is treated and who is held out for comparison."""

from collections.abc import Collection
from datetime import datetime

from apps.core.shares import position

from .definition import Definition
from .types import Arm


def arm_of(play_key: str, says: Definition, account_ids: Collection[int], now: datetime) -> dict[int, Arm]:
    """The arm of each account: the same on every entry, by its place in the play's shares."""
    return {key: Arm.HELD_OUT if position(f"holdout:{play_key}", key) * 100 < says.holdout_percent else Arm.TREATED for key in account_ids}
