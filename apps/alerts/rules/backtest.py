"""What a rule would have done on past days: the same reading, the same judging, the same hysteresis as the watch; nothing is written."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from . import reading
from .definition import ACCOUNT, Definition
from .hysteresis import Turn
from .reading import CHUNK, Subject

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Fired:
    """One alert that it would have raised."""

    day: date
    account_id: Subject
    far: float
    facts: dict[str, Any]
    ended: date | None = None


@dataclass
class Found:
    """Of the days from `first` to `last`: the alerts, how many each day looked at, the days on which one alert stands for many, what held before."""

    first: date
    last: date
    fired: list[Fired] = field(default_factory=list)
    together: dict[date, int] = field(default_factory=dict)
    looked: Counter[date] = field(default_factory=Counter)
    held: int = 0
    accounts: int = 0
    hushed: int = 0
    missing: list[date] = field(default_factory=list)


def run(says: Definition, *, first: date, last: date, score: float | None = None, progress: Progress = lambda done, total: None) -> Found:
    """Try a rule on the days from first to last, as if it had gone live at the beginning of the first."""
    judge = reading.judge(says, score=score)
    found = Found(first, last)
    everybody = reading.subjects(says, since=first)
    found.accounts = len(everybody)
    progress(0, len(everybody))
    begun: list[Fired] = []
    gone: Counter[date] = Counter()
    begin = first - timedelta(days=1)
    days = [first + timedelta(days=one) for one in range((last - first).days + 1)]
    for at in range(0, len(everybody), CHUNK):
        ids = everybody[at : at + CHUNK]
        back = begin - timedelta(days=max(reading.before(judge, begin=True), judge.says.look_back))
        for subject, points in reading.points(says, ids, start=back, end=last).items():
            standing = judge.begin(reading.beginning(judge, points, begin))
            found.held += standing.memory.since is not None
            values = {point.day: point.value for point in points}
            open_at: int | None = None
            for day in days:
                value = values.get(day)
                past = reading.window(judge, points, day) if value is not None else ()
                if value is not None:
                    found.looked[day] += 1
                elif values.get(day - timedelta(days=1)) is not None:
                    gone[day] += 1
                standing, turn, look = judge.advance(standing, day, value, past)
                found.hushed += turn == Turn.HUSHED
                if turn == Turn.BEGAN and look is not None:
                    open_at = len(begun)
                    begun.append(Fired(day, subject, look.far, look.facts))
                elif turn == Turn.ENDED and open_at is not None:
                    begun[open_at] = Fired(begun[open_at].day, subject, begun[open_at].far, begun[open_at].facts, day)
                    open_at = None
        progress(min(at + CHUNK, len(everybody)), len(everybody))
    a_day = Counter(one.day for one in begun)
    found.together = {day: count for day, count in a_day.items() if at_once(says, began=count, looked=found.looked[day])}
    found.fired = sorted((one for one in begun if one.day not in found.together), key=lambda one: (one.day, one.account_id or 0))
    found.missing = sorted(day for day, count in gone.items() if is_missing(says, missing=count, looked=found.looked[day]))
    return found


def at_once(says: Definition, *, began: int, looked: int) -> bool:
    """Whether so many began on one day that one alert stands for all of them."""
    return says.of == ACCOUNT and began >= says.together.least and began > says.together.share * looked


def is_missing(says: Definition, *, missing: int, looked: int) -> bool:
    """Whether a day is missing rather than a few accounts: more than three in ten of those that had the figure the day before have it no more."""
    return missing > says.together.share * (missing + looked)
