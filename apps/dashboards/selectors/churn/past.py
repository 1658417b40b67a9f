"""Looks back as the desk shows them: what was told against what happened, month by month in a picture, and how the data compares."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.churn.models import Check, ModelVersion
from apps.churn.types import CheckKind

from .curves import Dot, percent

_WIDE = 250
_VERSIONS = 4


@dataclass(frozen=True)
class Months:
    """Told as a line and left as dots with the interval that chance leaves open, in a box of 250 x 100; `top` is the end of the axis in per cent."""

    line: str
    dots: tuple[Dot, ...]
    top: int
    first: date
    last: date
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class BackTest:
    check: Check
    tone: str
    word: str
    months: Months | None


@dataclass(frozen=True)
class Drift:
    check: Check
    tone: str
    word: str


def latest(checks: Iterable[Check], live: ModelVersion | None) -> tuple[list[BackTest], Drift | None]:
    """Of checks, newest first: the last back-test of each version, the one at work first; and the last comparison of the data for the one at work."""
    newest: dict[tuple[int, str], Check] = {}
    for check in checks:
        newest.setdefault((check.model_id, check.kind), check)
    tests = [check for check in newest.values() if check.kind == CheckKind.BACKTEST]
    at_work = live.pk if live else 0
    tests.sort(key=lambda check: (check.model_id != at_work, -check.model_id))
    compared = newest.get((at_work, CheckKind.DRIFT))
    return [_backtest(check) for check in tests[:_VERSIONS]], _drift(compared) if compared else None


def _backtest(check: Check) -> BackTest:
    figures = check.figures
    if check.alarm:
        tone, word = "bad", "off"
    elif figures.get("few"):
        tone, word = "calm", "too early"
    elif figures.get("blurred"):
        tone, word = "calm", "unclear"
    else:
        tone, word = "good", "holds"
    return BackTest(check, tone, word, _months(figures.get("months") or []))


def _drift(check: Check) -> Drift:
    features = check.figures.get("features")
    if check.alarm:
        return Drift(check, "warn", "moved")
    if features is not None and not features:
        return Drift(check, "calm", "too few")
    return Drift(check, "info", "a little") if any(one.get("warn") for one in features or []) else Drift(check, "good", "alike")


def _months(found: list[Mapping[str, Any]]) -> Months | None:
    kept = [month for month in found if month.get("rows")]
    if not kept:
        return None
    most = max(max(month["predicted"], month["high"]) for month in kept)
    end = min(1.0, max(0.02, math.ceil(most * 50) / 50))
    across = [round(_WIDE * (place + 0.5) / len(kept), 2) for place in range(len(kept))]

    def up(share: float) -> float:
        return round(100 - 100 * min(share, end) / end, 2)

    return Months(
        line=" ".join(f"{x},{up(month['predicted'])}" for x, month in zip(across, kept, strict=True)),
        dots=tuple(Dot(x, up(month["actual"]), 2.6, up(month["low"]), up(month["high"])) for x, month in zip(across, kept, strict=True)),
        top=round(end * 100),
        first=date.fromisoformat(kept[0]["day"]),
        last=date.fromisoformat(kept[-1]["day"]),
        rows=tuple(
            (
                f"{date.fromisoformat(month['day']):%-d %b %Y}",
                percent(month["predicted"]),
                percent(month["actual"]),
                f"{percent(month['low'])} to {percent(month['high'])}",
                f"{month['rows']:,}",
            )
            for month in kept
        ),
    )
