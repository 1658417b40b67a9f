"""How values of metrics are said on widgets, in tables and in files."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from apps.metrics.types import Figure, Metric, Unit

from ..saying import money

Value = Decimal | float | int | None
_SPANS = ((86_400 * 2, 86_400, "d"), (7_200, 3_600, "h"), (120, 60, "min"))


def said(value: Value, unit: str, currency: str = "") -> str:
    """1240 -> 1,240; a share in per cent; money short; nothing known -> –."""
    if value is None:
        return "–"
    number = float(value)
    if unit == Unit.MONEY:
        return money(number, currency or "USD")
    if unit == Unit.SHARE:
        return f"{100 * number:.1f} %" if abs(number) < 0.9995 or number % 1 else f"{100 * number:.0f} %"
    if unit == Unit.SECONDS:
        for least, length, word in _SPANS:
            if abs(number) >= least:
                return f"{number / length:,.0f} {word}"
        return f"{number:,.0f} s"
    if unit == Unit.DAYS:
        return f"{number:,.0f} d" if abs(number) >= 10 else f"{number:.1f} d"
    if unit == Unit.RATIO:
        return f"{number:.2f}"
    if unit == Unit.SCORE:
        return f"{number:.0f}"
    return f"{number:,.0f}" if number == int(number) or abs(number) >= 100 else f"{number:,.1f}"


def changed(now: Value, before: Value, unit: str, currency: str = "") -> str:
    """+3.2 points of a share, +12 of a count, with the sign before it."""
    if now is None or before is None:
        return ""
    step = float(now) - float(before)
    if unit == Unit.SHARE:
        words = f"{abs(100 * step):.1f} points"
    else:
        words = said(abs(step), unit, currency)
    return ("±" if not step else "+" if step > 0 else "−") + words


def tone(step: float, better: str) -> str:
    """Whether a change is for the better; metrics where neither is have no tone."""
    if not step or better not in ("up", "down"):
        return ""
    return "better" if (step > 0) == (better == "up") else "worse"


def door(key: str, filters: Mapping[str, str], **more: str) -> str:
    """The page of the rows behind a figure."""
    asked = {name: value for name, value in {**filters, **more}.items() if value}
    return reverse("metric_rows", args=[key]) + (f"?{urlencode(asked)}" if asked else "")


def interval(figure: Figure, unit: str) -> str:
    """The denominator of a rate and its 95 % interval."""
    parts = []
    if figure.of is not None:
        parts.append(f"of {figure.of:,}")
    if figure.low is not None and figure.high is not None:
        parts.append(f"{said(figure.low, unit, figure.currency)} to {said(figure.high, unit, figure.currency)}")
    return " · ".join(parts)


def about(metric: Metric) -> dict[str, Any]:
    """What a browser has to know to draw it."""
    return {"key": metric.key, "name": metric.name, "unit": str(metric.unit), "words": metric.words, "better": metric.better}


def plain(value: Value) -> float | int | None:
    """As JSON carries it."""
    return value if value is None or isinstance(value, int) else float(value)
