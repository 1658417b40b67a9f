"""From a definition, also a flawed one, to the inputs that show it, each with its own flaw."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..play_form.rows import Flawed
from ..selectors.milestones import words
from .reading import DAYS, KINDS

Flaws = Sequence[tuple[str, str]]
Options = tuple[tuple[str, str], ...]
KIND_WORDS: Options = (
    ("count", "they do something so often"),
    ("sum", "something adds up to"),
    ("milestone", "another milestone is reached"),
    ("trait", "a trait is"),
    ("metric", "a figure of theirs is"),
)
JOINT_WORDS: Options = (("all", "all of these hold"), ("any", "one of these holds"))
OPS: Options = (("at_least", "at least"), ("at_most", "at most"))
# Spoken by the customer's pages; others that a definition has are shown too.
TAGS = ("en", "de")


@dataclass(frozen=True)
class Line:
    """A line of the criteria: what kind, of what, how much; or a group of lines; or one too deep for lines, in words."""

    name: str
    kind: str = ""
    of: str = ""
    at_least: str = ""
    within_days: str = ""
    op: str = "at_least"
    worth: str = ""
    raw: str = ""
    told: str = ""
    group: "Group | None" = None
    flaw: str = ""

    @property
    def id(self) -> str:
        return "m-" + self.name.replace(".", "-")


@dataclass(frozen=True)
class Group:
    name: str
    joint: str
    lines: list[Line]
    flaw: str = ""
    nests: bool = True

    @property
    def id(self) -> str:
        return "m-" + self.name.replace(".", "-")


@dataclass(frozen=True)
class Spoken:
    tag: str
    language: str
    name: str
    text: str
    hint: str
    flaws: dict[str, str]


@dataclass(frozen=True)
class Variant:
    number: int
    key: str
    factor: str
    hints: list[tuple[str, str, str]]
    flaw: str = ""

    @property
    def fixed(self) -> bool:
        """What the definition says itself."""
        return self.key == "standard"


@dataclass(frozen=True)
class Shown:
    """The whole form."""

    manual: bool
    proof: str
    criteria: Group
    spoken: list[Spoken]
    more_tags: list[tuple[str, str]]
    needs: list[tuple[str, str, bool]]
    audience: list[tuple[str, str, str]]
    visible: bool
    variants: list[Variant]
    behind: str
    stuck: str
    flaws: dict[str, str]
    elsewhere: list[tuple[str, str]] = field(default_factory=list)


def shown(said: Mapping[str, Any], flaws: Flaws, *, others: Sequence[tuple[str, str]], tags: Iterable[str] = ()) -> Shown:
    """`others`: key and name of what it may need; `tags`: languages that were just asked for."""
    flawed = Flawed(flaws)
    criteria = _dict(said.get("criteria"))
    manual = criteria.get("manual")
    days, needs, audience = _dict(said.get("days")), said.get("needs") or [], _dict(said.get("audience"))
    spoken = _spoken(_dict(said.get("words")), flawed, tags)
    own = {name: flawed.at(name) for name in ("name", "key", "value", "days", "days.behind", "days.stuck")}
    own["audience"] = flawed.at("audience", under=True)
    own["proof"] = flawed.at("criteria.manual", under=True) if manual is not None else ""
    made = Shown(
        manual=manual is not None,
        proof=str(_dict(manual).get("proof", "")),
        criteria=_group({} if manual is not None else criteria, "criteria", "criteria", flawed),
        spoken=spoken,
        more_tags=[(tag, words.LANGUAGES[tag]) for tag in words.LANGUAGES if tag not in {one.tag for one in spoken}],
        needs=[(key, name, key in needs) for key, name in others],
        audience=[(name, label, ", ".join(map(str, audience.get(name) or ()))) for name, label in words.AUDIENCE.items()],
        visible=said.get("visible", True) is not False,
        variants=_variants(said.get("variants"), flawed, [one.tag for one in spoken]),
        behind=_typed(days.get("behind", DAYS["behind"])),
        stuck=_typed(days.get("stuck", DAYS["stuck"])),
        flaws=own | {"needs": flawed.at("needs", under=True), "variants": flawed.at("variants"), "words": flawed.at("words")},
    )
    made.elsewhere.extend(flawed.left.items())
    return made


def _dict(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _typed(value: Any) -> str:
    return "" if value is None else words.figure(value)


def _spoken(said: Mapping[str, Any], flawed: Flawed, tags: Iterable[str]) -> list[Spoken]:
    wanted = list(dict.fromkeys([*TAGS, *said, *(tag for tag in tags if tag in words.LANGUAGES)]))
    found = []
    for tag in wanted:
        row = _dict(said.get(tag))
        flaws = {part: flawed.at(f"words.{tag}.{part}") for part in ("name", "text", "hint")}
        flaws["all"] = flawed.at(f"words.{tag}", under=True)
        name, text, hint = (str(row.get(part, "")) for part in ("name", "text", "hint"))
        found.append(Spoken(tag, words.LANGUAGES.get(tag, tag), name, text, hint, flaws))
    return found


def _variants(said: Any, flawed: Flawed, tags: list[str]) -> list[Variant]:
    rows = [row for row in said or () if isinstance(row, dict)] or [{"key": "standard", "factor": 1.0}]
    made = []
    for number, row in enumerate(rows):
        hints = _dict(row.get("hint"))
        told = [(tag, words.LANGUAGES.get(tag, tag), str(hints.get(tag, ""))) for tag in dict.fromkeys([*tags, *hints])]
        made.append(Variant(number, str(row.get("key", "")), _typed(row.get("factor")), told, flawed.at(f"variants.{number}", under=True)))
    return made


def _opened(said: Any) -> tuple[str, list[Any]]:
    joint = next((one for one in ("all", "any") if isinstance(said, dict) and isinstance(said.get(one), list)), "")
    return (joint, said[joint]) if joint else ("all", [said] if said else [])


def _group(said: Any, name: str, place: str, flawed: Flawed, *, nests: bool = True) -> Group:
    """Lines with an empty one at the end to be filled in."""
    joint, parts = _opened(said)
    alone = not (isinstance(said, dict) and joint in said)
    places = [place] if alone else [f"{place}.{joint}.{number}" for number in range(len(parts))]
    lines = [_line(part, f"{name}.rows.{number}", at, flawed, nests) for number, (part, at) in enumerate(zip(parts, places, strict=False))]
    lines.append(Line(f"{name}.rows.{len(parts)}"))
    return Group(name, joint, lines, flawed.at(place, under=True), nests)


def _line(part: Any, name: str, place: str, flawed: Flawed, nests: bool) -> Line:
    said = _dict(part)
    kind = next((one for one in KINDS if one in said), "")
    if kind:
        op = "at_most" if "at_most" in said else "at_least"
        worth = said.get("is")
        told = ("yes" if worth else "no") if isinstance(worth, bool) else _typed(worth)
        figures = _typed(said.get(op)), _typed(said.get("within_days"))
        return Line(name, kind, str(said[kind]), *figures, op=op, worth=told, flaw=flawed.at(place, under=True))
    if nests and all(isinstance(one, dict) and any(word in one for word in KINDS) for one in _opened(said)[1]):
        return Line(name, group=_group(said, name, place, flawed, nests=False))
    return Line(name, raw=json.dumps(part), told=words.criterion(part, {}), flaw=flawed.at(place, under=True))
