"""Conditions over facts: and, or, not, comparisons. Read strictly, judged with facts at hand, told in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from .fact_list import FACTS, RUN_FACTS, Fact

__all__ = ["FACTS", "RUN_FACTS", "Condition", "Fact", "compared", "facts_in", "holds", "in_words"]

Value = str | float | bool | None

_OPS = {
    "is": "is",
    "is_not": "is not",
    "at_least": "is at least",
    "at_most": "is at most",
    "over": "is over",
    "under": "is under",
    "one_of": "is one of",
    "has": "has",
    "known": "is known",
    "unknown": "is not known",
}
_NO_VALUE = ("known", "unknown")


class Condition(Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True, frozen=True):
    """Exactly one of: `all` (every part holds), `any` (one holds), `none` (none holds), or `fact` compared by `op` with `value`.

    A fact that is not known fulfils no comparison except `unknown` and `is_not`.
    """

    all: Annotated[list[Condition], Meta(min_length=1, max_length=30)] | None = None
    any: Annotated[list[Condition], Meta(min_length=1, max_length=30)] | None = None
    none: Annotated[list[Condition], Meta(min_length=1, max_length=30)] | None = None
    fact: str = ""
    op: str = "is"
    value: Value | Annotated[list[str | float], Meta(min_length=1, max_length=200)] = field(default=None)

    def __post_init__(self) -> None:
        given = [name for name in ("all", "any", "none") if getattr(self, name) is not None] + (["fact"] if self.fact else [])
        if len(given) != 1:
            raise ValueError(f"A condition says exactly one of all, any, none or fact, not {' and '.join(given) or 'nothing'}.")
        if not self.fact:
            return
        known = FACTS.get(self.fact) or RUN_FACTS.get(self.fact)
        if known is None:
            raise ValueError(f"There is no fact {self.fact!r}; use one of {', '.join([*FACTS, *RUN_FACTS])}.")
        if self.op not in _OPS:
            raise ValueError(f"There is no comparison {self.op!r}; use one of {', '.join(_OPS)}.")
        if problem := _misfit(known, self.op, self.value):
            raise ValueError(problem)


def _misfit(fact: Fact, op: str, value: Any) -> str:
    """Why this comparison says nothing, or nothing."""
    if op in _NO_VALUE:
        return "" if value is None else f"“{fact.name} {_OPS[op]}” takes no value."
    if op == "one_of":
        return "" if isinstance(value, list) else f"“{fact.name} is one of” needs a list."
    wanted: tuple[type, ...] = {"number": (int, float), "text": (str,), "yes_no": (bool,)}[fact.kind]
    if op in ("at_least", "at_most", "over", "under") and fact.kind != "number":
        return f"“{fact.name}” is no number; {op} cannot compare it."
    if op == "has" and fact.kind != "text":
        return f"“{fact.name}” is no text; has cannot look into it."
    if not isinstance(value, wanted) or (fact.kind == "number" and isinstance(value, bool)):
        return f"“{fact.name}” is compared with a {fact.kind.replace('_', '/')}, not with {value!r}."
    if fact.values and isinstance(value, str) and op != "has" and value not in fact.values:
        return f"“{fact.name}” is never {value!r}; use one of {', '.join(fact.values)}."
    return ""


def facts_in(condition: Condition | None) -> set[str]:
    """The facts a condition asks for."""
    if condition is None:
        return set()
    if condition.fact:
        return {condition.fact}
    return {fact for part in condition.all or condition.any or condition.none or [] for fact in facts_in(part)}


def holds(condition: Condition | None, facts: Mapping[str, Any]) -> bool:
    """Whether it holds for these facts; no condition holds for everybody."""
    if condition is None:
        return True
    if condition.all is not None:
        return all(holds(part, facts) for part in condition.all)
    if condition.any is not None:
        return any(holds(part, facts) for part in condition.any)
    if condition.none is not None:
        return not any(holds(part, facts) for part in condition.none)
    return compared(facts.get(condition.fact), condition.op, condition.value)


def compared(fact: Any, op: str, value: Any) -> bool:
    """One comparison; what is not known fulfils none but `unknown` and `is_not`."""
    if op == "unknown":
        return fact is None
    if op == "is_not":
        return bool(fact != value)
    if fact is None:
        return False
    match op:
        case "known":
            return True
        case "is":
            return bool(fact == value)
        case "at_least":
            return bool(fact >= value)
        case "at_most":
            return bool(fact <= value)
        case "over":
            return bool(fact > value)
        case "under":
            return bool(fact < value)
        case "one_of":
            return fact in value
        case _:
            return str(value).casefold() in str(fact).casefold()


def in_words(condition: Condition | None) -> str:
    """As a sentence reads it: “days without use is at least 14 and health band is poor”."""
    if condition is None:
        return "everybody"
    for joint, parts in ((" and ", condition.all), (" or ", condition.any)):
        if parts is not None:
            return joint.join(_inner(part) for part in parts)
    if condition.none is not None:
        return "not " + " and not ".join(_inner(part) for part in condition.none)
    fact = FACTS.get(condition.fact) or RUN_FACTS[condition.fact]
    value = condition.value
    told = ", ".join(map(_told, value)) if isinstance(value, list) else _told(value)
    unit = f" {fact.unit}" if fact.unit and not isinstance(value, list) and value is not None else ""
    return f"{fact.name} {_OPS[condition.op]} {told}{unit}".rstrip()


def _inner(part: Condition) -> str:
    words = in_words(part)
    return words if part.fact or len(part.all or part.any or part.none or []) == 1 else f"({words})"


def _told(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else str(value)
