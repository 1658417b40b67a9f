"""The orders a list of accounts can stand in: each walks one index by row value, so that the last page costs what the first does."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.functions import Coalesce, Lower

from apps.accounts.models import Account


@dataclass(frozen=True)
class Order:
    """`path` is what the rows are ordered by, `key` the account's id in the same table as `path`, so that one index holds both."""

    words: str
    path: str
    key: str
    read: Callable[[Any], Any]
    nullable: bool = False
    lower: bool = False
    # The way a first click goes: figures begin with the largest.
    falls: bool = True

    def value(self) -> F | Lower:
        return Lower(self.path) if self.lower else F(self.path)


def _amount(value: Any) -> Decimal:
    return Decimal(str(value))


ORDERS = {
    "stake": Order("ARR × risk", "risk__stake", "risk__account", float, nullable=True),
    "risk": Order("risk", "risk__probability", "risk__account", float, nullable=True),
    "health": Order("health", "health__score", "health__account", _amount, nullable=True, falls=False),
    "arr": Order("ARR", "arr", "id", _amount),
    "renewal": Order("renewal date", "renews_on", "id", lambda value: date.fromisoformat(str(value)), nullable=True, falls=False),
    "name": Order("name", "name", "id", str, lower=True, falls=False),
}
# The most to lose first.
DEFAULT = "-stake"


@dataclass(frozen=True)
class Place:
    """Where a block ended: behind this value and id; `rest` once the rows with a value are over and those without follow by id."""

    id: int = 0
    value: Any = None
    rest: bool = False

    def word(self) -> str:
        text = json.dumps([self.id, self.value, self.rest], default=str)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def read(cls, word: str, order: Order) -> "Place | None":
        """None for a word that no block gave out: then the list begins at its beginning."""
        try:
            key, value, rest = json.loads(base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)))
            return cls(id=int(key), value=None if rest else order.read(value), rest=bool(rest))
        except (ValueError, TypeError, InvalidOperation, binascii.Error):
            return None


class _Row(Func):
    """(a, b) as one value."""

    function = ""
    arg_joiner = ", "
    template = "(%(expressions)s)"


def walk(accounts: QuerySet[Account], sort: str, place: Place | None, *, few: bool = False) -> QuerySet[Account]:
    """The accounts that follow a place; those without a value follow when the others are over.

    `few`: so few fit that all of them are read and sorted, whatever the server thinks of it.
    """
    order, falls = ORDERS[sort.removeprefix("-")], sort.startswith("-")
    if place is not None and place.rest:
        return accounts.filter(**{f"{order.path}__isnull": True}, id__gt=place.id).order_by("id")
    if order.nullable:
        accounts = accounts.filter(**{f"{order.path}__isnull": False})
    if place is not None:
        # As a row value the comparison walks the index; spelled out with OR it would read the table.
        behind = Lower(Value(place.value)) if order.lower else Value(place.value)
        here, there = _Row(order.value(), F(order.key)), _Row(behind, Value(place.id))
        accounts = accounts.filter(Func(here, there, template="%(expressions)s", arg_joiner=" < " if falls else " > ", output_field=BooleanField()))
    # No index holds the value in such a shape.
    value, key = Coalesce(order.value(), order.value()) if few else order.value(), F(order.key)
    return accounts.order_by(value.desc() if falls else value.asc(), key.desc() if falls else key.asc())


def place_of(account: Any, sort: str) -> Place:
    """Where the list goes on behind this account."""
    order = ORDERS[sort.removeprefix("-")]
    value = account
    for name in order.path.split("__"):
        value = getattr(value, name)
    return Place(id=account.pk, value=value)
