"""The three pictures of a model's quality, drawn in a box of 100 x 100 with the table behind each."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Dot:
    """A group of accounts with the interval of what was observed."""

    x: float
    y: float
    radius: float
    low: float
    high: float


@dataclass(frozen=True)
class Picture:
    """`plain` is the line of doing nothing. `right` and `top` are the ends of the axes in per cent."""

    key: str
    title: str
    words: str
    across: str
    up: str
    right: int
    top: int
    plain: str
    line: str
    second: str
    dots: tuple[Dot, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def pictures(curves: Mapping[str, Any], *, base_rate: float) -> list[Picture]:
    """Those that the metrics hold."""
    made = (
        _reliability(curves.get("reliability") or ()),
        _gain(curves.get("gain") or ()),
        _precision(curves.get("precision_recall") or (), base_rate),
    )
    return [picture for picture in made if picture]


def _reliability(points: Sequence[Sequence[float]]) -> Picture | None:
    if not points:
        return None
    most = max(max(predicted, observed) for predicted, observed, _ in points)
    end = min(1.0, max(0.1, math.ceil(most * 10 + 0.25) / 10))
    largest = max(count for *_, count in points)
    dots = []
    for predicted, observed, count in points:
        low, high = _interval(observed, count)
        radius = round(1.4 + 2.2 * math.sqrt(count / largest), 2)
        dots.append(Dot(_x(predicted, end), _y(observed, end), radius, _y(min(low, end), end), _y(min(high, end), end)))
    off = max(points, key=lambda point: abs(point[0] - point[1]))
    return Picture(
        key="reliability",
        title="Do the probabilities hold?",
        words=f"On the dashed line they hold. Furthest from it: of the group told {percent(off[0])}, {percent(off[1])} left.",
        across="told beforehand",
        up="left",
        right=round(end * 100),
        top=round(end * 100),
        plain="0,100 100,0",
        line="",
        second="",
        dots=tuple(dots),
        heads=("Told", "Left", "Accounts"),
        rows=tuple((percent(predicted), percent(observed), f"{count:,.0f}") for predicted, observed, count in points),
    )


def _gain(points: Sequence[Sequence[float]]) -> Picture | None:
    if len(points) < 2:
        return None
    half = at(points, 0.2)
    return Picture(
        key="gain",
        title="Whom does the list reach?",
        words=f"The riskiest fifth of the list holds {percent(half)} of those who left; by chance it would be 20 %.",
        across="of the list called",
        up="of leavers reached",
        right=100,
        top=100,
        plain="0,100 100,0",
        line=_path((x, y) for x, y, *_ in points),
        second=_path((point[0], point[2]) for point in points) if all(len(point) > 2 for point in points) else "",
        dots=(),
        heads=("Called", "Leavers reached", "ARR at risk reached"),
        rows=tuple((percent(x), percent(y), *(percent(arr) for arr in rest)) for x, y, *rest in points),
    )


def _precision(points: Sequence[Sequence[float]], base_rate: float) -> Picture | None:
    if len(points) < 2:
        return None
    half = min(points, key=lambda point: abs(point[0] - 0.5))
    return Picture(
        key="precision",
        title="How many calls are in vain?",
        words=f"To reach {percent(half[0])} of the leavers, {percent(half[1])} of those called are leavers; by chance {percent(base_rate)} would be.",
        across="of leavers reached",
        up="of those called are leavers",
        right=100,
        top=100,
        plain=f"0,{_y(base_rate, 1)} 100,{_y(base_rate, 1)}",
        line=_path((recall, precision) for recall, precision in points),
        second="",
        dots=(),
        heads=("Leavers reached", "Of those called"),
        rows=tuple((percent(recall), percent(precision)) for recall, precision in _some(points)),
    )


def _interval(share: float, count: float, z: float = 1.2816) -> tuple[float, float]:
    """The 80 % interval of a share of `count` (Wilson 1927)."""
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def at(points: Sequence[Sequence[float]], share: float, column: int = 1) -> float:
    """The gain at a share of the list, between two points on the straight line."""
    before = points[0]
    for point in points:
        if point[0] >= share:
            width = point[0] - before[0]
            return float(before[column] + (point[column] - before[column]) * ((share - before[0]) / width if width else 0))
        before = point
    return float(points[-1][column])


def _some(points: Sequence[Sequence[float]], most: int = 21) -> Sequence[Sequence[float]]:
    """Few enough to read; the picture has them all."""
    if len(points) <= most:
        return points
    return [points[round(place * (len(points) - 1) / (most - 1))] for place in range(most)]


def _path(points: Any) -> str:
    return " ".join(f"{_x(x, 1)},{_y(y, 1)}" for x, y in points)


def _x(value: float, end: float) -> float:
    return round(100 * value / end, 2)


def _y(value: float, end: float) -> float:
    return round(100 - 100 * value / end, 2)


def percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 or share == 0 else f"{100 * share:.1f} %"
