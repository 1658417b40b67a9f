"""Rules of segments: read strictly from plain data, every flaw at its place, and told in words. docs/segments.md describes the language."""

import math
from collections.abc import Iterator
from typing import Any

import msgspec

from apps.core import definitions

from .grammar import KINDS, AnyLeaf, In, Leaf, Node, Rule
from .sentences import in_words

__all__ = ["Flaws", "Leaf", "Node", "Rule", "in_words", "leaves", "placed", "plain", "read", "refers_to"]

MOST_LEAVES, DEEPEST = 60, 8


class Flaws(definitions.Flaws):
    kind = "segment"


def read(said: Any) -> Rule:
    """The rule that plain data say, or `Flaws` with all that is wrong with it, by place."""
    flaws: list[tuple[str, str]] = []
    rule = _read(said, "", 0, flaws)
    if rule is not None and not flaws and (count := sum(1 for _ in leaves(rule))) > MOST_LEAVES:
        flaws.append(("", f"A rule has at most {MOST_LEAVES} conditions, this one has {count}; let segments refer to each other."))
    if flaws:
        raise Flaws(flaws)
    assert rule is not None
    return rule


def _read(said: Any, place: str, depth: int, flaws: list[tuple[str, str]]) -> Rule | None:
    if not isinstance(said, dict):
        flaws.append((place, "A rule is an object: all, any or none with a list of rules, or a condition with its kind."))
        return None
    if depth > DEEPEST:
        flaws.append((place, f"Rules stand at most {DEEPEST} deep in each other."))
        return None
    joints = [name for name in ("all", "any", "none") if name in said]
    if not joints:
        return _leaf(said, place, flaws)
    if len(said) != 1:
        flaws.append((place, f"A rule says exactly one of all, any, none or kind, not {' and '.join(map(str, said))}."))
        return None
    joint, parts = joints[0], said[joints[0]]
    here = f"{place}.{joint}" if place else joint
    if not isinstance(parts, list) or not 1 <= len(parts) <= MOST_LEAVES:
        flaws.append((here, f"It needs a list of 1 to {MOST_LEAVES} rules."))
        return None
    found = [_read(part, f"{here}[{number}]", depth + 1, flaws) for number, part in enumerate(parts)]
    if any(part is None for part in found):
        return None
    return Node(joint, tuple(part for part in found if part is not None))  # type: ignore[arg-type]


def _leaf(said: dict[str, Any], place: str, flaws: list[tuple[str, str]]) -> Leaf | None:
    dot = "." if place else ""
    if not isinstance(said.get("kind"), str) or said["kind"] not in KINDS:
        flaws.append((f"{place}{dot}kind", f"There is no condition {said.get('kind')!r}; use one of {', '.join(KINDS)}."))
        return None
    if unfit := _unfit(said):
        flaws.append((f"{place}{dot}{unfit}", "It holds a character that cannot be stored."))
        return None
    try:
        return msgspec.convert(said, AnyLeaf)
    except (msgspec.ValidationError, ValueError) as error:
        flaws.append(definitions.flaw_of(error, place))
        return None


def _unfit(said: dict[str, Any]) -> str:
    """The name under which a text stands that no database takes, or a number that is none."""
    for name, value in said.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and ("\x00" in one or any(0xD800 <= ord(sign) <= 0xDFFF for sign in one)):
                return str(name)
            if isinstance(one, float) and not math.isfinite(one):
                return str(name)
    return ""


def plain(rule: Rule) -> dict[str, Any]:
    """The rule as plain data again."""
    if isinstance(rule, Node):
        return {rule.joint: [plain(part) for part in rule.parts]}
    return dict(msgspec.to_builtins(rule))


def leaves(rule: Rule) -> Iterator[Leaf]:
    if isinstance(rule, Node):
        for part in rule.parts:
            yield from leaves(part)
    else:
        yield rule


def placed(rule: Rule, place: str = "") -> Iterator[tuple[str, Leaf]]:
    """The leaves with their places."""
    if isinstance(rule, Node):
        for number, part in enumerate(rule.parts):
            yield from placed(part, f"{place}{'.' if place else ''}{rule.joint}[{number}]")
    else:
        yield place, rule


def refers_to(*rules: Rule | None) -> set[str]:
    """Keys of the segments that it looks at."""
    return {leaf.segment for rule in rules if rule is not None for leaf in leaves(rule) if isinstance(leaf, In)}
