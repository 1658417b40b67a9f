"""From what was posted to the definition it says; what is no number stays a word, for the check to name."""

import json
import re
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

Tree = dict[str, Any]
_ROOTS = ("words", "criteria", "audience", "variants", "days")
_NAME = re.compile(rf"({'|'.join(_ROOTS)})(\.[A-Za-z0-9_-]{{1,40}}){{1,8}}")
JOINTS = ("all", "any")
# What a definition that does not say them means.
DAYS = {"behind": 14, "stuck": 28}
KINDS = ("count", "sum", "milestone", "trait", "metric")


def tree(posted: QueryDict) -> Tree:
    """The posted words nested by the dots of their names."""
    nested: Tree = {}
    for name in posted:
        if not _NAME.fullmatch(name):
            continue
        *way, last = name.split(".")
        at: Any = nested
        for step in way:
            at = at.setdefault(step, {})
            if not isinstance(at, dict):
                break
        if isinstance(at, dict):
            at[last] = str(posted[name]).replace("\x00", "")
    return nested


def rows(found: Any) -> list[Tree]:
    """The parts of a list in the order of their places."""
    if not isinstance(found, dict):
        return []
    return [found[key] for key in sorted((key for key in found if key.isdigit()), key=int) if isinstance(found[key], dict)]


def said(nested: Tree, *, value: str, needs: list[str], visible: bool, manual: bool, proof: str) -> dict[str, Any]:
    """The definition of a tree, without what stands at its default."""
    made: dict[str, Any] = {"words": _words(nested.get("words")), "value": value}
    made["criteria"] = {"manual": {"proof": proof}} if manual else criteria(nested.get("criteria")) or {}
    if needs:
        made["needs"] = needs
    if audience := _audience(nested.get("audience")):
        made["audience"] = audience
    if not visible:
        made["visible"] = False
    if variants := [_variant(row) for row in rows(nested.get("variants")) if str(row.get("key", "")).strip() or str(row.get("factor", "")).strip()]:
        made["variants"] = variants
    if days := _days(nested.get("days")):
        made["days"] = days
    return made


def _days(found: Any) -> dict[str, Any]:
    """Without what stands at its default."""
    told = found if isinstance(found, dict) else {}
    numbers = {name: number(str(told[name]).strip()) for name in DAYS if str(told.get(name, "")).strip()}
    return {name: value for name, value in numbers.items() if value != DAYS[name]}


def _words(found: Any) -> dict[str, dict[str, str]]:
    """By language; one in which nothing is typed is left out, unless it is English, which has to be there."""
    made = {}
    for tag, row in (found if isinstance(found, dict) else {}).items():
        told = {name: str(row.get(name, "")).strip() for name in ("name", "text", "hint")} if isinstance(row, dict) else {}
        if tag == "en" or any(told.values()):
            made[tag] = {name: words for name, words in told.items() if words or name != "hint"}
    return made


def _audience(found: Any) -> dict[str, list[str]]:
    """Several words with commas."""
    told = found.items() if isinstance(found, dict) else ()
    lists = {
        name: [word.strip() for word in str(words).split(",") if word.strip()] for name, words in told if name in ("tier", "segment", "plan", "stage")
    }
    return {name: words for name, words in lists.items() if words}


def _variant(row: Tree) -> dict[str, Any]:
    made: dict[str, Any] = {"key": str(row.get("key", "")).strip(), "factor": number(str(row.get("factor", "")).strip())}
    hints = row.get("hint")
    if isinstance(hints, dict) and (told := {tag: str(words).strip() for tag, words in hints.items() if str(words).strip()}):
        made["hint"] = told
    return made


def criteria(row: Any, *, nested: bool = False) -> Any:
    """A group of lines as one criterion; lines that name nothing are none, one line alone is itself."""
    if not isinstance(row, dict):
        return None
    parts = [part for one in rows(row.get("rows")) if (part := _part(one)) is not None]
    joint = row.get("joint") if row.get("joint") in JOINTS else "all"
    if not parts:
        return None
    return parts[0] if len(parts) == 1 and not nested else {joint: parts}


def _part(row: Tree) -> Any:
    if "raw" in row:
        try:
            return json.loads(row["raw"])
        except (ValueError, RecursionError):
            return None
    if "rows" in row:
        return criteria(row, nested=True)
    kind = str(row.get("kind") or "")
    if kind not in KINDS:
        return None
    made: dict[str, Any] = {kind: str(row.get("name") or "").strip()}
    if kind in ("count", "sum"):
        made["at_least"] = number(str(row.get("at_least") or "1").strip())
        if str(row.get("within_days") or "").strip():
            made["within_days"] = number(str(row["within_days"]).strip())
    elif kind == "metric":
        made["at_most" if row.get("op") == "at_most" else "at_least"] = number(str(row.get("at_least") or "").strip())
    elif kind == "trait":
        made["is"] = _worth(str(row.get("is") or "yes").strip())
    return made


def _worth(words: str) -> Any:
    known = {"yes": True, "true": True, "no": False, "false": False}.get(words.lower())
    return number(words) if known is None else known


def number(words: str) -> Any:
    try:
        found = float(words.replace("−", "-").replace(",", "."))
    except ValueError:
        return words
    if not abs(found) < 1e15:
        return words
    return int(found) if found == int(found) else found


def dropped(changed: Tree, way: list[str]) -> bool:
    """Take the part at this place away; False when it is not there."""
    at: Any = changed
    for name in way[:-1]:
        at = at.get(name) if isinstance(at, Mapping) else None
    return isinstance(at, dict) and at.pop(way[-1], None) is not None
