"""When a matter begins and when it is over: the memory of one rule about one subject. Pure, one step a day."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

# What is over a threshold is not over before it has come back below this share of it.
RELEASE = 0.6


class Turn(StrEnum):
    """What a day brought: nothing new, the matter began, it ended, or it began too soon after the last time."""

    NONE = ""
    BEGAN = "began"
    ENDED = "ended"
    HUSHED = "hushed"


@dataclass(frozen=True, slots=True)
class Memory:
    """As of the end of `day`: since when it fires, how many days in a row it was over (`wait`) or calm (`calm`), when it last began."""

    day: date | None = None
    since: date | None = None
    wait: int = 0
    calm: int = 0
    began_on: date | None = None


def step(memory: Memory, day: date, *, over: bool, calm: bool, opens_after: int, calm_days: int, cooldown_days: int) -> tuple[Memory, Turn]:
    """One more day. A day on which nothing is known is not given here at all: it neither opens nor calms."""
    if memory.since is not None:
        count = memory.calm + 1 if calm else 0
        if count >= calm_days:
            return replace(memory, day=day, since=None, calm=0, wait=0), Turn.ENDED
        return replace(memory, day=day, calm=count), Turn.NONE
    wait = memory.wait + 1 if over else 0
    if wait < opens_after:
        return replace(memory, day=day, wait=wait), Turn.NONE
    if memory.began_on is not None and (day - memory.began_on).days < cooldown_days:
        # Nobody is told twice within the pause; where it lasts longer than that, they are.
        return replace(memory, day=day, wait=wait), Turn.HUSHED
    return replace(memory, day=day, since=day, wait=0, calm=0, began_on=day), Turn.BEGAN
