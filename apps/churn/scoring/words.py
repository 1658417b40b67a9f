"""Reasons in words with numbers: what was measured, and what is usual for the accounts that the model learned from.

A reason must be understood alone, so a figure that says little by itself is told beside the typical account's (the median of the training rows).
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from ..registry import HEADLINE, NAME, TRAIT, TRENDS, describe, is_static, plain
from ..types import Reason

MOST = 6
# In the order, not in the size: what an account is counts two thirds of what it does, so that of two reasons alike a person reads first the one
# that somebody can act on.
_STATIC_COUNTS = 2 / 3
_NOTHING_LEFT = -99.0
_ONE = re.compile(r"^1 ((?:support |payment )?)(action|seat|kind|problem|sign|time)s")
_TROUBLE = {"support_28", "payment_56", "leaving_28"}
_SAYS_IT_ALL = {*TRENDS, *_TROUBLE, "since", "since_usual", "renewal"}
_USE = {"level", "active days", "breadth"}
# Less than this share of what is typical is "only".
_ONLY = 2 / 3


def sentence(key: str, value: Any, typical: float | None = None, *, raises: bool = True) -> str:
    """What is so, beside what is typical. The contribution's sign says whether that is good; only a figure that raises the risk may be "only"."""
    if key.startswith(TRAIT) or key == "plan":
        return _trait(key, value, typical)
    if value is None or not math.isfinite(value):
        return _unknown(key)
    if key == "since" and value <= 1:
        return "Active within the last day"
    if key == "since_usual" and value < 1.5:
        return "No longer quiet than usual"
    if key == "renewal" and value < 1:
        return "Renews today"
    return _figure(key, value, typical if raises else None) + _beside(key, value, typical)


def reasons(contributions: Mapping[str, float], row: Mapping[str, Any], typical: Mapping[str, float] | None = None) -> list[Reason]:
    """One reason per family of features, at most MOST: contributions summed, one member gives the words. Strongest first (_STATIC_COUNTS)."""
    usual = typical or {}
    families: dict[str, dict[str, float]] = {}
    for key, contribution in contributions.items():
        families.setdefault(describe(key).family, {})[key] = contribution
    found = []
    for family, members in families.items():
        total = sum(members.values())
        if abs(total) >= 1e-6:
            found.append((_lead(family, members, total, row, usual), total, is_static(family)))
    found.sort(key=lambda told: (-abs(told[1]) * (_STATIC_COUNTS if told[2] else 1), told[0]))
    return [_reason(lead, total, row, usual.get(lead)) for lead, total, _ in found[:MOST]]


def _reason(lead: str, total: float, row: Mapping[str, Any], typical: float | None) -> Reason:
    value = row.get(lead)
    return Reason(lead, sentence(lead, _true_change(lead, value, row), typical, raises=total > 0), value, total)


def _lead(family: str, members: Mapping[str, float], total: float, row: Mapping[str, Any], usual: Mapping[str, float]) -> str:
    """The member that tells the family's story: its headline, unless that figure points the other way; then the strongest member that agrees."""
    headline = HEADLINE.get(family, "")
    agreeing = [key for key in members if _agrees(key, total, row.get(key), usual.get(key))]
    if headline and (headline in agreeing or not agreeing):
        return headline
    return max(agreeing or members, key=lambda key: members[key] * total)


def _agrees(key: str, total: float, value: Any, typical: float | None) -> bool:
    """Whether this figure, as it will be told, points where the whole family does."""
    feature = describe(key)
    if feature.family == "silence" and isinstance(value, (int, float)):
        return (value >= 2 if key == "since" else value >= 1.5) == (total > 0)
    if typical is None or feature.family not in _USE:
        return True
    return isinstance(value, (int, float)) and (value - typical) * feature.direction * total > 0


def _figure(key: str, value: float, typical: float | None) -> str:
    template = describe(key).words
    if value == 0 and template.startswith("Active on {n} of"):
        return template.replace("{n}", "none", 1)
    if "{n}" in template and value == 0 and not template.startswith(("ARR", "Active", "Amounts")):
        return template.replace("{n} times" if key.startswith(NAME) else "{n}", "No", 1)
    text = template.format(n=_number(value), change=_change(value), days=_span(value))
    if value == 1:
        text = _ONE.sub(r"1 \1\2", text)
    in_use = key.startswith(NAME) or describe(key).family in _USE
    if not in_use or describe(key).direction > 0 or typical is None or value >= _ONLY * typical:
        return text
    if text.startswith("Active on "):
        return text.replace("Active on ", "Active on only ", 1)
    return f"Only {text[:1].lower()}{text[1:]}"


def _beside(key: str, value: float, typical: float | None) -> str:
    if typical is None or key in _SAYS_IT_ALL:
        return ""
    say = _span if "{days}" in describe(key).words else _number
    # Half an action is nobody's; from ten on the last digit is noise.
    usual = typical if key in ("arr", "tenure") or typical < 1 else round(typical)
    return "" if say(usual) == say(value) else f" (typical: {say(usual)})"


def _true_change(key: str, value: Any, row: Mapping[str, Any]) -> Any:
    """A trend without the smoothing that keeps small counts from shouting."""
    if key not in TRENDS or value is None:
        return value
    count_of, smooth = TRENDS[key]
    count = row[count_of]
    usual = (count + smooth) / math.exp(value) - smooth
    if usual < 0.05:
        return value
    return math.log(count / usual) if count else _NOTHING_LEFT


def _number(value: float) -> str:
    if abs(value) >= 10 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.1f}"


def _change(log_ratio: float) -> str:
    share = round(100 * (math.exp(min(log_ratio, 7.0)) - 1))
    if share > 200:
        return f"{math.exp(min(log_ratio, 7.0)):.1f} times its own pattern"
    if share == 0:
        return "as in its own pattern"
    return f"{'down' if share < 0 else 'up'} {abs(share)} % against its own pattern"


def _span(days: float) -> str:
    count = round(days)
    if count >= 400:
        return f"{days / 365:.1f}".removesuffix(".0") + " years"
    return f"{count} day" if count == 1 else f"{count} days"


def _trait(key: str, value: Any, typical: float | None) -> str:
    name = plain(key.removeprefix(TRAIT))
    name = f"{name[:1].upper()}{name[1:]}"
    if value is None or value == "":
        return f"{name} is not known"
    if isinstance(value, bool) or str(value).lower() in ("yes", "no", "true", "false"):
        return f"{name}: {'yes' if str(value).lower() in ('yes', 'true') else 'no'}"
    try:
        figure = float(value)
    except (TypeError, ValueError):
        return f"{name} is {value}"
    if not math.isfinite(figure):
        return f"{name} is {value}"
    usual = "" if typical is None or _number(typical) == _number(figure) else f" (typical: {_number(typical)})"
    return f"{name}: {_number(figure)}{usual}"


def _unknown(key: str) -> str:
    return {
        "trend_28": "Too new for a pattern of its own",
        "trend_7": "Too new for a pattern of its own",
        "trend_days": "Too new for a pattern of its own",
        "since_usual": "No activity in a year",
        "renewal": "No renewal date",
        "seats": "Number of seats not known",
        "arr": "ARR not known",
    }.get(key, f"{plain(key).capitalize()} not known")
