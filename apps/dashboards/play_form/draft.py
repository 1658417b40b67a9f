"""A play that is being written: what the form holds, and what its buttons do to it."""

import copy
import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils.text import slugify

from apps.interventions import services as interventions
from apps.interventions.models import Play

from . import reading
from .fields import STEPS
from .reading import Tree

CANVAS, LIST, FILE = "canvas", "list", "file"
VIEWS = (CANVAS, LIST, FILE)
# The longest text that a form brings.
_LONGEST = 1_000_000
# What a step says when it is added, so that only little has to be typed.
_FRESH: dict[str, dict[str, Any]] = {
    "message": {"channel": "auto", "template": ""},
    "wait": {"minutes": 2 * 1_440},
    "wait_for": {"event": "reply", "minutes": 2 * 1_440},
    "branch": {"cases": []},
    "split": {"ways": "control\nother"},
    "task": {"title": ""},
    "update": {"trait": "", "value": ""},
    "webhook": {"name": ""},
    "watch": {},
    "end": {},
}


@dataclass(frozen=True)
class Draft:
    """`seen`: the number of the version that it began with. `text`: what stands in the file view, where that cannot be read."""

    key: str = ""
    name: str = ""
    why: str = ""
    note: str = ""
    says: dict[str, Any] = field(default_factory=dict)
    tests: list[Any] = field(default_factory=list)
    seen: int = 0
    view: str = CANVAS
    text: str | None = None
    before: str = ""
    opened: tuple[str, ...] = ()
    flaws: tuple[tuple[str, str], ...] = ()
    told: str = ""
    # The step that was just made: it gets the focus.
    fresh: str = ""

    @property
    def as_file(self) -> str:
        if self.text is not None:
            return self.text
        made = interventions.play_files.as_file(key=self.key, name=self.name, why=self.why, definition=self.says, tests=self.tests)
        return interventions.play_files.pretty(made)

    @property
    def says_json(self) -> str:
        return json.dumps(self.says, ensure_ascii=False)

    @property
    def tests_json(self) -> str:
        return json.dumps(self.tests, ensure_ascii=False)


def fresh() -> Draft:
    """A play from nothing: started by hand, watched for a month."""
    return Draft(says={"trigger": {"kind": "manual"}, "steps": [], "goal": {"reached": {"kind": "recovers"}}})


def of(play: Play) -> Draft:
    version = play.current
    if version is None:
        return replace(fresh(), key=play.key, name=play.name, why=play.why)
    return Draft(play.key, play.name, play.why, says=version.definition, tests=list(version.tests), seen=version.number)


def posted(given: QueryDict, *, key: str = "") -> Draft:
    """What the form holds, after what its button asked for."""
    do, view = given.get("do", ""), given.get("view", CANVAS)
    seen = given.get("seen", "0")
    draft = Draft(
        key=key or given.get("key", "").strip(),
        name=given.get("name", "").strip()[:120],
        why=given.get("why", "").strip()[:2_000],
        note=given.get("note", "").strip()[:250],
        tests=listed(given.get("tests", "")),
        seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 7 else 0,
        view=view if view in VIEWS else CANVAS,
        before=given.get("before", "")[:_LONGEST],
        opened=tuple(given.getlist("open"))[:80],
    )
    if not draft.key and draft.name:
        draft = replace(draft, key=slugify(draft.name)[:60])
    if draft.view == FILE:
        return _from_file(draft, given.get("file", ""), do, fixed=key)
    nested = reading.tree(given)
    said = reading.said(nested)
    if do == "undo":
        return _undone(draft, said)
    changed, opened, told = act(nested, do, said)
    draft = replace(draft, says=reading.said(changed) if changed is not nested else said, opened=(*draft.opened, *opened), told=told)
    if opened and do.startswith(("add:", "copy:")):
        draft = replace(draft, fresh=opened[0])
    if changed is not nested:
        draft = replace(draft, says=_with_blanks(changed, draft.says), before=json.dumps(said))
    return _turned(draft, do)


def _turned(draft: Draft, do: str) -> Draft:
    name = do.removeprefix("view:")
    return replace(draft, view=name) if do.startswith("view:") and name in VIEWS else draft


def _from_file(draft: Draft, text: str, do: str, *, fixed: str) -> Draft:
    """A file that can be read becomes the draft; one that cannot stays as it is, with what is wrong."""
    text = text.replace("\r\n", "\n")[:_LONGEST]
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        at = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        words = error.msg if isinstance(error, json.JSONDecodeError) else "it cannot be read"
        return replace(draft, text=text, flaws=((at, f"This is no JSON: {words}."),))
    if not isinstance(said, dict) or not isinstance(said.get("definition"), dict):
        return replace(draft, text=text, flaws=(("", "A play's file holds one object with format, key, name, why and definition."),))
    name, why, key = (str(said.get(part) or "") for part in ("name", "why", "key"))
    tests = said.get("tests", [])
    if not isinstance(tests, list):
        return replace(draft, text=text, flaws=(("tests", "A list of tests."),))
    steps = said["definition"].get("steps")
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        return replace(draft, text=text, flaws=(("definition.steps", "A list of steps, each an object."),))
    made = replace(draft, key=fixed or key, name=name, why=why, says=said["definition"], tests=tests)
    turned = _turned(made, do)
    return replace(turned, text=text) if turned.view == FILE and do != "save" else turned


def _undone(draft: Draft, said: dict[str, Any]) -> Draft:
    try:
        before = json.loads(draft.before)
    except (ValueError, RecursionError):
        return replace(draft, says=said)
    return replace(draft, says=before if isinstance(before, dict) else said, before=json.dumps(said), told="Taken back.")


def listed(text: str) -> list[Any]:
    try:
        found = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) else []


_DO = re.compile(r"(up|down|copy|drop|add|group):([a-z0-9_.]{1,120})(?::([a-z_]{1,20}))?")


def act(nested: Tree, do: str, said: dict[str, Any]) -> tuple[Tree, list[str], str]:
    """The tree after a button: the same tree when it asked for nothing. Also which steps to show open, and what happened in words."""
    asked = _DO.fullmatch(do)
    if asked is None:
        return nested, [], ""
    verb, place, kind = asked.groups()
    changed = copy.deepcopy(nested)
    steps = reading.rows(changed.get("steps"))
    number = int(place) if place.isdigit() else -1
    if verb == "add" and kind in STEPS and 0 <= number <= len(steps) and len(steps) < interventions.definition.MOST_STEPS:
        step_id = _free(kind.replace("_", "-"), steps)
        steps.insert(number, _posted_step({"kind": kind, "id": step_id, **_FRESH[kind]}))
        return _with(changed, steps), [step_id], f"Step {number + 1} is new."
    if verb == "copy" and 0 <= number < len(steps) < interventions.definition.MOST_STEPS:
        twin = copy.deepcopy(steps[number])
        twin["id"] = _free(re.sub(r"-\d+$", "", str(twin.get("id") or "step")), steps)
        steps.insert(number + 1, twin)
        return _with(changed, steps), [twin["id"]], f"Step {number + 2} is a copy of step {number + 1}."
    if verb in ("up", "down") and 0 <= number < len(steps):
        other = number + (1 if verb == "down" else -1)
        if 0 <= other < len(steps):
            steps[number], steps[other] = steps[other], steps[number]
            return _with(changed, steps), [], f"Step {number + 1} is step {other + 1} now."
    if verb == "drop" and 0 <= number < len(steps):
        gone = steps.pop(number)
        led = _freed(steps, str(gone.get("id")))
        return _with(changed, steps), [], f"Step {number + 1} is gone.{f' {led} jumps that led to it go on to the following step.' if led else ''}"
    if verb == "drop" and dropped(changed, place.split(".")):
        return changed, _of(place, said), "The line is gone."
    if verb == "group":
        _grouped(changed, place.split("."))
        return changed, _of(place, said), ""
    return nested, [], ""


def _with(changed: Tree, steps: list[Tree]) -> Tree:
    return {**changed, "steps": {str(place): step for place, step in enumerate(steps)}}


def _free(base: str, steps: list[Tree]) -> str:
    taken = {str(step.get("id")) for step in steps}
    return next(name for number in range(1, len(steps) + 3) if (name := base[:36] if number == 1 else f"{base[:36]}-{number}") not in taken)


def _posted_step(step: dict[str, Any]) -> Tree:
    """A new step as a form would have posted it."""
    made = {name: value for name, value in step.items() if isinstance(value, str)}
    if "minutes" in step:
        made |= {"minutes": str(step["minutes"] // 1_440), "minutes_unit": "days"}
    return made


def _freed(steps: list[Tree], gone: str) -> int:
    led = 0
    for step in steps:
        for name in ("next", "on_event", "on_timeout"):
            if step.get(name) == gone:
                step[name] = ""
                led += 1
    return led


def dropped(changed: Tree, way: list[str]) -> bool:
    at: Any = changed
    for name in way[:-1]:
        at = at.get(name) if isinstance(at, dict) else None
    return isinstance(at, dict) and at.pop(way[-1], None) is not None


def _grouped(changed: Tree, way: list[str]) -> None:
    """A nested group at the end of a group's rows; it opens with “one of these holds”."""
    at: Any = changed
    for name in way:
        at = at.setdefault(name, {}) if isinstance(at, dict) else {}
    rows = at.setdefault("rows", {})
    last = max((int(key) for key in rows if key.isdigit()), default=-1)
    rows[str(last + 1)] = {"joint": "any", "rows": {}}


def _with_blanks(changed: Tree, said: dict[str, Any]) -> dict[str, Any]:
    """A group that was just begun has no rows yet, so it would be no part of a definition: it is put in where it was asked for."""
    begun = _begun(changed.get("audience"))
    if begun:
        said = {**said, "audience": _and_group(said.get("audience"))}
    return said


def _begun(row: Any) -> bool:
    return isinstance(row, dict) and any(one.get("rows") == {} and "joint" in one for one in reading.rows(row.get("rows")))


def _and_group(audience: Any) -> dict[str, Any]:
    joint = next((one for one in ("all", "any", "none") if isinstance(audience, dict) and one in audience), "")
    parts = audience[joint] if joint else [audience] if audience else []
    return {joint or "all": [*parts, {"any": []}]}


def _of(place: str, said: dict[str, Any]) -> list[str]:
    """The step that a line belongs to stays open."""
    found = re.match(r"steps\.(\d+)\.", place)
    steps = said.get("steps") or []
    return [steps[int(found[1])]["id"]] if found and int(found[1]) < len(steps) else []
