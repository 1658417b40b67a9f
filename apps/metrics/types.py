"""What a metric is, and what is read of it. No queries."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import TextChoices


class Unit(TextChoices):
    """How a value is written. A share runs 0-1 and is shown in per cent; money carries its currency in the figure."""

    COUNT = "count", "number"
    SHARE = "share", "share"
    MONEY = "money", "money"
    DAYS = "days", "days"
    SECONDS = "seconds", "seconds"
    SCORE = "score", "score"
    RATIO = "ratio", "ratio"


@dataclass(frozen=True)
class Metric:
    """A figure that a widget, an alert rule or the API can show, declared once.

    `words` is its definition for people; `of` says what a rate is taken of; `dimensions` are what it can be split and filtered by; `fresh` is how
    many seconds it may lag behind; `better` is "up", "down" or "" where more is neither; `own` says that a CSM sees it of their own book (False: it
    exists for the house only and wants `sees_everything`).
    """

    key: str
    name: str
    group: str
    unit: Unit
    words: str
    of: str = ""
    dimensions: tuple[str, ...] = ()
    fresh: int = 5
    better: str = ""
    own: bool = True


@dataclass(frozen=True)
class Figure:
    """One value as of a moment. `of` is the denominator of a rate, `low` and `high` its 95 % interval; no value: `words` says why."""

    key: str
    value: Decimal | float | int | None
    as_of: datetime
    of: int | None = None
    low: float | None = None
    high: float | None = None
    currency: str = ""
    words: str = ""


@dataclass(frozen=True)
class Part:
    """The figure of one value of a dimension. `value` is what to filter by, `label` what people read."""

    value: str
    label: str
    figure: Figure


@dataclass(frozen=True)
class Point:
    """The value at the end of a day (UTC); None: that day is not known, which is not nought."""

    day: date
    value: float | None
    of: int | None = None


@dataclass(frozen=True)
class Expected:
    """A day that is not yet: the middle, and the interval that has covered `Series.covered` of past forecasts."""

    day: date
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Series:
    """A metric over days, oldest first. `since` is the first day ever known; `covered` None: too little past to have tried the forecast."""

    key: str
    label: str
    points: tuple[Point, ...]
    since: date | None = None
    expected: tuple[Expected, ...] = ()
    covered: float | None = None
    currency: str = ""


@dataclass(frozen=True)
class Because:
    """One row behind a figure: the account, what it brings to it, and that in words."""

    account_id: int
    name: str
    value: Decimal | float | int | None
    words: str = ""


def exact(unit: Unit, value: Decimal | float | int | None) -> Decimal | float | int | None:
    """As a unit is told: counts whole, money to the cent, all else as a float."""
    if value is None:
        return None
    if unit == Unit.MONEY:
        return Decimal(value).quantize(Decimal("0.01"))
    return round(value) if unit == Unit.COUNT else float(value)
