"""What a rule says of one subject on one day, by the figure of that day and what it knew before. Pure; the watch and the back-test both call it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from . import detectors
from .definition import Absence, BandChange, Baseline, Definition, Forecast, Probability, Threshold
from .detectors import Pattern
from .hysteresis import RELEASE, Memory, Turn, step

Past = Sequence[tuple[date, float]]
# A pattern that nobody has kept is learned from so many days.
WARM_UP = 84
_PROBABILITY_RELEASE = 0.75


@dataclass(frozen=True, slots=True)
class Look:
    """One day by one rule. `far` is 1 at the threshold and grows beyond it; `facts` are the figures that an alert keeps."""

    over: bool
    calm: bool
    far: float
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a rule remembers of a subject; `pattern` only where it learns day by day."""

    memory: Memory = Memory()
    pattern: Pattern | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """A rule at work: its definition, the score it has tuned itself to, and what its figure is like."""

    says: Definition
    score: float | None = None
    counts: bool = False
    bands: tuple[str, ...] = ()

    @property
    def learns(self) -> bool:
        return isinstance(self.says, Baseline) and self.says.by == "level"

    def begin(self, past: Past) -> Standing:
        """What would be remembered had it always looked: what is usual, and whether the matter holds already, which then is no news."""
        pattern = self.warmed(past[:-1])
        if not past:
            return Standing(Memory(), pattern)
        day, value = past[-1]
        look = self.look(day, value, past[:-1], pattern)
        held = look is not None and (look.over or (isinstance(self.says, BandChange) and not look.calm))
        memory = Memory(day=day, since=day) if held and not self.says.is_quiet(day) else Memory(day=day)
        return Standing(memory, pattern.learned(day, value) if pattern is not None else None)

    def warmed(self, past: Past) -> Pattern | None:
        if not self.learns:
            return None
        pattern = Pattern(counts=self.counts)
        for day, value in past:
            if not self.says.is_quiet(day):
                pattern = pattern.learned(day, value)
        return pattern

    def advance(self, standing: Standing, day: date, value: float | None, past: Past) -> tuple[Standing, Turn, Look | None]:
        """One more day. `past` are the known values before it, as far back as the rule reads. A day without a value changes nothing."""
        if value is None or self.says.is_quiet(day):
            return standing, Turn.NONE, None
        pattern = standing.pattern
        look = self.look(day, value, past, pattern)
        if pattern is not None:
            standing = replace(standing, pattern=pattern.learned(day, value))
        if look is None:
            return standing, Turn.NONE, None
        memory, turn = step(
            standing.memory,
            day,
            over=look.over,
            calm=look.calm,
            opens_after=self.says.opens_after,
            calm_days=self.says.calm_days,
            cooldown_days=self.says.cooldown_days,
        )
        return Standing(memory, standing.pattern), turn, look

    def look(self, day: date, value: float, past: Past, pattern: Pattern | None) -> Look | None:
        """None: too little is known to say anything."""
        match self.says:
            case Threshold():
                return _threshold(self.says, day, value, past)
            case Baseline():
                return self._baseline(self.says, day, value, past, pattern)
            case Absence():
                facts = {"value": value, "limit": self.says.days}
                return Look(value >= self.says.days, value < self.says.days, value / self.says.days, facts)
            case BandChange():
                return self._band(self.says, value, past)
            case Forecast():
                return _forecast(self.says, day, value, past)
            case Probability():
                release = _PROBABILITY_RELEASE * self.says.probability if self.says.release is None else self.says.release
                limit = self.says.probability
                return Look(value >= limit, value < release, value / limit, {"value": value, "limit": limit})

    def _baseline(self, says: Baseline, day: date, value: float, past: Past, pattern: Pattern | None) -> Look | None:
        if says.by == "weekday":
            usual = detectors.same_weekday(past, day, counts=self.counts)
            if usual is None:
                return None
            expected, score = usual.value, usual.score(value)
        else:
            if pattern is None or not pattern.known:
                return None
            expected, score = pattern.usual(day), pattern.score(day, value)
        threshold = self.score or says.score
        toward = -score if says.way == "below" else score if says.way == "above" else abs(score)
        moved = (value - expected) / expected if expected > 0 else 0.0
        enough = abs(moved) >= says.change if expected > 0 else says.change == 0
        facts = {
            "value": value,
            "usual": round(expected, 2),
            "score": round(score, 2),
            "limit": round(threshold, 2),
            "change": round(moved, 3),
        }
        over = toward >= threshold and enough and expected >= says.least
        return Look(over, toward < RELEASE * threshold, max(toward, 0.0) / threshold, facts)

    def _band(self, says: BandChange, value: float, past: Past) -> Look | None:
        band = self.bands[int(value)]
        inside = band in says.into
        before = self.bands[int(past[-1][1])] if past else None
        came = inside and before is not None and before not in says.into
        return Look(came, not inside, 1.0, {"value": band, "before": before or ""})


def _threshold(says: Threshold, day: date, value: float, past: Past) -> Look | None:
    facts: dict[str, Any] = {"value": value, "limit": says.limit}
    seen = value
    if says.over_days:
        then = dict(past).get(day - timedelta(days=says.over_days))
        if then is None or (says.as_share and then == 0):
            return None
        seen = (value - then) / abs(then) if says.as_share else value - then
        facts |= {"before": then, "moved": round(seen, 4), "from": (day - timedelta(days=says.over_days)).isoformat()}
    release = says.limit if says.release is None else says.release
    over = seen >= says.limit if says.way == "above" else seen <= says.limit
    calm = not over and (seen < release or release == says.limit if says.way == "above" else seen > release or release == says.limit)
    return Look(over, calm, _far(seen, says.limit, says.way), facts)


def _far(seen: float, limit: float, way: str) -> float:
    """1 at the limit, 2 as far again beyond it as the limit is from nought."""
    beyond = seen - limit if way == "above" else limit - seen
    return max(1 + beyond / max(abs(limit), 1.0), 0.0)


def _forecast(says: Forecast, day: date, value: float, past: Past) -> Look | None:
    beyond = value >= says.limit if says.way == "above" else value <= says.limit
    if beyond:
        # It is there: that is another rule's matter, and this one is over.
        return Look(False, True, 0.0, {"value": value, "limit": says.limit})
    course = detectors.course([*((one, past_value) for one, past_value in past if one < day), (day, value)])
    if course is None:
        return None
    crossing = course.crossing(says.limit) if (course.slope > 0) == (says.way == "above") else None
    facts: dict[str, Any] = {"value": value, "limit": says.limit, "slope": round(course.slope, 3)}
    if crossing is None:
        return Look(False, True, 0.0, facts)
    middle, earliest, latest = crossing
    facts |= {"in_days": round(middle, 1), "earliest": round(earliest, 1), "latest": None if latest is None else round(latest, 1)}
    return Look(middle <= says.within_days, middle > says.within_days / RELEASE, says.within_days / max(middle, 0.5), facts)
