"""Every flaw of a definition at once, in words for a person: a reader of types stops at the first."""

import re
from typing import Any

import msgspec

from . import definition
from .conditions import Condition
from .definition import AnyStep, Definition, Flaws, Trigger


def flaws_of(said: Any) -> list[tuple[str, str]]:
    """(place, words) of everything that is wrong; empty when the definition can be taken."""
    try:
        definition.read(said)
    except Flaws as flaws:
        found = [*_apart(said), *flaws.flaws]
        told: dict[tuple[str, str], None] = {}
        for place, words in found:
            told.setdefault(_told(place, words))
        return list(told)
    return []


def read_or_none(said: Any) -> Definition | None:
    try:
        return definition.read(said)
    except Flaws:
        return None


def _apart(said: Any) -> list[tuple[str, str]]:
    """Each part on its own, so that one bad number does not hide another."""
    if not isinstance(said, dict):
        return []
    found = []
    for part in msgspec.structs.fields(Definition):
        if part.name in said and part.name != "steps":
            found += _flaw(said[part.name], part.type, part.name)
    steps = said.get("steps")
    if not steps:
        found.append(("steps", "A play needs at least one step."))
    for place, step in enumerate(steps if isinstance(steps, list) else []):
        asked = {"id": f"step-{place + 1}", **step} if isinstance(step, dict) else step
        found += _flaw(asked, AnyStep, f"steps[{place}]")
    return found


def _flaw(said: Any, kind: Any, place: str) -> list[tuple[str, str]]:
    try:
        msgspec.convert(said, kind)
    except (msgspec.ValidationError, ValueError) as error:
        words, _, inner = str(error).partition(" - at `$")
        return [(place + inner.rstrip("`"), words)]
    return []


# What the reader of types says -> what a person reads.
_SAYINGS = (
    (r"Object missing required field `kind`", "Choose what kind it is."),
    (r"Invalid (?:enum )?value '(.*)'", r"“\1” is not one of the possible words."),
    (r"Expected `(?:int|float)`, got `str`|Expected `(?:int|float).*`, got `(?:null|bool)`", "This needs a number."),
    (r"Expected `int`, got `float`", "This needs a whole number."),
    (r"Expected `(?:int|float)` >= ([\d.]+?)(?:\.0)?", r"At least \1."),
    (r"Expected `(?:int|float)` <= ([\d.]+?)(?:\.0)?", r"At most \1."),
    (r"Expected `str` of length >= 1", "Write something here."),
    (r"Expected `str` of length <= (\d+)", r"At most \1 letters."),
    (r"Expected `array` of length >= 1", "At least one is needed."),
    (r"Expected `array` of length <= (\d+)", r"At most \1."),
    (r"Expected `str` matching regex '\^\[a-z0-9\].*'", "Lower-case letters, digits, - and _, at most 40."),
    (r"Expected `str` matching regex '\^\[a-z\]\[a-z0-9_\].*'", "Lower-case letters, digits and _, beginning with a letter."),
    (r"Expected `str` matching regex '\^\(reply\|.*", "reply, goal, task_closed, or activity: and the name of an activity."),
    (r"Expected `str` matching regex '\^\(\[01\].*", "An hour such as 09:00."),
    (r"Expected `str` matching regex '\^\((.*)\)\$'", r"One of \1."),
    (r"Object contains unknown field `(.*)`", r"“\1” is not known here."),
)


def _told(place: str, words: str) -> tuple[str, str]:
    if missing := re.fullmatch(r"Object missing required field `(.*)`", words):
        where = f"{place}.{missing[1]}".lstrip(".")
        return where, "Choose what kind it is." if missing[1] == "kind" else "This is missing."
    for pattern, saying in _SAYINGS:
        if found := re.fullmatch(pattern, words):
            return place, found.expand(saying).replace("|", ", ")
    return place, words


def step_or_none(said: Any) -> AnyStep | None:
    """One step on its own, typed; None while something in it is wrong."""
    try:
        step: AnyStep = msgspec.convert(said, AnyStep)
    except (msgspec.ValidationError, ValueError):
        return None
    return step


def condition_or_none(said: Any) -> Condition | None:
    try:
        return msgspec.convert(said, Condition)
    except (msgspec.ValidationError, ValueError):
        return None


def trigger_or_none(said: Any) -> Trigger | None:
    try:
        trigger: Trigger = msgspec.convert(said, Trigger)
    except (msgspec.ValidationError, ValueError):
        return None
    return trigger
