"""What coaching changed, for people: the verdict first, then the picture, the weeks after, and the strategies side by side."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import Count, F, Q

from apps.accounts.models import User
from apps.coaching.models import GoalReading, Recommendation, Strategy
from apps.coaching.selectors import cohort, decay, effect_data, verdict
from apps.coaching.types import STRATEGY_POLICY, RecommendationState
from apps.experiments.models import ArmCount

from .sessions import Reached

PERIODS = (180, 365, 90)
# The widest change that is drawn, in per cent, to either side of none.
_WIDEST = 60.0
_DOUBT = {
    verdict.Standing.WAITING: "calm",
    verdict.Standing.NO_DIFFERENCE: "calm",
    verdict.Standing.DOUBTFUL: "warn",
    verdict.Standing.DIRECTIONAL: "info",
}


@dataclass(frozen=True)
class Bar:
    """An estimate drawn from left to right: places in per cent of the width, 50 is none."""

    name: str
    low: float
    high: float
    middle: float
    tone: str
    words: str
    counts: str


@dataclass(frozen=True)
class Shown:
    """One question and its answer."""

    verdict: verdict.Verdict
    tone: str
    bars: list[Bar]
    weeks: list[Bar]
    fades: str


@dataclass(frozen=True)
class Way:
    """A strategy: its goals, what its sessions changed against alike accounts, what its tips changed by lot, what the choice now expects of it."""

    name: str
    words: str
    goals: Reached
    compared: Bar | None
    by_lot: Bar | None
    expected: str


def page(user: User, *, days: int, now: datetime) -> dict[str, Any]:
    since = now - timedelta(days=days)
    lots, talks = effect_data.by_lot(user, since=since, now=now), effect_data.of_sessions(user, since=since, now=now)
    return {
        "lot": _shown(lots, verdict.by_lot(lots.cohort), by_lot=True),
        "talk": _shown(talks, verdict.by_comparison(talks.cohort), by_lot=False),
        "answers": _answers(user, since=since),
        "kept": _kept(user, since=since),
        "ways": _ways(user, lots, talks, since=since),
        "fewest": cohort.FEWEST,
    }


def _shown(units: effect_data.Units, found: verdict.Verdict, *, by_lot: bool) -> Shown:
    tone = _DOUBT.get(found.standing) or ("good" if found.main is not None and found.main.value > 0 else "bad")
    told = [
        ("Shown against held back", found.randomised, "by lot"),
        ("Matched, change against change", found.matched, "directional"),
        ("Weighted (AIPW)", found.aipw, "directional"),
        ("Period before (must be none)", found.placebo, "placebo"),
        ("Before and after alone", found.naive, "misleads"),
    ]
    waits = found.standing == verdict.Standing.WAITING
    # A figure that rests on too few is not drawn: the sentence says how many it takes. Before and after is never drawn alone.
    bars = [] if waits else [bar(name, one, tone if place < 3 else "calm", note) for place, (name, one, note) in enumerate(told) if one is not None]
    weeks = [] if waits else decay.weeks(units.cohort, units.after, by_lot=by_lot)
    return Shown(found, tone, bars, [bar(f"Week {week.number}", week.estimate, tone, "") for week in weeks], decay.in_words(weeks))


def bar(name: str, one: cohort.Estimate, tone: str, note: str) -> Bar:
    middle, low, high = one.percent
    counts = f"{one.treated:,} against {one.others:,}" if one.others else f"{one.treated:,}"
    words = f"{middle:+.0f} % ({verdict.interval(one)})".replace("-", "−")
    return Bar(name, _place(low), _place(high), _place(middle), tone, words, f"{counts}{', ' if note else ''}{note}")


def _place(percent: float) -> float:
    return 50 + 50 * min(max(percent, -_WIDEST), _WIDEST) / _WIDEST


def _answers(user: User, *, since: datetime) -> dict[str, Any]:
    """What was said to the tips that were shown."""
    rows = Recommendation.objects.for_user(user).filter(at__gte=since, held_back=False).order_by().values_list("state").annotate(n=Count("pk"))
    found = dict(rows)
    taken = sum(found.get(state, 0) for state in (RecommendationState.ACCEPTED, RecommendationState.DONE))
    shown = sum(found.values())
    return {
        "shown": shown,
        "taken": Reached("accepted or done", shown, taken),
        "states": [(RecommendationState(key).label, n) for key, n in sorted(found.items())],
    }


def _kept(user: User, *, since: datetime) -> list[Reached]:
    """Goals of sessions that were reached when they were read, by day."""
    read = GoalReading.objects.for_user(user).filter(read_at__gte=since).order_by()
    rows = read.values_list("days").annotate(n=Count("pk"), reached=Count("pk", filter=Q(reached=True)))
    return [Reached(f"after {days} days", n, reached) for days, n, reached in sorted(rows)]


def _ways(user: User, lots: effect_data.Units, talks: effect_data.Units, *, since: datetime) -> list[Way]:
    read = GoalReading.objects.for_user(user).filter(read_at__gte=since, days=F("goal__within_days")).order_by()
    rows = read.values_list("goal__session__strategy__key").annotate(n=Count("pk"), reached=Count("pk", filter=Q(reached=True)))
    counted = {key: (n, reached) for key, n, reached in rows}
    learned: dict[str, tuple[float, float]] = {}
    for arm, won, lost in ArmCount.objects.filter(policy=STRATEGY_POLICY).values_list("arm", "successes", "failures"):
        before = learned.get(arm, (0.0, 0.0))
        learned[arm] = (before[0] + won, before[1] + lost)
    found = []
    for way in Strategy.objects.order_by("position", "id"):
        n, reached = counted.get(way.key, (0, 0))
        won, lost = learned.get(way.key, (0.0, 0.0))
        told = f"{won:.0f} of {won + lost:.0f} choices reached their goal" if won + lost >= 1 else "nothing learned yet"
        # Side by side only where each stands on enough of its own: a strategy of six sessions would win or lose by chance.
        compared = _of_way(talks, way.key, verdict.by_comparison(_part(talks, way.key).cohort))
        by_lot = _of_way(lots, way.key, verdict.by_lot(_same(lots, way.key).cohort))
        found.append(Way(way.name, way.words, Reached(way.name, n, reached), compared, by_lot, told))
    return found


def _of_way(units: effect_data.Units, key: str, found: verdict.Verdict) -> Bar | None:
    if found.main is None or found.standing in (verdict.Standing.WAITING, verdict.Standing.DOUBTFUL):
        return None
    return bar(found.word, found.main, "info" if found.main.sure else "calm", "")


def _part(units: effect_data.Units, key: str) -> effect_data.Units:
    """The coached of this strategy, and everybody who was not coached."""
    return units.only(_mask(not unit.treated or unit.way == key for unit in units.units))


def _same(units: effect_data.Units, key: str) -> effect_data.Units:
    """Shown and held back of this strategy."""
    return units.only(_mask(unit.way == key for unit in units.units))


def _mask(chosen: Iterable[bool]) -> np.ndarray:
    return np.array(list(chosen), dtype=bool)
