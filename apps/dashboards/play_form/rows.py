"""Conditions as rows of a form: fact, comparison, value; one level of groups, what is deeper kept and told in words."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.interventions import services as interventions

from .fields import JOINTS, OPS, Options

Flaws = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Row:
    """A line of a condition: fact, comparison and value; or a nested group; or one that is too deep for rows, in words."""

    name: str
    fact: str = ""
    op: str = "is"
    value: str = ""
    unit: str = ""
    listed: str = ""
    raw: str = ""
    words: str = ""
    group: "Group | None" = None
    flaw: str = ""

    @property
    def id(self) -> str:
        return "p-" + self.name.replace(".", "-")


@dataclass(frozen=True)
class Group:
    name: str
    joint: str
    rows: list[Row]
    facts: Options
    flaw: str = ""
    nests: bool = True
    joints: Options = JOINTS
    ops: Options = OPS

    @property
    def id(self) -> str:
        return "p-" + self.name.replace(".", "-")


class Flawed:
    """Hands each flaw to the first input that asks for its place; what nobody asked for is told at the top."""

    def __init__(self, flaws: Flaws) -> None:
        self.left = {dotted(place): words for place, words in reversed(flaws)}

    def at(self, name: str, *, under: bool = False) -> str:
        for place in list(self.left):
            if place == name or (under and place.startswith(f"{name}.")):
                return self.left.pop(place)
        return ""


def dotted(place: str) -> str:
    """steps[2].minutes -> steps.2.minutes."""
    return re.sub(r"\[(\d+)\]", r".\1", place)


def group(said: Any, name: str, place: str, flawed: Flawed, *, run: bool) -> Group:
    """A condition as rows, with an empty one at the end to be filled in."""
    facts = {**interventions.conditions.FACTS, **(interventions.conditions.RUN_FACTS if run else {})}
    options: Options = tuple((key, fact.name) for key, fact in facts.items())
    joint, parts = _opened(said)
    # The flaw of a row that stands alone is told of the whole condition.
    places = [f"{place}.{joint}.{number}" for number in range(len(parts))] if isinstance(said, dict) and joint in said else [place]
    rows = [_row(part, f"{name}.rows.{number}", at, flawed, options) for number, (part, at) in enumerate(zip(parts, places, strict=False))]
    rows.append(Row(f"{name}.rows.{len(parts)}"))
    return Group(name, joint, rows, options, flawed.at(place, under=True))


def _opened(said: Any) -> tuple[str, list[Any]]:
    if not isinstance(said, dict):
        return "all", []
    joint = next((one for one in ("all", "any", "none") if isinstance(said.get(one), list)), "")
    return (joint, said[joint]) if joint else ("all", [said])


def _row(part: Any, name: str, place: str, flawed: Flawed, options: Options) -> Row:
    if isinstance(part, dict) and "fact" in part:
        known = interventions.conditions.FACTS.get(part["fact"]) or interventions.conditions.RUN_FACTS.get(part["fact"])
        value = part.get("value")
        words = ", ".join(map(word, value)) if isinstance(value, list) else word(value)
        listed = ("yes-no" if known.kind == "yes_no" else part["fact"] if known.values else "") if known else ""
        unit = known.unit if known else ""
        return Row(name, str(part["fact"]), str(part.get("op", "is")), words, unit, listed, flaw=flawed.at(place, under=True))
    joint, parts = _opened(part)
    if isinstance(part, dict) and all(isinstance(one, dict) and "fact" in one for one in parts):
        rows = [_row(one, f"{name}.rows.{number}", f"{place}.{joint}.{number}", flawed, options) for number, one in enumerate(parts)]
        rows.append(Row(f"{name}.rows.{len(parts)}"))
        return Row(name, group=Group(name, joint, rows, options, flawed.at(place, under=True), nests=False))
    typed = interventions.checked.condition_or_none(part)
    words = interventions.conditions.in_words(typed) if typed else "a condition that cannot be read"
    return Row(name, raw=json.dumps(part), words=words, flaw=flawed.at(place, under=True))


def word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"{value:.10g}" if isinstance(value, int | float) else str(value)
