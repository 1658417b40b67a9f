"""Every flaw of a definition at once, in words for a person: a reader of types stops at the first."""

from typing import Any

import msgspec

from apps.core.definitions import flaw_of

from . import definition
from .conditions import Condition
from .definition import AnyStep, Definition, Flaws, Trigger


def flaws_of(said: Any) -> list[tuple[str, str]]:
    """(place, words) of everything that is wrong; empty when the definition can be taken."""
    try:
        definition.read(said)
    except Flaws as flaws:
        found = [*_apart(said), *flaws.flaws]
        return list(dict.fromkeys(found))
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
        return [flaw_of(error, place)]
    return []


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
