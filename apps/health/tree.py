"""A health model as a tree: dimension -> measure -> rule. Pure: read from JSON, checked with the field named, written back the same."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from .registry import BY_KEY
from .types import By, WhenMissing, Whom

_WHOLE = 100


class BadTree(ValueError):
    """A tree that cannot score: `field` says where (`dimensions.0.measures.2.weight`), `message` what is wrong and what is expected."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field, self.message = field, message


@dataclass(frozen=True)
class Condition:
    """Accounts whose column says so."""

    field: str
    value: str

    def holds(self, account: Mapping[str, Any]) -> bool:
        return str(account.get(self.field) or "").casefold() == self.value.casefold()


@dataclass(frozen=True)
class Tiers:
    """From `starts[i]` on a value gives `points[i]`; the first tier starts nowhere. Points are hundredths of the 100."""

    starts: tuple[Decimal, ...]
    points: tuple[int, ...]

    def hit(self, value: Any) -> int:
        return bisect_right(self.starts, value)


@dataclass(frozen=True)
class Rule:
    """How a measure becomes points: one row of tiers, or rows that depend on tenure or days to the renewal. No tiers: the value is the points."""

    by: str
    starts: tuple[int, ...]
    rows: tuple[Tiers | None, ...]

    def row(self, age: int | None) -> int:
        """Which row speaks; where the age is not known, the first."""
        return bisect_right(self.starts, age) if age is not None else 0


@dataclass(frozen=True)
class Measured:
    """A measure in its dimension."""

    source: str
    weight: int
    missing: str
    audience: Condition | None
    rule: Rule


@dataclass(frozen=True)
class Dimension:
    key: str
    name: str
    weight: int
    measures: tuple[Measured, ...]


@dataclass(frozen=True)
class Tree:
    """Weights are whole numbers that sum to 100 on each level."""

    dimensions: tuple[Dimension, ...]

    @property
    def measures(self) -> tuple[Measured, ...]:
        return tuple(measure for dimension in self.dimensions for measure in dimension.measures)

    def measure(self, source: str) -> Measured | None:
        return next((measure for measure in self.measures if measure.source == source), None)


def read(data: Any) -> Tree:
    """The tree that this JSON describes; raises BadTree for the first thing that is wrong."""
    found = _mapping(data, "")
    dimensions = tuple(_dimension(one, f"dimensions.{place}") for place, one in enumerate(_list(found.get("dimensions"), "dimensions")))
    if not dimensions:
        raise BadTree("dimensions", "A model needs at least one dimension.")
    _unique([dimension.key for dimension in dimensions], "dimensions", "key")
    _unique([measure.source for dimension in dimensions for measure in dimension.measures], "dimensions", "source")
    _whole([dimension.weight for dimension in dimensions], "dimensions", "The weights of the dimensions")
    for place, dimension in enumerate(dimensions):
        _whole([measure.weight for measure in dimension.measures], f"dimensions.{place}.measures", f"The weights within “{dimension.name}”")
    return Tree(dimensions)


def problem_with(data: Any) -> BadTree | None:
    try:
        read(data)
    except BadTree as problem:
        return problem
    return None


def _dimension(data: Any, field: str) -> Dimension:
    found = _mapping(data, field)
    name = str(found.get("name") or "").strip()
    key = str(found.get("key") or "").strip()
    if not key.isidentifier() or len(key) > 40:
        raise BadTree(f"{field}.key", f"{key!r} is no key. Use up to 40 letters, digits and underscores.")
    if not name or len(name) > 80:
        raise BadTree(f"{field}.name", "A dimension needs a name of up to 80 characters.")
    measures = tuple(_measured(one, f"{field}.measures.{place}") for place, one in enumerate(_list(found.get("measures"), f"{field}.measures")))
    if not measures:
        raise BadTree(f"{field}.measures", f"“{name}” needs at least one measure.")
    return Dimension(key, name, _weight(found.get("weight"), f"{field}.weight"), measures)


def _measured(data: Any, field: str) -> Measured:
    found = _mapping(data, field)
    source = str(found.get("source") or "")
    if source not in BY_KEY:
        raise BadTree(f"{field}.source", f"There is no measure {source!r}. There are: {', '.join(sorted(BY_KEY))}.")
    missing = str(found.get("missing") or WhenMissing.REDISTRIBUTE)
    if missing not in WhenMissing.values:
        raise BadTree(f"{field}.missing", f"{missing!r} is no way to treat what is missing. Choose one of: {', '.join(WhenMissing.values)}.")
    return Measured(
        source, _weight(found.get("weight"), f"{field}.weight"), missing, condition(found.get("audience"), f"{field}.audience"), _rule(found, field)
    )


def condition(data: Any, field: str) -> Condition | None:
    if not data:
        return None
    found = _mapping(data, field)
    column, value = str(found.get("field") or ""), str(found.get("value") or "").strip()
    if column not in Whom.values:
        raise BadTree(f"{field}.field", f"{column!r} is no column to choose by. Choose one of: {', '.join(Whom.values)}.")
    if not value or len(value) > 120:
        raise BadTree(f"{field}.value", f"Say which {column}: up to 120 characters.")
    return Condition(column, value)


def _rule(found: Mapping[str, Any], field: str) -> Rule:
    by = str(found.get("by") or "")
    if by and by not in By.values:
        raise BadTree(f"{field}.by", f"{by!r} is nothing that tiers can depend on. Choose one of: {', '.join(By.values)}, or nothing.")
    rows = _list(found.get("table"), f"{field}.table")
    if not rows:
        raise BadTree(f"{field}.table", "A rule needs at least one row of tiers.")
    if len(rows) > 1 and not by:
        raise BadTree(f"{field}.by", "Several rows of tiers need something to depend on: tenure or renewal.")
    starts = []
    for place, row in enumerate(rows):
        start = _mapping(row, f"{field}.table.{place}").get("from")
        if place == 0 and start is not None:
            raise BadTree(f"{field}.table.0.from", "The first row begins nowhere: leave its first day empty.")
        if place:
            starts.append(_number(start, f"{field}.table.{place}.from"))
            if starts[-1] != int(starts[-1]):
                raise BadTree(f"{field}.table.{place}.from", "Days are whole numbers.")
    _rising(starts, f"{field}.table")
    direct = BY_KEY[str(found["source"])].direct
    tiers = tuple(_tiers(row.get("tiers"), f"{field}.table.{place}.tiers", direct=direct) for place, row in enumerate(rows))
    return Rule(by, tuple(int(start) for start in starts), tiers)


def _tiers(data: Any, field: str, *, direct: bool) -> Tiers | None:
    rows = _list(data or [], field)
    if not rows:
        if direct:
            return None
        raise BadTree(field, "This measure needs tiers: from which value on it gives how many points.")
    starts, points = [], []
    for place, row in enumerate(rows):
        found = _mapping(row, f"{field}.{place}")
        if place == 0 and found.get("from") is not None:
            raise BadTree(f"{field}.0.from", "The first tier begins nowhere: leave its first value empty.")
        if place:
            starts.append(_number(found.get("from"), f"{field}.{place}.from"))
        given = _number(found.get("points"), f"{field}.{place}.points")
        if not 0 <= given <= _WHOLE or given * 100 != int(given * 100):
            raise BadTree(f"{field}.{place}.points", f"Points run from 0 to 100, with at most two decimals; {given} does not.")
        points.append(int(given * 100))
    _rising(starts, field)
    return Tiers(tuple(starts), tuple(points))


def _mapping(data: Any, field: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise BadTree(field, "Expected an object.")
    return data


def _list(data: Any, field: str) -> Sequence[Any]:
    if not isinstance(data, list):
        raise BadTree(field, "Expected a list.")
    if len(data) > 60:
        raise BadTree(field, "At most 60 entries.")
    return data


def _number(data: Any, field: str) -> Decimal:
    try:
        if isinstance(data, bool) or data is None:
            raise InvalidOperation
        number = Decimal(str(data))
    except InvalidOperation:
        raise BadTree(field, f"{data!r} is no number.") from None
    if not number.is_finite() or abs(number) > 10**9:
        raise BadTree(field, f"{data!r} is no number between -1,000,000,000 and 1,000,000,000.")
    return number


def _weight(data: Any, field: str) -> int:
    number = _number(data, field)
    if number != int(number) or not 1 <= number <= _WHOLE:
        raise BadTree(field, f"A weight is a whole number from 1 to 100; {data!r} is not.")
    return int(number)


def _whole(weights: Sequence[int], field: str, what: str) -> None:
    if sum(weights) != _WHOLE:
        raise BadTree(field, f"{what} sum to {sum(weights)} instead of 100.")


def _rising(starts: Sequence[Decimal], field: str) -> None:
    for place, (before, after) in enumerate(zip(starts, starts[1:], strict=False), 2):
        if after <= before:
            raise BadTree(f"{field}.{place}.from", f"{after} must lie above {before}, where the one before begins.")


def _unique(keys: Sequence[str], field: str, what: str) -> None:
    twice = sorted({key for key in keys if list(keys).count(key) > 1})
    if twice:
        raise BadTree(field, f"The {what} {twice[0]!r} stands twice.")
