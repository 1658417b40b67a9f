"""Who fits an audience now, and what about an account does not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.types import Stage

from . import facts
from .conditions import FACTS, Condition, facts_in, holds, in_words


@dataclass(frozen=True)
class Fits:
    """How many accounts fit, of how many customers, and the first of them by key."""

    count: int
    of: int
    some: list[int]


def who_fits(condition: Condition | None, *, leavers: bool = False, now: datetime, show: int = 5) -> Fits:
    """Every customer who has not left (with `leavers`: also who has) is asked for the facts of the condition, and for no others."""
    known = facts.of(None, names=facts_in(condition) | {"stage"}, now=now)
    there = {key: found for key, found in known.items() if leavers or found.get("stage") != Stage.CHURNED}
    fitting = sorted(key for key, found in there.items() if holds(condition, found))
    return Fits(len(fitting), len(there), fitting[:show])


def misfits(condition: Condition | None, account_id: int, *, now: datetime) -> list[str]:
    """What of the condition does not hold for an account, each with what is: “last use is at least 14 days ago (it is 3)”. Empty when it fits."""
    if condition is None:
        return []
    found = facts.of([account_id], names=facts_in(condition), now=now).get(account_id, {})
    return _misfits(condition, found)


def _misfits(condition: Condition, found: dict[str, Any]) -> list[str]:
    if holds(condition, found):
        return []
    if condition.all is not None:
        return [words for part in condition.all for words in _misfits(part, found)]
    if condition.fact:
        return [f"{in_words(condition)} (it is {_told(condition.fact, found.get(condition.fact))})"]
    return [in_words(condition)]


def _told(name: str, value: Any) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    unit = FACTS[name].unit if name in FACTS else ""
    told = f"{round(value, 1):g}" if isinstance(value, int | float) else str(value)
    return f"{told} {unit}".strip()
