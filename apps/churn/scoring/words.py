"""Reasons in words with numbers: what was measured, and what is usual for the accounts that the model learned from.

A reason must be understood alone, so a figure that says little by itself is told beside the typical account's (the median of the training rows).
"""

import math
import re
from typing import Any

from ..registry import AGES, NAME, TRAIT, TRENDS, describe, plain

_ONE = re.compile(r"^1 ((?:support |payment |severe |failed )?)(action|seat|kind|problem|sign|time|ticket|invoice|contact|message)s")
_TROUBLE = {"support_28", "payment_56", "leaving_28"}
_SAYS_IT_ALL = {*TRENDS, *_TROUBLE, *AGES, "since", "since_usual", "renewal", "ticket_age", "overdue_days", "two_way_days", "health_28"}
USE = {"level", "active days", "breadth"}
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
    if value == 0 and describe(key).nothing:
        return describe(key).nothing
    return _figure(key, value, typical if raises else None) + _beside(key, value, typical)


def _figure(key: str, value: float, typical: float | None) -> str:
    template = describe(key).words
    if value == 0 and template.startswith("Active on {n} of"):
        return template.replace("{n}", "none", 1)
    if "{n}" in template and value == 0 and not template.startswith(("ARR", "Active", "Amounts")):
        return template.replace("{n} times" if key.startswith(NAME) else "{n}", "No", 1)
    text = template.format(n=_number(value), change=_change(value), days=span(value), moved=_moved(value))
    if value == 1:
        text = _ONE.sub(r"1 \1\2", text).replace("1 champions or sponsors", "1 champion or sponsor").replace("1 replies", "1 reply")
    in_use = key.startswith(NAME) or describe(key).family in USE
    if not in_use or describe(key).direction > 0 or typical is None or value >= _ONLY * typical:
        return text
    if text.startswith("Active on "):
        return text.replace("Active on ", "Active on only ", 1)
    return f"Only {text[:1].lower()}{text[1:]}"


def _beside(key: str, value: float, typical: float | None) -> str:
    if typical is None or key in _SAYS_IT_ALL:
        return ""
    say = span if "{days}" in describe(key).words else _number
    # Half an action is nobody's; from ten on the last digit is noise.
    usual = typical if key in ("arr", "tenure") or typical < 1 else round(typical)
    return "" if say(usual) == say(value) else f" (typical: {say(usual)})"


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


def _moved(points: float) -> str:
    count = round(abs(points))
    return f"{'down' if points < 0 else 'up'} {count} point{'' if count == 1 else 's'}"


def span(days: float) -> str:
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
    return describe(key).missing or {
        "trend_28": "Too new for a pattern of its own",
        "trend_7": "Too new for a pattern of its own",
        "trend_days": "Too new for a pattern of its own",
        "since_usual": "No activity in a year",
        "renewal": "No renewal date",
        "seats": "Number of seats not known",
        "arr": "ARR not known",
    }.get(key, f"{plain(key).capitalize()} not known")
