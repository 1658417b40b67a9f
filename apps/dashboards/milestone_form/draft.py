"""A milestone that is being written: what the form holds, and what its buttons do to it."""

import copy
import json
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils.text import slugify

from apps.milestones.models import Milestone

from ..models import PathDraft
from ..selectors.milestones import words
from . import reading

_LONGEST = 200_000
_USUAL = [{"key": "gentle", "factor": 0.7}, {"key": "standard", "factor": 1.0}, {"key": "stretch", "factor": 1.3}]


@dataclass(frozen=True)
class Draft:
    """`seen`: the number of the version it began with; `kept`: when the stored draft that it began with was stored."""

    key: str = ""
    name: str = ""
    note: str = ""
    says: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    kept: str = ""
    before: str = ""
    tags: tuple[str, ...] = ()
    told: str = ""


def fresh() -> Draft:
    """A milestone from nothing: easier and harder variants are there, because they are what makes a path fit."""
    return Draft(says={"words": {"en": {"name": "", "text": ""}}, "value": "", "criteria": {}, "variants": copy.deepcopy(_USUAL)})


def of(milestone: Milestone) -> Draft:
    version = milestone.current
    if version is None:
        return replace(fresh(), key=milestone.key, name=milestone.name)
    return Draft(milestone.key, milestone.name, says=version.definition, seen=version.number)


def stored(row: PathDraft) -> Draft:
    return Draft(row.key, row.name, row.note, row.says, row.seen, row.changed_at.isoformat())


def posted(given: QueryDict, *, key: str = "") -> Draft:
    """What the form holds, after what its button asked for."""
    do, seen = given.get("do", ""), given.get("seen", "0")
    draft = Draft(
        key=key or given.get("key", "").strip()[:60],
        name=given.get("name", "").replace("\x00", "").strip()[:120],
        note=given.get("note", "").replace("\x00", "").strip()[:250],
        seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 7 else 0,
        kept=given.get("kept", "")[:40],
        before=given.get("before", "")[:_LONGEST],
        tags=tuple(given.getlist("tag"))[:20],
    )
    if not draft.key and draft.name:
        draft = replace(draft, key=slugify(draft.name)[:60])
    nested = reading.tree(given)
    said = _said(given, nested)
    if do == "undo":
        return _undone(draft, said)
    changed, told = act(nested, do)
    if do.startswith("language:") and (tag := do.removeprefix("language:")) in words.LANGUAGES:
        draft = replace(draft, tags=(*draft.tags, tag))
    if changed is nested:
        return replace(draft, says=_english_name(said, draft.name))
    return replace(draft, says=_with_blank(_said(given, changed), do), before=json.dumps(said), told=told)


def _said(given: QueryDict, nested: dict[str, Any]) -> dict[str, Any]:
    return reading.said(
        nested,
        value=given.get("value", "").replace("\x00", "").strip()[:500],
        needs=[key for key in dict.fromkeys(given.getlist("needs")) if key][:20],
        visible="visible_shown" not in given or given.get("visible") == "yes",
        manual=given.get("how") == "manual",
        proof=given.get("proof", "").replace("\x00", "").strip()[:300],
    )


def _english_name(said: dict[str, Any], name: str) -> dict[str, Any]:
    """Customers read the staff's name until they are given one of their own."""
    english = said["words"].get("en")
    if english is not None and not english.get("name") and name:
        english["name"] = name
    return said


def act(nested: dict[str, Any], do: str) -> tuple[dict[str, Any], str]:
    """The tree after a button, and what to say of it; the same tree where the button changes nothing of it."""
    if do.startswith("drop:"):
        changed = copy.deepcopy(nested)
        if reading.dropped(changed, do.removeprefix("drop:").split(".")):
            return changed, "Removed."
    if do == "variant":
        changed = copy.deepcopy(nested)
        rows = changed.setdefault("variants", {})
        taken = [int(key) for key in rows if key.isdigit()]
        rows[str(max(taken, default=-1) + 1)] = {"key": _free([row.get("key") for row in reading.rows(rows)]), "factor": "0.85"}
        return changed, "Added a variant."
    if do == "group":
        return copy.deepcopy(nested), "Added a group."
    return nested, ""


def _free(taken: list[Any]) -> str:
    return next(name for name in ("gentle", "easier", "stretch", *(f"variant-{number}" for number in range(1, 99))) if name not in taken)


def _with_blank(said: dict[str, Any], do: str) -> dict[str, Any]:
    """A group that was just begun has no lines yet, so it would be no part of a definition: it is put at the end."""
    if do != "group":
        return said
    criteria = said["criteria"]
    joint = next((one for one in reading.JOINTS if one in criteria), "")
    parts = criteria[joint] if joint else [criteria] if criteria else []
    return {**said, "criteria": {joint or "all": [*parts, {"any" if joint != "any" else "all": []}]}}


def _undone(draft: Draft, said: dict[str, Any]) -> Draft:
    try:
        before = json.loads(draft.before)
    except (ValueError, RecursionError):
        return replace(draft, says=said)
    return replace(draft, says=before if isinstance(before, dict) else said, before="", told="Taken back.")
