"""What a dry run found, as its page shows it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from apps.accounts.models import Account, User
from apps.interventions import services as interventions
from apps.interventions.models import Play, Rehearsal
from apps.interventions.types import Arm, ExitReason, NotEntered, RehearsalState
from apps.messaging.types import Channel

from ..sayings import hands

MOST_ENTRIES = 50
_KINDS = (("message", "Messages"), ("task", "Tasks"), ("entry", "Entries"))
# An effect that plays can be hoped to have, to say how long one of that size takes to be seen.
HOPED = 10


@dataclass(frozen=True)
class Entry:
    account: Account
    at: datetime
    arm: str
    steps: list[Any]
    exit: str
    goal: datetime | None


@dataclass(frozen=True)
class Bar:
    """One day's count in one row of bars, as a share of the tallest."""

    day: date
    count: int
    height: float


@dataclass(frozen=True)
class Told:
    """The result of a run. `entries` are those of the reader's own book, `elsewhere` counts the others."""

    entered: int
    held_out: int
    entries: list[Entry]
    elsewhere: int
    bars: list[tuple[str, int, list[Bar]]]
    channels: list[tuple[str, int]]
    withheld: list[tuple[str, int]]
    passed: list[tuple[str, int]]
    found: Any
    judged: int
    met: int
    size: Any
    months: float | None
    why_nobody: str = ""


@dataclass(frozen=True)
class Shown:
    """The newest run with who asked for it, and what it found where it is done."""

    row: Rehearsal
    asker: str
    told: Told | None = None
    is_present: bool = True

    @property
    def percent(self) -> int | None:
        return round(100 * self.row.done / self.row.total) if self.row.total else None


def latest(user: User, play: Play) -> Shown | None:
    row = Rehearsal.objects.filter(play=play).order_by("-pk").first()
    if row is None:
        return None
    asker = hands([row.asked_by])[row.asked_by]
    present = play.current is not None and play.current.definition == row.definition
    return Shown(row, asker, _told(user, row) if row.state == RehearsalState.DONE else None, present)


def _told(user: User, row: Rehearsal) -> Told:
    found = row.found
    assert found is not None
    says = interventions.definition.read(row.definition)
    names = {account.pk: account for account in Account.objects.for_user(user).filter(pk__in={one.account_id for one in found.entries})}
    steps: dict[tuple[int, datetime], list[Any]] = {}
    for line in found.lines:
        steps.setdefault((line.account_id, line.entered_at), []).append(line)
    entries = [
        Entry(names[one.account_id], one.at, one.arm, steps.get((one.account_id, one.at), []), _exit(one.exit_reason), one.goal_met_at)
        for one in sorted(found.entries, key=lambda one: one.at, reverse=True)
        if one.account_id in names
    ]
    over = [one for one in found.entries if one.at + timedelta(days=says.goal.window_days) <= row.until]
    met = sum(one.goal_met_at is not None for one in over)
    days = max((row.until - row.since).days, 1)
    size = months = None
    if over and says.holdout_percent:
        base, holdout, per_month = met / len(over), says.holdout_percent / 100, 30 * len(found.entries) / days
        size = interventions.sizing.sized(base, per_month=per_month, holdout=holdout)
        months = interventions.sizing.months_until(base, HOPED / 100, per_month=per_month, holdout=holdout)
    return Told(
        entered=len(found.entries),
        held_out=sum(one.arm == Arm.HELD_OUT for one in found.entries),
        entries=entries[:MOST_ENTRIES],
        elsewhere=len(found.entries) - len(entries),
        bars=_bars(found, row),
        channels=[(str(Channel(name).label) if name in Channel.values else name, count) for name, count in _most(found.messages)],
        withheld=_most(found.withheld),
        passed=[(str(NotEntered(name).label) if name in NotEntered.values else name, count) for name, count in _most(found.passed_over)],
        found=found,
        judged=len(over),
        met=met,
        size=size,
        months=months,
        why_nobody="" if found.entries else _why_nobody(says, found),
    )


def _most(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _exit(reason: str) -> str:
    return str(ExitReason(reason).label) if reason in ExitReason.values else reason


def _why_nobody(says: Any, found: Any) -> str:
    if found.passed_over:
        return "every account that the trigger named was passed over; the reasons are counted below."
    starts = interventions.sentences.trigger_in_words(says.trigger)
    if isinstance(says.trigger, interventions.definition.ByHand | interventions.definition.ByApi):
        return f"it starts {starts}, so no day lets anybody in by itself."
    return f"nothing named an account in these days. It starts {starts}."


def _bars(found: Any, row: Rehearsal) -> list[tuple[str, int, list[Bar]]]:
    """Per kind its sum and a bar for each day."""
    days = [row.since.date() + timedelta(days=number) for number in range((row.until.date() - row.since.date()).days + 1)]
    counts: dict[str, Counter[date]] = {name: Counter() for name, _ in _KINDS}
    for one in found.entries:
        counts["entry"][one.at.date()] += 1
    for line in found.lines:
        if line.kind in counts:
            counts[line.kind][line.at.date()] += 1
    made = []
    for name, label in reversed(_KINDS):
        tallest = max(counts[name].values(), default=0)
        bars = [Bar(day, counts[name][day], 100 * counts[name][day] / tallest if tallest else 0) for day in days]
        made.append((label, sum(counts[name].values()), bars))
    return made


@dataclass(frozen=True)
class Tested:
    outcomes: list[Any] = field(default_factory=list)

    @property
    def failing(self) -> int:
        return sum(not one.passed for one in self.outcomes)


def tested(play: Play) -> Tested:
    """The tests of the present version, run now: they need no data."""
    if play.current is None:
        return Tested()
    return Tested(interventions.play_tests.run(play.says, play.current.tests))
