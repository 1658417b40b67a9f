"""From a rule, also a flawed one, to the lines that show it, each with its own flaw."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..play_form.fields import Options, Spec
from ..play_form.rows import Flawed, Flaws, word
from ..play_form.showing import Input, inputs
from .fields import JOINTS, KIND_GROUPS, LEAVES, STAYS, specs
from .reading import EVERYBODY

# Groups within groups, so far lines can show them; the form's names reach one further.
DEEPEST = 3


@dataclass(frozen=True)
class Line:
    """One line: a kind with its inputs; or a nested group; or what is too deep for lines, in words."""

    name: str
    kind: str = ""
    inputs: tuple[Input, ...] = ()
    raw: str = ""
    group: "Group | None" = None
    flaw: str = ""

    @property
    def id(self) -> str:
        return "p-" + self.name.replace(".", "-")


@dataclass(frozen=True)
class Group:
    name: str
    joint: str
    lines: list[Line]
    flaw: str = ""
    depth: int = 0
    joints: Options = JOINTS
    kinds: tuple[tuple[str, Options], ...] = KIND_GROUPS

    @property
    def id(self) -> str:
        return "p-" + self.name.replace(".", "-")

    @property
    def nests(self) -> bool:
        return self.depth < DEEPEST


@dataclass(frozen=True)
class Shown:
    rule: Group
    leaves: Group
    stays: list[Input]
    elsewhere: list[tuple[str, str]]


def shown(says: Mapping[str, Any], flaws: Flaws, listed: Mapping[str, Options]) -> Shown:
    """`listed`: what there is to choose from (segments, milestones and so on), by the word that a field names."""
    flawed = Flawed([(place, words) for place, words in flaws if place not in ("name", "why", "key", "form")])
    stays = inputs("stays", STAYS, says, flawed, place="")
    leaves = _group(says.get("leaves") or {}, "leaves", "leaves", flawed, listed, 0)
    rule = says.get("rule")
    made = _group({} if rule == EVERYBODY else rule, "rule", "", flawed, listed, 0)
    return Shown(made, leaves, stays, list(flawed.left.items()))


def _opened(said: Any) -> tuple[str, list[Any], bool]:
    """How the parts join, the parts, and whether they stand in a list of their own."""
    if not isinstance(said, dict) or not said:
        return "all", [], False
    joint = next((one for one, _ in JOINTS if isinstance(said.get(one), list)), "")
    return (joint, said[joint], True) if joint else ("all", [said], False)


def _group(said: Any, name: str, place: str, flawed: Flawed, listed: Mapping[str, Options], depth: int) -> Group:
    joint, parts, in_list = _opened(said)
    lines = []
    for number, part in enumerate(parts):
        at = f"{place}.{joint}.{number}".lstrip(".") if in_list else place
        lines.append(_line(part, f"{name}.rows.{number}", at, flawed, listed, depth))
    lines.append(Line(f"{name}.rows.{len(parts)}"))
    flaw = flawed.at(place, under=bool(place)) or flawed.at(f"{place}.{joint}".lstrip("."))
    return Group(name, joint, lines, flaw, depth)


def _line(part: Any, name: str, place: str, flawed: Flawed, listed: Mapping[str, Options], depth: int) -> Line:
    if isinstance(part, dict) and part.get("kind") in LEAVES:
        found = inputs(name, _with(specs(part), listed), _worded(part), flawed, place=place)
        # A rule that is one line alone has its flaws without a place.
        flaw = flawed.at(place, under=True) if place else flawed.at("")
        return Line(name, part["kind"], tuple(found), flaw=flaw)
    if isinstance(part, dict) and "kind" not in part and depth < DEEPEST:
        return Line(name, group=_group(part, name, place, flawed, listed, depth + 1))
    return Line(name, raw=json.dumps(part), flaw=flawed.at(place, under=True))


def _worded(part: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are typed: several with commas, yes and no as words; a priority alone as one that is ticked."""
    made: dict[str, Any] = {}
    for name, value in part.items():
        if name == "priority":
            made[name] = value if isinstance(value, list) else [value]
        else:
            made[name] = ", ".join(map(word, value)) if isinstance(value, list) else word(value) if isinstance(value, bool) else value
    return made


def _with(specs: list[Spec], listed: Mapping[str, Options]) -> list[Spec]:
    """A field that chooses among what there is becomes a choice of it."""
    found = []
    for spec in specs:
        if spec.listed in listed:
            known = spec.options if spec.kind == "choice" else (("", "choose"),)
            spec = replace(spec, kind="choice", options=(*known, *listed[spec.listed]))  # noqa: PLW2901
        found.append(spec)
    return found
