"""From what was posted to the definition it says; what is no number stays a word, for the check to name."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.http import QueryDict

from apps.events import vocabulary
from apps.interventions import services as interventions

from .fields import BUDGET, ENTRY, GOALS, LIMITS, STEPS, TRIGGERS, WINDOW, Spec

_ROOTS = ("trigger", "audience", "entry", "steps", "goal", "limits", "budget")
_NAME = r"(?:{})(?:\.[a-z0-9_]{{1,40}}){{1,10}}"
_DEEPEST = 12
UNITS = {"minutes": 1, "hours": 60, "days": 1_440}
Tree = dict[str, Any]


def tree(posted: QueryDict, roots: Iterable[str] = _ROOTS, many: Collection[str] = ("channels",)) -> Tree:
    """The posted words nested by the dots of their names; `many`: last names of what may be ticked several times."""
    nested: Tree = {}
    named = re.compile(_NAME.format("|".join(roots)))
    for name in posted:
        if not named.fullmatch(name):
            continue
        *way, last = name.split(".")
        at: Any = nested
        for step in way[:_DEEPEST]:
            at = at.setdefault(step, {})
            if not isinstance(at, dict):
                break
        if isinstance(at, dict):
            at[last] = posted.getlist(name) if last in many else posted[name]
    return nested


def rows(found: Any) -> list[Tree]:
    """The parts of a list in the order of their places."""
    if not isinstance(found, dict):
        return []
    return [found[key] for key in sorted((key for key in found if key.isdigit()), key=int) if isinstance(found[key], dict)]


def said(nested: Tree) -> dict[str, Any]:
    """The definition of a tree, without what stands at its default."""
    made: dict[str, Any] = {"trigger": _trigger(nested.get("trigger"))}
    if (audience := condition(nested.get("audience"))) is not None:
        made["audience"] = audience
    if entry := typed(nested.get("entry"), ENTRY):
        made["entry"] = entry
    made["steps"] = [_step(one) for one in rows(nested.get("steps"))]
    made["goal"] = _goal(nested.get("goal"))
    made |= typed(nested.get("limits"), LIMITS)
    if budget := typed(nested.get("budget"), BUDGET):
        made["budget"] = budget
    return made


def _trigger(row: Any) -> dict[str, Any]:
    row = row if isinstance(row, dict) else {}
    kind = str(row.get("kind") or "manual")
    made = {"kind": kind, **typed(row, TRIGGERS.get(kind, ()))}
    if kind == "event":
        made.setdefault("event", "risk.raised")
        if when := event_facts(made["event"], row.get("when")):
            made["when"] = when
    return made


def event_facts(event: str, told: Any) -> dict[str, Any]:
    """What an event has to say, where something was typed."""
    given = told if isinstance(told, dict) else {}
    return {name: _fact(event, name, value.strip()) for name, value in given.items() if isinstance(value, str) and value.strip()}


def _fact(event: str, name: str, words: str) -> Any:
    """A value that an event's fact is compared with, in the type that the vocabulary gives it; several with commas."""
    kind = vocabulary.ALL[event].__annotations__.get(name, str) if event in vocabulary.ALL else str
    if kind in (float, int, "float", "int"):
        return number(words)
    if kind in (bool, "bool"):
        return _yes_no(words)
    parts = [part.strip() for part in words.split(",") if part.strip()]
    return parts if len(parts) > 1 else words


def _step(row: Tree) -> dict[str, Any]:
    kind = str(row.get("kind") or "")
    made: dict[str, Any] = {"kind": kind, "id": str(row.get("id") or "").strip(), **typed(row, STEPS.get(kind, ()))}
    if kind == "wait_for":
        activity = str(made.pop("activity", "")).strip()
        made["event"] = f"activity:{activity}" if made.get("event") == "activity" else made.get("event", "reply")
    elif kind == "update":
        as_kind = made.pop("value_as", "text")
        words = str(made.get("value", ""))
        made["value"] = number(words) if as_kind == "number" else _yes_no(words) if as_kind == "yes_no" else words
    elif kind == "split":
        made["ways"] = _ways(str(row.get("ways") or ""))
    elif kind == "branch":
        made["cases"] = [case for one in rows(row.get("cases")) if (case := _case(one))]
    elif kind == "message":
        made.setdefault("channel", "auto")
        if made["channel"] != "auto":
            made.pop("channels", None)
    return made


def _ways(lines: str) -> list[dict[str, Any]]:
    """“call, 2, step-3” a line: a name, and where they are said a weight and a step."""
    found = []
    for line in filter(str.strip, lines.splitlines()):
        name, weight, go = [*(part.strip() for part in line.split(",", 2)), "", ""][:3]
        found.append({"name": name, **({"weight": number(weight)} if weight else {}), **({"go": go} if go else {})})
    return found


def _case(row: Tree) -> dict[str, Any]:
    when, go = condition(row.get("when")), str(row.get("go") or "")
    if when is None and not go:
        return {}
    return {**({"when": when} if when is not None else {}), "go": go}


def _goal(row: Any) -> dict[str, Any]:
    row = row if isinstance(row, dict) else {}
    kind = str(row.get("kind") or "recovers")
    reached = {"kind": kind, **typed(row, GOALS.get(kind, ()))}
    if kind == "condition" and (when := condition(row.get("when"))) is not None:
        reached["when"] = when
    return {"reached": reached, **typed(row, (WINDOW,))}


def condition(row: Any, *, nested: bool = False) -> Any:
    """A group of rows as a condition; rows without a fact are no rows, one row alone is itself. A nested group stays one, that it can be filled."""
    if not isinstance(row, dict):
        return None
    parts = [part for one in rows(row.get("rows")) if (part := _part(one)) is not None]
    joint = row.get("joint") if row.get("joint") in ("all", "any", "none") else "all"
    if not parts:
        return None
    alone = len(parts) == 1 and joint != "none" and "fact" in parts[0] and not nested
    return parts[0] if alone else {joint: parts}


def _part(row: Tree) -> Any:
    if "raw" in row:
        try:
            return json.loads(row["raw"])
        except (ValueError, RecursionError):
            return None
    if "rows" in row:
        return condition(row, nested=True)
    name = str(row.get("fact") or "")
    if not name:
        return None
    op = str(row.get("op") or "is")
    made: dict[str, Any] = {"fact": name}
    if op != "is":
        made["op"] = op
    words = str(row.get("value") or "").strip()
    if op in ("known", "unknown"):
        return made
    known = interventions.conditions.FACTS.get(name) or interventions.conditions.RUN_FACTS.get(name)
    kind = known.kind if known else "text"
    if op == "one_of":
        parts = [part.strip() for part in words.split(",") if part.strip()]
        return {**made, "value": [number(part) if kind == "number" else part for part in parts]}
    return {**made, "value": number(words) if kind == "number" else _yes_no(words) if kind == "yes_no" else words}


def typed(row: Any, specs: Iterable[Spec]) -> dict[str, Any]:
    """The typed values of a part, without those at their default."""
    found = {}
    for spec in specs:
        value = _value(row if isinstance(row, dict) else {}, spec)
        if value is not None and value != spec.default:
            found[spec.name] = value
    return found


def _value(row: Mapping[str, Any], spec: Spec) -> Any:
    given = row.get(spec.name)
    if spec.kind == "tick":
        # A box that was not shown says nothing; one that was shown and is not ticked says no.
        return spec.default if f"{spec.name}_shown" not in row else given == "yes"
    if spec.kind == "many":
        return [value for value in given or [] if value] or None
    if given is None:
        return None
    words = str(given).strip()
    if spec.kind in ("number", "whole"):
        return number(words) if words else spec.default
    if spec.kind == "length":
        return _length(words, str(row.get(f"{spec.name}_unit") or "minutes"), spec) if words else spec.default
    return words


def _length(words: str, unit: str, spec: Spec) -> Any:
    found = number(words)
    if isinstance(found, str):
        return found
    value = found * UNITS.get(unit, 1) / spec.unit
    return int(value) if value == int(value) else round(value, 6)


def number(words: str) -> Any:
    try:
        value = float(words.replace("−", "-").replace(",", "."))
    except ValueError:
        return words
    if not abs(value) < 1e15:
        return words
    return int(value) if value == int(value) else value


def _yes_no(words: str) -> Any:
    return {"yes": True, "true": True, "no": False, "false": False}.get(words.lower(), words)
