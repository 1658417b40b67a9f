"""What a version of the model would have said on the own history."""

from datetime import datetime

from apps.core.actor import Actor


def backtest_asked(*, now: datetime, actor: Actor) -> int:
    return 0
