"""How sums become figures. Every formula says how many it was taken of, and where it is a rate, how far chance alone could have moved it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from typing import NamedTuple

from apps.experiments.selectors import Arm, wilson

Sums = Mapping[str, Decimal]
_95 = 1.96
# Leavings are not independent: the spread of past errors was that much wider than chance alone (docs/metrics.md).
_WIDER = 1.3


class Found(NamedTuple):
    value: Decimal | float | int | None
    of: int | None = None
    low: float | None = None
    high: float | None = None
    words: str = ""


@dataclass(frozen=True)
class Formula:
    """`reads` are the measures it is made of; the first is what each account behind the figure is shown with."""

    reads: tuple[str, ...]
    make: Callable[[Sums], Found]


def total(measure: str, *, known_of: str = "", words: str = "") -> Formula:
    """A count or an amount. With `known_of`: nothing known of anybody is not nought."""

    def make(sums: Sums) -> Found:
        if known_of and not sums[known_of]:
            return Found(None, words=words)
        return Found(sums[measure])

    return Formula((measure, known_of) if known_of else (measure,), make)


def share(part: str, whole: str, *, words: str) -> Formula:
    """Of `whole`, how many are `part`; with Wilson's 95 % interval."""

    def make(sums: Sums) -> Found:
        n, k = int(sums[whole]), int(sums[part])
        if n <= 0:
            return Found(None, words=words)
        low, high = wilson(Arm(n, min(max(k, 0), n)))
        return Found(k / n, n, low, high)

    return Formula((part, whole), make)


def ratio(part: str, whole: str, *, words: str, of: str = "") -> Formula:
    """One amount over another; more than 1 is possible and chance has no simple say."""

    def make(sums: Sums) -> Found:
        if not sums[whole]:
            return Found(None, words=words)
        return Found(float(sums[part] / sums[whole]), int(sums[of]) if of else None)

    return Formula((part, whole, of) if of else (part, whole), make)


def mean(added: str, count: str, *, words: str) -> Formula:
    def make(sums: Sums) -> Found:
        n = int(sums[count])
        return Found(float(sums[added] / n), n) if n > 0 else Found(None, words=words)

    return Formula((added, count), make)


def nps(promoters: str, detractors: str, answers: str) -> Formula:
    """Promoters less detractors of 100 answers; the interval from the spread of the three kinds."""

    def make(sums: Sums) -> Found:
        n = int(sums[answers])
        if n <= 0:
            return Found(None, words="Nobody answered within 90 days.")
        up, down = float(sums[promoters]) / n, float(sums[detractors]) / n
        half = _95 * sqrt(max(0.0, up + down - (up - down) ** 2) / n)
        return Found(100 * (up - down), n, 100 * max(-1.0, up - down - half), 100 * min(1.0, up - down + half))

    return Formula((answers, promoters, detractors), make)


def expected_loss() -> Formula:
    """Chance of leaving times ARR, summed over the accounts, with the interval of a sum of such chances."""

    def make(sums: Sums) -> Found:
        if not sums["scored"]:
            return Found(None, words="No account has a risk yet.")
        half = _WIDER * _95 * sqrt(float(sums["loss_variance"]))
        value = float(sums["expected_loss"])
        return Found(sums["expected_loss"], int(sums["scored"]), max(0.0, value - half), min(float(sums["arr"]), value + half))

    return Formula(("expected_loss", "loss_variance", "scored", "arr"), make)


def expected_nrr() -> Formula:
    """1 - what is expected to leave - contraction + expansion, the last two as they were in the last 90 days."""

    def make(sums: Sums) -> Found:
        if not sums["scored"] or not sums["arr"] or not sums["quarter_opening"]:
            return Found(None, words="It needs scored accounts that pay, and a quarter of movements.")
        arr = float(sums["arr"])
        grown = float((sums["quarter_expansion"] + sums["quarter_contraction"]) / sums["quarter_opening"])
        value, half = 1 - float(sums["expected_loss"]) / arr + grown, _WIDER * _95 * sqrt(float(sums["loss_variance"])) / arr
        return Found(value, int(sums["scored"]), max(0.0, value - half), value + half)

    reads = ("expected_loss", "loss_variance", "scored", "arr", "quarter_opening", "quarter_contraction", "quarter_expansion")
    return Formula(reads, make)
