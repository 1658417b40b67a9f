"""What a campaign would do if it went out now: how many, whom it leaves out and why, what it costs, when the first and the last leaves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.accounts.models import User
from apps.campaigns import selectors as campaigns
from apps.campaigns.models import Campaign
from apps.interventions.services import sizing

# The rate of success without it, where nothing tells it: said beside what follows from it.
ASSUMED_RATE = 0.1


@dataclass(frozen=True)
class Check:
    """`problems`: what is in the way of launching. Counts are of the whole house; `counted` is False where there is nothing to count yet."""

    problems: Sequence[tuple[str, str]]
    counted: bool = False
    slow: str = ""
    at_once: bool = False
    entering: bool = False
    planned: int = 0
    accounts: int = 0
    held_out: int = 0
    holdout: float = 0
    left: Sequence[tuple[str, int]] = field(default_factory=list)
    channels: Sequence[tuple[str, int]] = field(default_factory=list)
    leaves: str = ""
    cost: str = ""
    pressure: str = ""
    smallest: str = ""


def check(user: User, says: Any, kind: str, *, campaign: Campaign | None, key: str = "", now: datetime) -> Check:
    row = campaign or Campaign(key=key or "new", name="", kind=kind)
    problems = campaigns.campaigns.problems(row, says, now=now)
    return Check(problems)


def smallest(planned: int, held_out: int) -> str:
    """The smallest rise of the goal's rate that so many accounts can show, in words."""
    if not held_out:
        return "Nobody is held out, so no effect can be told."
    found = sizing.mde(ASSUMED_RATE, planned, held_out)
    if found is None:
        return f"{planned:,} against {held_out:,} accounts show no effect of any size."
    rise = f"from {100 * ASSUMED_RATE:.0f} to {100 * (ASSUMED_RATE + found):.0f} %"
    return f"A rise of the goal's rate {rise} or more, 4 times of 5; a smaller one stays “cannot tell yet”."
