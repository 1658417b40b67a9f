"""From what was posted to the rule it says; what is no number stays a word, for the check to name."""

import json
from typing import Any

from ..play_form.reading import Tree, number, rows, typed
from .fields import GUESSED, KEPT, LEAVES, STAYS, YES_NO, field_kind, specs

ROOTS = ("rule", "leaves", "stays")
JOINTS = ("all", "any", "none")
EVERYBODY = {"kind": "everybody"}


def said(nested: Tree) -> dict[str, Any]:
    """The rule of a tree (without a line it is everybody), what they leave by where that is another one, and how long they stay."""
    rule, leaves = group(nested.get("rule")), group(nested.get("leaves"))
    return {"rule": EVERYBODY if rule is None else rule, "leaves": leaves, **{"stay_days": 0, **typed(nested.get("stays"), STAYS)}}


def group(row: Any, *, nested: bool = False) -> Any:
    """A group of lines; lines without a kind are no lines, one line alone is itself. A nested group stays one, that it can be filled."""
    if not isinstance(row, dict):
        return None
    parts = [part for one in rows(row.get("rows")) if (part := _part(one)) is not None]
    joint = row.get("joint") if row.get("joint") in JOINTS else "all"
    if nested:
        return {joint: parts}
    if not parts:
        return None
    return parts[0] if len(parts) == 1 and joint != "none" and "kind" in parts[0] else {joint: parts}


def _part(row: Tree) -> Any:
    if "raw" in row:
        try:
            return json.loads(row["raw"])
        except (ValueError, RecursionError):
            return None
    if "rows" in row:
        return group(row, nested=True)
    kind = str(row.get("kind") or "")
    return leaf(kind, row) if kind else None


def leaf(kind: str, row: Tree) -> dict[str, Any]:
    """A line with what its inputs say; what stands at its default, or is not asked for as the line stands, is left out."""
    if kind not in LEAVES:
        return {"kind": kind}
    said = {name: value for name, value in typed(row, LEAVES[kind]).items() if value not in ("", None)}
    asked = {spec.name for spec in specs({"kind": kind, **said})}
    made = {name: _value(kind, name, value, said) for name, value in said.items() if name in asked}
    made |= {name: str(row.get(name) or "") for name in KEPT.get(kind, ())}
    return {"kind": kind, **made}


def _value(kind: str, name: str, value: Any, said: Tree) -> Any:
    if name in YES_NO.get(kind, ()):
        return {"yes": True, "no": False}.get(value, value)
    if name != "value" or not isinstance(value, str):
        return value
    if kind == "field":
        if said.get("op") == "one_of":
            return [number(one) if field_kind({"kind": kind, **said}) == "number" else one for one in _parts(value)]
        return number(value) if field_kind({"kind": kind, **said}) == "number" else value
    return _guessed(value, str(said.get("op", ""))) if name in GUESSED.get(kind, ()) else value


def _guessed(words: str, op: str) -> Any:
    """A value as what it looks like: several with commas, a number, yes or no, words."""
    if op == "one_of":
        return [number(one) for one in _parts(words)]
    yes_no = {"yes": True, "true": True, "no": False, "false": False}.get(words.lower())
    return words if op == "has" else number(words) if yes_no is None else yes_no


def _parts(words: str) -> list[str]:
    return [part.strip() for part in words.split(",") if part.strip()]
