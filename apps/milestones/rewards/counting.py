"""Counting a streak: pure, over dates. A rest (weekend, holiday, pause) neither counts nor breaks; one miss in a while is forgiven."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ..types import Step

# One missed working day in a calendar week, one missed week in four: grace, not a penalty.
_GRACE_SPAN = {Step.DAY: 7, Step.WEEK: 28}
_LONGEST = {Step.DAY: 366, Step.WEEK: 53 * 7}
# A week counts when the team was there on at least so many days.
DAYS_OF_A_WEEK = 2


@dataclass(frozen=True)
class Run:
    """How many steps in a row, how often grace was needed, and the first day of the last step that counts."""

    length: int
    forgiven: int
    through: date | None


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def run(active: Collection[date], *, today: date, step: str = Step.WEEK, rests: Collection[date] = ()) -> Run:
    """The streak as of `today`, looking back. The step that is still going on counts when it is full already and never breaks anything."""
    days = set(active)
    length = forgiven = bridged = 0
    through: date | None = None
    forgiven_at: date | None = None
    for first, full, resting in _steps(days, today, step, set(rests)):
        if full:
            length += 1
            through = through or first
            # A miss is forgiven only where the streak goes on before it.
            forgiven = bridged
        elif resting or _contains(first, today, step):
            continue
        elif forgiven_at is None or (forgiven_at - first).days >= _GRACE_SPAN[Step(step)]:
            forgiven_at, bridged = first, bridged + 1
        else:
            break
    return Run(length, forgiven, through)


def _steps(days: set[date], today: date, step: str, rests: set[date]) -> Iterator[tuple[date, bool, bool]]:
    """(first day, full, resting) from the present step backwards."""
    oldest = today - timedelta(days=_LONGEST[Step(step)])
    if step == Step.DAY:
        for back in range(_LONGEST[Step.DAY]):
            day = today - timedelta(days=back)
            # Who works on a Saturday gains nothing and who rests loses nothing.
            if day.weekday() < 5:
                yield day, day in days, day in rests
    else:
        first = monday(today)
        while first >= oldest:
            week = [first + timedelta(days=number) for number in range(7)]
            workdays = [day for day in week[:5] if day not in rests]
            # A week with fewer working days left than it takes rests as a whole.
            yield first, sum(day in days for day in week) >= DAYS_OF_A_WEEK, len(workdays) < DAYS_OF_A_WEEK
            first -= timedelta(days=7)


def _contains(first: date, today: date, step: str) -> bool:
    return first == today if step == Step.DAY else first == monday(today)
