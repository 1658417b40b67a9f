"""What a column may hold, and how its cells are read. A reader raises Bad with words that finish the sentence "COLUMN ..."."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.db.models import TextChoices
from django.db.models.functions import Lower

from apps.accounts.formulas import is_formula, unguard
from apps.accounts.models import User

from . import values
from .columns import plain
from .values import Bad, DateOrder


@dataclass
class Ground:
    """What the readers of one file stand on."""

    now: datetime
    dates: DateOrder
    owners: dict[str, int] = field(default_factory=dict)
    zones: set[str] = field(default_factory=available_timezones)

    def __post_init__(self) -> None:
        self.owners = {email: key for key, email in User.objects.annotate(address=Lower("email")).values_list("pk", "address")}


Reader = Callable[[str, Ground], Any]


@dataclass(frozen=True)
class Field:
    """A column of ours: the names (letters and digits only) by which it is recognised, the likeliest first, and what it holds, in words."""

    names: tuple[str, ...]
    read: Reader
    words: str
    required: bool = False


def text(longest: int, *, plain_text: bool = False) -> Reader:
    """`plain_text` refuses what looks like a formula; an apostrophe in front says that it is none."""

    def read(cell: str, ground: Ground) -> str:
        if plain_text and is_formula(cell):
            raise Bad("looks like a formula. Write the plain text.")
        cell = unguard(cell)
        if len(cell) > longest:
            raise Bad(f"is longer than {longest} characters.")
        return cell

    return read


def day(cell: str, ground: Ground) -> Any:
    return values.day(cell, ground.dates)


def past_day(hint: str = "") -> Reader:
    def read(cell: str, ground: Ground) -> Any:
        found = values.day(cell, ground.dates)
        if found > ground.now.date():
            raise Bad(f"lies in the future.{hint}")
        return found

    return read


def moment(cell: str, ground: Ground) -> datetime:
    return values.moment(cell, ground.dates)


def past_moment(cell: str, ground: Ground) -> datetime:
    found = values.moment(cell, ground.dates)
    values.not_later_than(found, ground.now)
    return found


def money(cell: str, ground: Ground) -> Any:
    return values.money(cell)


def count(cell: str, ground: Ground) -> int:
    return values.count(cell)


def whole(low: int, high: int) -> Reader:
    def read(cell: str, ground: Ground) -> int:
        found = values.number(cell)
        if found != int(found) or not low <= found <= high:
            raise Bad(f"is no whole number from {low} to {high}.")
        return int(found)

    return read


def currency(cell: str, ground: Ground) -> str:
    if len(cell) != 3 or not cell.isascii() or not cell.isalpha():
        raise Bad("is no currency code such as USD.")
    return cell.upper()


def zone(cell: str, ground: Ground) -> str:
    if cell not in ground.zones:
        raise Bad("is no time zone such as Europe/Berlin.")
    return cell


def staff(cell: str, ground: Ground) -> int:
    if cell.lower() not in ground.owners:
        raise Bad("is nobody's email address on the staff. Add the person first.")
    return ground.owners[cell.lower()]


def email(cell: str, ground: Ground) -> str:
    cell = unguard(cell)
    name, at, domain = cell.rpartition("@")
    if len(cell) > 254 or not at or not name or "." not in domain.strip(".") or any(sign.isspace() or sign in "<>,;\"'" for sign in cell):
        raise Bad("is no email address.")
    return cell


def choice(of: type[TextChoices], also: Mapping[str, TextChoices] | None = None) -> Reader:
    """One of our words, or what other systems call it (letters and digits only)."""
    known: dict[str, str] = {plain(name): str(value) for value, label in of.choices for name in (value, label)}
    known |= {name: str(value) for name, value in (also or {}).items()}

    def read(cell: str, ground: Ground) -> str:
        if plain(cell) not in known:
            raise Bad(f"is none of: {', '.join(of.values)}.")
        return known[plain(cell)]

    return read
