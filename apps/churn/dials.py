"""What a person can turn to ask what if: changes of a row that can be pictured, told as its figures. Pure: no Django here."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .registry import TRENDS

Row = Mapping[str, Any]
# Wider windows hold the days of a narrower one, so they grow with it.
_WIDER = {"n_28": ("n_112", "n_year"), "active_28": ("active_year",)}
_USUAL = 100.0
_QUIET = 28.0


@dataclass(frozen=True)
class Dial:
    """Runs from 0 to at least `most` in whole steps of `unit`; `calm` is where trouble is over, and `words` say what brings it there."""

    key: str
    label: str
    words: str
    unit: str
    most: float
    calm: float = 0.0
    feature: str = ""
    # Figures of the same matter, which are nothing when this one is.
    along: tuple[str, ...] = ()


DIALS = (
    Dial("use", "Use, beside their own usual level", "They use it as they used to", "%", 150.0, _USUAL),
    Dial("support", "Support problems in 4 weeks", "The support problems are over", "", 5.0, feature="support_28"),
    Dial("tickets", "Open tickets", "The open tickets are solved", "", 5.0, feature="tickets_open", along=("tickets_severe", "ticket_age")),
    Dial("invoices", "Overdue invoices", "The overdue invoices are paid", "", 3.0, feature="invoices_overdue", along=("overdue_days",)),
    Dial("payment", "Payment problems in 8 weeks", "The payments go through again", "", 3.0, feature="payment_56"),
    Dial("leaving", "Signs of leaving in 4 weeks", "The signs of leaving are gone", "", 3.0, feature="leaving_28"),
)
BY_KEY = {dial.key: dial for dial in DIALS}


def reading(dial: Dial, row: Row) -> float | None:
    """Where the dial stands now, a whole number; None where the figure is not known: an account without a pattern of its own has no usual level."""
    if dial.feature:
        value = row.get(dial.feature)
        return None if value is None else float(round(value))
    usual = _usual(row, "trend_28")
    return None if usual is None or usual < 0.05 else float(round(100 * row["n_28"] / usual))


def turned(dial: Dial, row: Row, value: float) -> dict[str, Any]:
    """The figures that change when the dial is turned to `value`."""
    if dial.feature:
        if row.get(dial.feature) in (None, value):
            return {}
        return {dial.feature: value} | {key: 0.0 for key in dial.along if value == 0 and row.get(key)}
    return _use(row, value / 100, up=value >= (reading(dial, row) or 0.0))


def as_usual(row: Row) -> dict[str, Any]:
    """Activity as in the account's own pattern: what lies below it rises to it, and the silence is over."""
    return _use(row, 1.0, up=True)


def _usual(row: Row, trend: str) -> float | None:
    """The count that the account's own pattern makes of the trend's window, without the smoothing."""
    count, smooth = TRENDS[trend]
    if row.get(trend) is None or row.get(count) is None:
        return None
    return float((row[count] + smooth) / math.exp(row[trend]) - smooth)


def _use(row: Row, share: float, *, up: bool) -> dict[str, Any]:
    """Counts and trends at a share of the pattern; turned up, none falls, and turned down, none rises."""
    changed: dict[str, Any] = {}
    for trend, (count, smooth) in TRENDS.items():
        usual = _usual(row, trend)
        if usual is None:
            continue
        wanted = share * usual
        if wanted > row[count] if up else wanted < row[count]:
            changed[trend] = round(math.log((wanted + smooth) / (usual + smooth)), 6) + 0.0
            changed[count] = round(wanted, 2)
            changed |= {wide: round(row[wide] + wanted - row[count], 2) for wide in _WIDER.get(count, ()) if row.get(wide) is not None}
    if "active_28" in changed and row.get("active_7") is not None:
        week = float(min(7, round(changed["active_28"] / 4)))
        if week > row["active_7"] if up else week < row["active_7"]:
            changed["active_7"] = week
    return changed | _silence(row, share, up=up)


def _silence(row: Row, share: float, *, up: bool) -> dict[str, Any]:
    """Who is active is not silent, and who does nothing has been silent for four weeks at least."""
    if up and share > 0:
        return {key: 1.0 for key in ("since", "since_usual") if row.get(key) is not None and row[key] > 1.0}
    if share > 0 or row.get("since") is None or row["since"] >= _QUIET:
        return {}
    longer = {"since": _QUIET}
    if row.get("since_usual") is not None and row["since"] > 0:
        longer["since_usual"] = round(row["since_usual"] * _QUIET / row["since"], 2)
    return longer
