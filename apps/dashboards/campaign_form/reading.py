"""From what was posted to the definition it says; what is no number stays a word, for the check to name."""

from typing import Any

from apps.messaging.services import locales

from ..play_form.reading import Tree, condition, event_facts, rows, typed
from .fields import BUDGET, GOAL, LIMITS, LOOP, PEOPLE, REACH, SURVEY, TRIAL, VARIANT, WHEN

ROOTS = ("reach", "people", "when", "variants", "blocks", "survey", "goal", "trial", "limits", "budget")
MOST_WORDS = 4_000


def said(nested: Tree) -> dict[str, Any]:
    """The definition of a tree, without what stands at its default."""
    reach = part(nested, "reach")
    made: dict[str, Any] = {"when": _when(part(nested, "when"))}
    if segment := str(reach.get("segment") or "").strip():
        made["segment"] = segment
    if people := typed(nested.get("people"), PEOPLE):
        made["people"] = people
    made |= typed(reach, REACH)
    if variants := [_variant(one) for one in rows(nested.get("variants")) if _is_said(one, "name", "template")]:
        made["variants"] = variants
    if blocks := _blocks(nested.get("blocks")):
        made["blocks"] = blocks
    if sequence := str(reach.get("sequence") or "").strip():
        made["sequence"] = sequence
    if "survey" in nested:
        made["survey"] = _survey(part(nested, "survey"))
    if goal := _goal(part(nested, "goal")):
        made["goal"] = goal
    made |= typed(nested.get("trial"), TRIAL)
    made |= typed(nested.get("limits"), LIMITS)
    if budget := typed(nested.get("budget"), BUDGET):
        made["budget"] = budget
    return made


def part(nested: Tree, name: str) -> Tree:
    found = nested.get(name)
    return found if isinstance(found, dict) else {}


def _is_said(row: Tree, *names: str) -> bool:
    return any(str(row.get(name) or "").strip() for name in names)


def _tag(name: str) -> str:
    """How a form says a language (names of inputs have no hyphens and no capitals) as its tag."""
    return locales.normal(name) or name


def _when(row: Tree) -> dict[str, Any]:
    kind = str(row.get("kind") or "manual")
    made = {"kind": kind, **typed(row, WHEN.get(kind, ()))}
    if kind == "event":
        made.setdefault("event", "")
        if when := event_facts(made["event"], row.get("when")):
            made["when"] = when
    elif kind == "once":
        made.setdefault("at", "")
        # Some browsers tell seconds too.
        made["at"] = made["at"][:16]
    elif kind == "recurring" and "at" in made:
        made["at"] = made["at"][:5]
    return made


def _variant(row: Tree) -> dict[str, Any]:
    return {"name": "", "template": "", **typed(row, VARIANT)}


def _blocks(found: Any) -> dict[str, Any]:
    """Rows of (block, segment, words) as choices by block; the words for everybody else come last whatever was typed first."""
    made: dict[str, list[dict[str, Any]]] = {}
    for row in rows(found):
        words = {
            _tag(language): text for language, one in part(row, "words").items() if (text := str(one).replace("\r\n", "\n").strip()[:MOST_WORDS])
        }
        slot = str(row.get("slot") or "").strip()
        if not slot and not words:
            continue
        segment = str(row.get("segment") or "").strip()
        made.setdefault(slot, []).append({"words": words, **({"segment": segment} if segment else {})})
    return {slot: sorted(choices, key=lambda one: "segment" not in one) for slot, choices in made.items()}


def _survey(row: Tree) -> dict[str, Any]:
    made = {"kind": str(row.get("kind") or "nps"), **typed(row, [one for one in SURVEY if one.name != "kind"])}
    asked = {_tag(language): text for language, one in part(row, "question").items() if (text := str(one).strip())}
    if asked:
        made["question"] = asked
    loop = typed(row.get("loop"), LOOP)
    if "scores_at_most" in loop:
        made["loop"] = loop
    return made


def _goal(row: Tree) -> dict[str, Any]:
    kind = str(row.get("kind") or "")
    if not kind:
        return {}
    reached = {"kind": kind, **typed(row, GOAL.get(kind, ()))}
    if kind == "condition" and (when := condition(row.get("when"))) is not None:
        reached["when"] = when
    return {"reached": reached}
