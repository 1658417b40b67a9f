"""Who is treated and who is held out for comparison.

Every play has a draw of its own, by lot in each tier and band of revenue, made when the first account is about to enter and kept for a quarter;
and whoever the draw of everything leaves alone is left alone by every play. A play that was never live has no draw: its shares stand in.
"""

from collections.abc import Collection
from datetime import datetime

from apps.core.actor import Actor
from apps.core.shares import position
from apps.experiments import selectors as experiments
from apps.experiments import services
from apps.experiments.types import GLOBAL_HOLDOUT

from .definition import Definition
from .types import Arm


def holdout_key(play_key: str) -> str:
    return f"play:{play_key}"


def arm_of(play_key: str, says: Definition, account_ids: Collection[int], now: datetime) -> dict[int, Arm]:
    """The arm of each account; the same on every entry while a draw holds."""
    ids, key = list(account_ids), holdout_key(play_key)
    out = experiments.held_out(GLOBAL_HOLDOUT, ids, now)
    if says.holdout_percent and experiments.holdout_at(key, now) is not None:
        out |= experiments.held_out(key, ids, now)
    else:
        out |= {account for account in ids if position(f"holdout:{play_key}", account) * 100 < says.holdout_percent}
    return {account: Arm.HELD_OUT if account in out else Arm.TREATED for account in ids}


class Foresight:
    """Arms in a rehearsal: by the draw that holds, else by the one that would be made when the first account enters."""

    def __init__(self, play_key: str, says: Definition) -> None:
        self.play_key, self.says = play_key, says
        self._draw: experiments.Foreseen | None = None

    def arm_of(self, account_ids: Collection[int], now: datetime) -> dict[int, Arm]:
        key = holdout_key(self.play_key)
        if not self.says.holdout_percent or experiments.holdout_at(key, now) is not None:
            return arm_of(self.play_key, self.says, account_ids, now)
        self._draw = self._draw or experiments.foreseen_holdout(key, self.says.holdout_percent, now=now)
        out = self._draw.held_out(account_ids) | experiments.held_out(GLOBAL_HOLDOUT, list(account_ids), now)
        return {account: Arm.HELD_OUT if account in out else Arm.TREATED for account in account_ids}


def draw(play_key: str, says: Definition, account_ids: Collection[int], *, actor: Actor, now: datetime) -> None:
    """See to it that the play's draw holds with the share it says, and that these accounts have their place in it."""
    key = holdout_key(play_key)
    holdout = experiments.holdout_at(key, now)
    if holdout is not None and float(holdout.share_percent) != says.holdout_percent:
        services.end_holdout(holdout, actor=actor, now=now)
        holdout = None
    if holdout is None and says.holdout_percent:
        holdout = services.draw_holdout(key=key, share_percent=says.holdout_percent, actor=actor, now=now, reason="The play's own comparison.")
    if holdout is not None:
        services.admit(holdout, account_ids=sorted(account_ids), now=now)
