"""Reasons in words with numbers: what was measured, and what is usual for the accounts that the model learned from.

A reason must be understood alone, so a figure that says little by itself is told beside the typical account's (the median of the training rows).
"""

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ..registry import AGES, HEADLINE, NAME, TRAIT, TRENDS, describe, is_static, plain
from ..types import Reason

MOST = 6
# In the order, not in the size: what an account is counts two thirds of what it does, so that of two reasons alike a person reads first the one
# that somebody can act on.
_STATIC_COUNTS = 2 / 3
# Contributions below this are not spoken of.
_NOTHING = 1e-6
_NOTHING_LEFT = -99.0
_ONE = re.compile(r"^1 ((?:support |payment |severe |failed )?)(action|seat|kind|problem|sign|time|ticket|invoice|contact|message)s")
_TROUBLE = {"support_28", "payment_56", "leaving_28"}
_SAYS_IT_ALL = {*TRENDS, *_TROUBLE, *AGES, "since", "since_usual", "renewal", "ticket_age", "overdue_days", "two_way_days", "health_28"}
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
    if value == 0 and describe(key).nothing:
        return describe(key).nothing
    return _figure(key, value, typical if raises else None) + _beside(key, value, typical)


# Many accounts show the same small figures; 1, 1.0 and True are not the same words.
_known_sentence = lru_cache(maxsize=1 << 16, typed=True)(sentence)


def reasons(contributions: Mapping[str, float], row: Mapping[str, Any], typical: Mapping[str, float] | None = None) -> list[Reason]:
    """The reasons of one row: see Teller."""
    (told,) = Teller(list(contributions), typical or {}).tell(np.array([list(contributions.values())]), [row])
    return told


class Teller:
    """Words for the contributions of many rows: one reason per family of features, contributions summed, one member gives the words."""

    def __init__(self, features: Sequence[str], typical: Mapping[str, float]) -> None:
        self._usual = typical
        self._members: dict[str, list[int]] = {}
        for place, feature in enumerate(features):
            self._members.setdefault(describe(feature).family, []).append(place)
        self._features = features
        self._families = sorted(self._members)
        self._gather = np.array([[float(place in self._members[family]) for family in self._families] for place in range(len(features))])
        self._counts = np.array([_STATIC_COUNTS if is_static(family) else 1.0 for family in self._families])

    def tell(self, parts: np.ndarray, rows: Sequence[Mapping[str, Any]], most: int = MOST) -> list[list[Reason]]:
        """At most `most` reasons per row, strongest first (_STATIC_COUNTS); `parts` are rows x features."""
        totals = parts @ self._gather
        weight = -np.abs(totals) * self._counts
        if most < len(self._families):
            first = np.argpartition(weight, most - 1, axis=1)[:, :most]
            order = np.take_along_axis(first, np.argsort(np.take_along_axis(weight, first, axis=1), axis=1, kind="stable"), axis=1)
        else:
            order = np.argsort(weight, axis=1, kind="stable")
        told = zip(rows, parts.tolist(), order.tolist(), np.take_along_axis(totals, order, axis=1).tolist(), strict=True)
        return [
            [self._reason(at, total, row, line) for at, total in zip(places, sums, strict=True) if abs(total) >= _NOTHING]
            for row, line, places, sums in told
        ]

    def _reason(self, at: int, total: float, row: Mapping[str, Any], line: Sequence[float]) -> Reason:
        family = self._families[at]
        members = self._members[family]
        if len(members) == 1:
            lead = self._features[members[0]]
        else:
            lead = _lead(family, {self._features[place]: line[place] for place in members}, total, row, self._usual)
        return _reason(lead, total, row, self._usual.get(lead))


def _reason(lead: str, total: float, row: Mapping[str, Any], typical: float | None) -> Reason:
    value = row.get(lead)
    changed = _true_change(lead, value, row)
    say = sentence if isinstance(changed, (list, dict)) else _known_sentence
    told = say(lead, changed, typical, raises=total > 0)
    if value is not None and (age := row.get(AGES.get(lead, ""))) is not None:
        told += f", {_span(age)} ago" if age >= 1 else ", today"
    return Reason(lead, told, value, total)


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
    text = template.format(n=_number(value), change=_change(value), days=_span(value), moved=_moved(value))
    if value == 1:
        text = _ONE.sub(r"1 \1\2", text).replace("1 champions or sponsors", "1 champion or sponsor").replace("1 replies", "1 reply")
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


def _moved(points: float) -> str:
    count = round(abs(points))
    return f"{'down' if points < 0 else 'up'} {count} point{'' if count == 1 else 's'}"


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
    return describe(key).missing or {
        "trend_28": "Too new for a pattern of its own",
        "trend_7": "Too new for a pattern of its own",
        "trend_days": "Too new for a pattern of its own",
        "since_usual": "No activity in a year",
        "renewal": "No renewal date",
        "seats": "Number of seats not known",
        "arr": "ARR not known",
    }.get(key, f"{plain(key).capitalize()} not known")
