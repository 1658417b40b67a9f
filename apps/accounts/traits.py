"""The register of traits: what sources say beyond our own fields, each with one type that its values keep to."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .models import Field
from .types import FieldKind, Left

if TYPE_CHECKING:
    from .gate import Row

# Names made of data (one trait per order number) would fill the register without end.
MOST = 1_000
_LONGEST_NAME = 150
_NUMBER = re.compile(r"[+-]?(?:0|[1-9]\d{0,14})(?:\.\d{0,20})?(?:[eE][+-]?\d{1,2})?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_WORDS = {"true": True, "yes": True, "false": False, "no": False}
_IN_WORDS = {FieldKind.NUMBER: "a number", FieldKind.BOOLEAN: "yes or no", FieldKind.DATE: "a date", FieldKind.TEXT: "text"}


class Misfit(ValueError):
    """A value that its trait's registered type cannot hold."""


def fitted(name: str, rows: "Sequence[Row]", *, source: str, kinds: Mapping[str, FieldKind], register: bool = True) -> "tuple[list[Row], list[Left]]":
    """The rows with every trait in its registered type, and what did not fit. New traits are registered: as `kinds` says, else as they look."""
    seen: dict[str, list[Any]] = {}
    for row in rows:
        for trait, value in row.traits.items():
            if value is not None:
                seen.setdefault(trait, []).append(value)
    if not seen:
        return [replace(row, traits={}) if row.traits else row for row in rows], []
    known = _registered(name, seen)
    fresh = {trait: kinds.get(trait) or looks_like(values) for trait, values in seen.items() if trait not in known and len(trait) <= _LONGEST_NAME}
    if fresh:
        room = MOST - Field.objects.filter(name__startswith=f"{name}.traits.").count()
        fresh = dict(list(fresh.items())[: max(room, 0)])
        if register:
            made = [Field(name=f"{name}.traits.{trait}", kind=kind, first_source=source) for trait, kind in sorted(fresh.items())]
            Field.objects.bulk_create(made, ignore_conflicts=True)
            known = _registered(name, seen)
        else:
            known |= fresh
    left: list[Left] = []
    return [_fit_row(row, known, left) for row in rows], left


def _registered(name: str, traits: Iterable[str]) -> dict[str, FieldKind]:
    prefix = f"{name}.traits."
    rows = Field.objects.filter(name__in=[prefix + trait for trait in traits]).values_list("name", "kind")
    return {found.removeprefix(prefix): FieldKind(kind) for found, kind in rows}


def _fit_row(row: "Row", known: Mapping[str, FieldKind], left: list[Left]) -> "Row":
    fit: dict[str, Any] = {}
    for trait, value in row.traits.items():
        if value is None:
            continue
        if trait not in known:
            reason = "Its name is too long." if len(trait) > _LONGEST_NAME else f"There are {MOST} traits already. Register it in the admin first."
            left.append(Left(row.key, f"traits.{trait[:_LONGEST_NAME]}", reason))
            continue
        try:
            fit[trait] = coerced(value, known[trait])
        except Misfit as misfit:
            left.append(Left(row.key, f"traits.{trait}", str(misfit)))
    return replace(row, traits=fit)


def looks_like(values: Sequence[Any]) -> FieldKind:
    """The one type that holds all these values."""
    if any(isinstance(value, list | dict) for value in values):
        return FieldKind.OTHER
    if all(isinstance(value, bool) for value in values):
        return FieldKind.BOOLEAN
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return FieldKind.NUMBER
    if all(isinstance(value, str) and _DATE.fullmatch(value) for value in values):
        return FieldKind.DATE
    return FieldKind.TEXT


def coerced(value: Any, kind: FieldKind) -> Any:
    """The value as its type stores it: "42" in a number is 42, 42 in a text is "42". Raises Misfit."""
    found = _coerce(value, kind)
    if found is None:
        raise Misfit(f"It is registered as {_IN_WORDS[kind]}, and {str(value)[:40]!r} is none. It was left out.")
    return found


def _coerce(value: Any, kind: FieldKind) -> Any:
    if kind is FieldKind.OTHER:
        return value
    if isinstance(value, list | dict):
        return None
    if kind is FieldKind.TEXT:
        return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    if kind is FieldKind.BOOLEAN:
        return value if isinstance(value, bool) else _WORDS.get(str(value).lower())
    if kind is FieldKind.DATE:
        return value if isinstance(value, str) and _DATE.fullmatch(value) and _is_date(value) else None
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        number = float(value)
        return int(number) if number == int(number) and abs(number) < 2**53 else number
    if isinstance(value, bool) or not isinstance(value, int | float) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


def _is_date(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
