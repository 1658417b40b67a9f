"""Reasons in words with numbers."""

import math
import re
from collections.abc import Mapping
from typing import Any

from ..registry import HEADLINE, TRAIT, TRENDS, describe
from ..types import Reason

MOST = 6
_NOTHING_LEFT = -99.0
_ONE = re.compile(r"^1 ((?:support |payment )?)(action|seat|kind|problem|sign|time)s")


def sentence(key: str, value: Any) -> str:
    """What is so, without saying whether it is good: the contribution's sign says that."""
    if key.startswith(TRAIT) or key == "plan":
        name = key.removeprefix(TRAIT).replace("_", " ")
        return f"{name[:1].upper()}{name[1:]} is {_trait(value)}"
    if value is None or not math.isfinite(value):
        return _unknown(key)
    if key == "since" and value <= 1:
        return "Active within the last day"
    if key == "since_usual" and value < 1.5:
        return "No longer quiet than usual"
    template = describe(key).words
    if "{n}" in template and value == 0 and not template.startswith(("ARR", "Active", "Amounts")):
        return template.replace("{n}", "No", 1)
    text = template.format(n=_number(value), change=_change(value), days=_span(value))
    return _ONE.sub(r"1 \1\2", text) if value == 1 else text


def reasons(contributions: Mapping[str, float], row: Mapping[str, Any]) -> list[Reason]:
    """One reason per family of features, strongest first, at most MOST: contributions summed, its headline or strongest member gives the words."""
    families: dict[str, dict[str, float]] = {}
    for key, contribution in contributions.items():
        families.setdefault(describe(key).family, {})[key] = contribution
    found = []
    for family, members in families.items():
        total = sum(members.values())
        if abs(total) < 1e-6:
            continue
        lead = HEADLINE.get(family) or max(members, key=lambda key: members[key] * total)
        value = row.get(lead)
        found.append(Reason(lead, sentence(lead, _true_change(lead, value, row)), value, total))
    return sorted(found, key=lambda reason: (-abs(reason.contribution), reason.feature))[:MOST]


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
        return f"{math.exp(min(log_ratio, 7.0)):.1f} times as much"
    if share == 0:
        return "unchanged"
    return f"down {-share} %" if share < 0 else f"up {share} %"


def _span(days: float) -> str:
    count = round(days)
    if count > 730:
        return f"{days / 365:.1f} years"
    return f"{count} day" if count == 1 else f"{count} days"


def _trait(value: Any) -> str:
    if value is None or value == "":
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _number(value) if isinstance(value, (int, float)) else str(value)


def _unknown(key: str) -> str:
    return {
        "trend_28": "Too new for a pattern of its own",
        "trend_7": "Too new for a pattern of its own",
        "trend_days": "Too new for a pattern of its own",
        "since_usual": "No activity in a year",
        "renewal": "Renewal date not known",
        "seats": "Number of seats not known",
    }.get(key, f"{key.replace('_', ' ')} not known")
