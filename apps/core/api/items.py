"""What a program may say of one row: a msgspec struct, read strictly and fast enough for thousands in one call."""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from dataclasses import field as part
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, TypeVar

import msgspec
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from msgspec import UNSET, Meta

from .bodies import flaws

MAX_ITEMS = 5_000

Id = Annotated[str, Meta(min_length=1, max_length=120)]
Email = Annotated[str, Meta(max_length=254, extra_json_schema={"format": "email"})]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217.")]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Moment = Annotated[datetime, Meta(tz=True)]
Said = TypeVar("Said", bound="Item")

_NAMED = re.compile(r"^Object (?:contains unknown|missing required) field `(.*)`", re.S)
_PLACE = re.compile(r"\[(\d+|\.\.\.)\]")
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_MOST_MONEY = Decimal(10) ** 12


class Misfit(Exception):
    """A field and what is wrong with it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class Item(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A field that is not named leaves the row as it is."""

    # Fields that hold email addresses of customers; people of ours are looked up instead.
    emails: ClassVar[tuple[str, ...]] = ()

    def said(self) -> dict[str, Any]:
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not UNSET}

    def check(self) -> None:
        """What types cannot say. Raises Misfit."""
        for name, value in self.said().items():
            if isinstance(value, Decimal):
                _check_money(name, value)
            elif isinstance(value, date) and not _FIRST_YEAR <= value.year <= _LAST_YEAR:
                raise Misfit(name, f"The year is not between {_FIRST_YEAR} and {_LAST_YEAR}.")
            elif isinstance(value, datetime):
                # PostgreSQL reads offsets up to 16 hours only, ISO 8601 allows more.
                setattr(self, name, value.astimezone(UTC))
            elif name in self.emails and value:
                try:
                    validate_email(value)
                except ValidationError as error:
                    raise Misfit(name, "This is no email address.") from error


def _check_money(name: str, value: Decimal) -> None:
    if not value.is_finite() or abs(value) >= _MOST_MONEY:
        raise Misfit(name, "The amount is too large.")
    if value < 0:
        raise Misfit(name, "The amount is below zero.")
    if value != value.quantize(Decimal("0.01")):
        raise Misfit(name, "Amounts have at most two decimals.")


def read(kind: type[Said], raw: Any) -> Said:
    """Raises Misfit naming the field."""
    if flaw := next(flaws(raw), None):
        raise Misfit(flaw[0] or "body", flaw[1])
    try:
        item = msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise _named(str(error)) from error
    item.check()
    return item


def _named(words: str) -> Misfit:
    reason, _, path = words.partition(" - at `")
    inside = _PLACE.sub(r".\1", path.rstrip("`").removeprefix("$")).lstrip(".")
    if found := _NAMED.match(reason):
        reason = "There is no such field." if "unknown" in reason else "It is missing."
        inside = f"{inside}.{found[1]}".lstrip(".")
    return Misfit(inside[:80] or "body", reason if reason.endswith(".") else f"{reason}.")


@dataclass(frozen=True)
class Verdict:
    """What became of one item. `left` are facts of it that were not taken, though the rest was."""

    index: int
    status: str
    external_id: str = ""
    id: int | None = None
    field: str = ""
    reason: str = ""
    left: list[dict[str, str]] = part(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in ("", None, [])}


def refused(index: int, key: str, misfit: Misfit) -> Verdict:
    return Verdict(index, "refused", key, field=misfit.field, reason=misfit.reason)


def read_all(kind: type[Said], raws: list[Any]) -> tuple[list[tuple[int, Said]], list[Verdict]]:
    """The items that can be understood, with their places, and verdicts on the others."""
    good: list[tuple[int, Said]] = []
    bad: list[Verdict] = []
    for index, raw in enumerate(raws):
        try:
            good.append((index, read(kind, raw)))
        except Misfit as misfit:
            bad.append(refused(index, _key(raw), misfit))
    return good, bad


def _key(raw: Any) -> str:
    key = raw.get("external_id", raw.get("message_id", "")) if isinstance(raw, dict) else ""
    return "" if not isinstance(key, str) or next(flaws(key), None) else key[:120]


def schema_of(kind: type[Item]) -> dict[str, Any]:
    """The OpenAPI description of an item."""
    (described,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    name = described["$ref"].rsplit("/", 1)[1]
    found = dict(parts[name])
    found.pop("title", None)
    return _inline(found, parts)


def _inline(schema: Any, parts: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inline(parts[schema["$ref"].rsplit("/", 1)[1]], parts)
        return {name: _inline(inner, parts) for name, inner in schema.items() if name != "default" or inner is not None}
    return [_inline(inner, parts) for inner in schema] if isinstance(schema, list) else schema


def counts(verdicts: Iterator[Verdict] | list[Verdict]) -> dict[str, int]:
    found = dict.fromkeys(("created", "changed", "same", "refused"), 0)
    for verdict in verdicts:
        found[verdict.status] += 1
    return found
