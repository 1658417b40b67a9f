"""From answers to one figure with its interval, by kind. Pure.

- nps: promoters (9, 10) minus detractors (0 to 6), in points from -100 to 100; interval by the adjusted Wald method with three added answers
  (Rocks, Interval estimation for the Net Promoter Score, The American Statistician 70, 2016)
- csat: per cent who answered 4 or 5; Wilson's interval
- ces: the mean from 1 to 7; Student's interval
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from scipy import stats

from apps.accounts.types import SurveyKind
from apps.experiments.selectors import Arm, wilson

# Fewer answers than this say nothing about the others.
LEAST = 10
_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Figure:
    """`value` with its 95 % interval, from `n` answers; empty where there are none."""

    kind: str
    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def enough(self) -> bool:
        return self.n >= LEAST

    @property
    def words(self) -> str:
        name = SurveyKind(self.kind).value.upper()
        if self.value is None or self.low is None or self.high is None:
            return f"{name}: nobody has answered yet."
        shown = [_shown(self.kind, one) for one in (self.value, self.low, self.high)]
        between = f"{name} {shown[0]} ({shown[1]} to {shown[2]}), {self.n} answers."
        return between if self.enough else f"{between} Cannot tell yet: it takes at least {LEAST}."


def _shown(kind: str, value: float) -> str:
    if kind == SurveyKind.NPS:
        return f"{value:+.0f}"
    return f"{value:.0f} %" if kind == SurveyKind.CSAT else f"{value:.1f}"


def figure(kind: str, counts: Mapping[int, int]) -> Figure:
    """`counts`: how often each score was given."""
    n = sum(counts.values())
    if not n:
        return Figure(kind, 0)
    if kind == SurveyKind.NPS:
        return _nps(counts, n)
    if kind == SurveyKind.CSAT:
        good = sum(count for score, count in counts.items() if score >= 4)
        low, high = wilson(Arm(n, good))
        return Figure(kind, n, 100 * good / n, 100 * low, 100 * high)
    return _mean(kind, counts, n)


def _nps(counts: Mapping[int, int], n: int) -> Figure:
    up = sum(count for score, count in counts.items() if score >= 9)
    down = sum(count for score, count in counts.items() if score <= 6)
    more = n + 3
    p, q = (up + 0.75) / more, (down + 0.75) / more
    half = stats.norm.ppf((1 + _CONFIDENCE) / 2) * math.sqrt((p + q - (p - q) ** 2) / more)
    low, high = max(p - q - half, -1.0), min(p - q + half, 1.0)
    return Figure(SurveyKind.NPS.value, n, 100 * (up - down) / n, float(100 * low), float(100 * high))


def _mean(kind: str, counts: Mapping[int, int], n: int) -> Figure:
    mean = sum(score * count for score, count in counts.items()) / n
    if n == 1:
        return Figure(kind, n, mean, 1.0, 7.0)
    variance = sum(count * (score - mean) ** 2 for score, count in counts.items()) / (n - 1)
    half = float(stats.t.ppf((1 + _CONFIDENCE) / 2, n - 1)) * math.sqrt(variance / n)
    return Figure(kind, n, mean, max(mean - half, 1.0), min(mean + half, 7.0))
