"""Cells become values: dates, numbers, yes and no; and what a whole column is."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.db.models import TextChoices

BLANK = frozenset({"", "null", "NULL", "NaN", "nan", "N/A", "#N/A"})
_YES, _NO = frozenset({"yes", "true", "t", "y"}), frozenset({"no", "false", "f", "n"})
# No leading zeros: 00042 and 01067 are codes, not amounts. More digits than a float holds are ids.
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d{0,14})(?:\.\d{0,20})?(?:[eE][+-]?\d{1,2})?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_DAY_AND_MONTH = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ T](\d\d:\d\d(?::\d\d)?))?")
_EARLIEST, _LATEST = date(1900, 1, 1), date(2200, 1, 1)


class Bad(ValueError):
    """A cell that does not fit; the message finishes the words "COLUMN ..."."""


class Exact(str):
    """A cell that a workbook itself holds as a date: ISO text, whatever order of days its text cells follow."""

    def strip(self, chars: str | None = None) -> "Exact":
        return self


class DateOrder(TextChoices):
    """How the file writes days: 2026-03-01, 01.03.2026 or 03/01/2026."""

    YMD = "ymd", "year, month, day"
    DMY = "dmy", "day, month, year"
    MDY = "mdy", "month, day, year"


class Kind(TextChoices):
    NUMBER = "number", "number"
    BOOLEAN = "boolean", "yes or no"
    DATE = "date", "date"
    TEXT = "text", "text"


def moment(cell: str, order: DateOrder) -> datetime:
    """A point in time; without a zone it is UTC."""
    found = None
    try:
        if order is DateOrder.YMD or isinstance(cell, Exact):
            found = datetime.fromisoformat(cell)
        elif parts := _DAY_AND_MONTH.fullmatch(cell):
            first, second, year, clock = parts.groups()
            day, month = (first, second) if order is DateOrder.DMY else (second, first)
            found = datetime.fromisoformat(f"{year}-{int(month):02}-{int(day):02}T{clock or '00:00'}")
    except ValueError:
        pass
    if found is None or not _EARLIEST <= found.date() <= _LATEST:
        hint = (
            "Write it as 2026-03-01" if order is not DateOrder.YMD or not _DAY_AND_MONTH.fullmatch(cell) else "Say the order with --dates dmy or mdy"
        )
        raise Bad(f"is no date. {hint}.")
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError as error:
        raise Bad("is no date.") from error


def day(cell: str, order: DateOrder) -> date:
    """The calendar day as it is written, whatever its zone."""
    if (order is DateOrder.YMD or isinstance(cell, Exact)) and len(cell) > 10 and _DATE.fullmatch(cell):
        cell = cell[:10]
    return moment(cell, order).date()


def is_number(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell))


def number(cell: str) -> float:
    if not _NUMBER.fullmatch(cell):
        raise Bad("is no number. Write it as 1234.5, without separators or units.")
    return float(cell)


def money(cell: str) -> Decimal:
    try:
        found = Decimal(cell) if _NUMBER.fullmatch(cell) else None
    except InvalidOperation:
        found = None
    if found is None:
        raise Bad("is no amount. Write it as 1234.50, without separators or currency.")
    if not 0 <= found < 10**11:
        raise Bad("is not between 0 and 100 billion.")
    return found.quantize(Decimal("0.01"))


def count(cell: str) -> int:
    found = number(cell)
    if found != int(found) or not 0 <= found < 2**31:
        raise Bad("is no whole number from 0 up.")
    return int(found)


def same_word(cell: str, wanted: str) -> bool:
    """Yes = yes, 1 = 1.0."""
    if cell.casefold() == wanted.casefold():
        return True
    return bool(_NUMBER.fullmatch(cell) and _NUMBER.fullmatch(wanted)) and float(cell) == float(wanted)


class ColumnKind:
    """Finds out what a whole column holds: it is a number, a date or yes/no only if every cell is."""

    def __init__(self) -> None:
        self._open = [Kind.NUMBER, Kind.BOOLEAN, Kind.DATE]
        self._seen = False

    def look(self, cell: str) -> None:
        if cell in BLANK or not self._open:
            return
        self._seen = True
        self._open = [kind for kind in self._open if _fits(cell, kind)]

    @property
    def kind(self) -> Kind:
        return self._open[0] if self._seen and self._open else Kind.TEXT


def _fits(cell: str, kind: Kind) -> bool:
    if kind is Kind.NUMBER:
        return bool(_NUMBER.fullmatch(cell))
    if kind is Kind.BOOLEAN:
        return cell.lower() in _YES or cell.lower() in _NO
    try:
        return bool(_DATE.fullmatch(cell)) and bool(moment(cell, DateOrder.YMD))
    except Bad:
        return False


def trait(cell: str, kind: Kind) -> str | float | int | bool:
    """The value that a trait of this kind is stored as; dates stay ISO text."""
    if kind is Kind.NUMBER:
        found = float(cell)
        return int(found) if found == int(found) and abs(found) < 2**53 else found
    if kind is Kind.BOOLEAN:
        return cell.lower() in _YES
    return cell


def not_later_than(found: datetime, now: datetime) -> None:
    """What is said to have happened cannot lie ahead; a day is allowed for clocks and zones."""
    if found > now + timedelta(days=1):
        raise Bad("lies in the future.")
