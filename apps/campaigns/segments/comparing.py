"""Holding what is known of one account against what a condition asks, and when a number that follows the calendar changes the answer."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import ceil, floor
from typing import Any

from apps.interventions import services as interventions

from . import operators


def compared(fact: Any, op: str, value: Any) -> bool:
    """As conditions of plays compare, but that text is folded as the database does it here."""
    if op == "has":
        return fact is not None and operators.folded(value) in operators.folded(fact)
    return interventions.conditions.compared(fact, op, value)


def exact(value: Any) -> Any:
    """Numbers as the decimals they were written as."""
    if isinstance(value, list):
        return [exact(one) for one in value]
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def counting_days(base: int | None, step: int, op: str, wanted: Any, today: date) -> datetime | None:
    """The midnight at which a number of days that grows (or falls) by one a day changes the answer."""
    if base is None or op in operators.NO_VALUE:
        return None
    now = compared(base, op, wanted)
    crossing = (float(wanted) - base) * step
    for ahead in sorted({floor(crossing) - 1, floor(crossing), ceil(crossing), ceil(crossing) + 1}):
        if ahead >= 1 and compared(base + step * ahead, op, wanted) != now:
            return midnight(today + timedelta(days=ahead))
    return None


def earliest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((one for one in moments if one is not None), default=None)
