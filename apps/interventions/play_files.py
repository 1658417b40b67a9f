"""A play as a file that people can review: written out, read back, the same afterwards."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.core.actor import Actor

from . import checked, play_tests, written
from .definition import Flaws
from .models import Play

FORMAT = 1
_KNOWN = ("format", "key", "name", "why", "definition", "tests", "templates", "live")
_LONGEST = 1_000_000


@dataclass(frozen=True)
class Imported:
    """`change`: created, version or nothing."""

    play: Play | None
    change: str
    number: int
    templates: list[str]


def as_file(*, key: str, name: str, why: str, definition: Any, tests: Any) -> dict[str, Any]:
    """The object that a file holds; `templates` are the keys that its messages use, so that a reader knows what else to bring."""
    return {
        "format": FORMAT,
        "key": key,
        "name": name,
        "why": why,
        "definition": definition,
        "tests": tests,
        "templates": templates_of(definition),
    }


def templates_of(definition: Any) -> list[str]:
    steps = definition.get("steps") if isinstance(definition, dict) else None
    return sorted(
        {str(step["template"]) for step in steps or [] if isinstance(step, dict) and step.get("kind") == "message" and step.get("template")}
    )


def exported(play: Play) -> str:
    """The present version of a play, pretty."""
    assert play.current is not None, f"play {play.key} has no version"
    version = play.current
    return pretty(as_file(key=play.key, name=play.name, why=play.why, definition=version.definition, tests=version.tests))


def pretty(said: Any) -> str:
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def parsed(text: str) -> dict[str, Any]:
    """The object of a file. Raises Flaws with the place of each, also of the definition inside."""
    if len(text) > _LONGEST:
        raise Flaws([("", "The file is longer than 1 MB; a play is not.")])
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        at = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise Flaws([(at, f"This is no JSON: {error.msg if isinstance(error, json.JSONDecodeError) else 'it cannot be read'}.")]) from error
    if flaws := _flaws(said):
        raise Flaws(flaws)
    return {"tests": [], **said}


def _flaws(said: Any) -> list[tuple[str, str]]:
    if not isinstance(said, dict):
        return [("", "A play's file holds one object with format, key, name, why and definition.")]
    found = [(name, "This is not known here.") for name in said if name not in _KNOWN]
    if said.get("format") != FORMAT:
        found.append(("format", f"Write {FORMAT}: it is the only one there is."))
    for name, longest in (("key", 60), ("name", 120), ("why", 2_000)):
        value = said.get(name)
        if not isinstance(value, str) or not value.strip() or len(value) > longest:
            found.append((name, f"Some words, at most {longest} letters."))
    key = said.get("key")
    if isinstance(key, str) and key and not (key.isascii() and all(letter.isalnum() or letter in "-_" for letter in key)):
        found.append(("key", "Letters, digits, - and _ only."))
    found += play_tests.flaws_of(said.get("tests", []))
    return found + [(f"definition.{place}".rstrip("."), words) for place, words in checked.flaws_of(said.get("definition"))]


def imported(text: str, *, dry_run: bool = False, actor: Actor, now: datetime) -> Imported:
    """Store what a file says: a new draft, the next version, or nothing when it says the same already. Raises Flaws; then nothing is stored.

    `live`, which files of the library may say, is not obeyed: only a person puts a play live.
    """
    said = parsed(text)
    with transaction.atomic():
        play = Play.objects.select_for_update(of=("self",)).select_related("current").filter(key=said["key"]).first()
        before = play.current.number if play and play.current else 0
        if play is None:
            play = written.create_play(
                key=said["key"],
                name=said["name"],
                why=said["why"],
                says=said["definition"],
                tests=said["tests"],
                note="Imported.",
                actor=actor,
                now=now,
            )
            number, change = 1, "created"
        else:
            number = written.save_version(play, says=said["definition"], tests=said["tests"], note="Imported.", actor=actor, now=now).number
            change = "version" if number != before else "nothing"
            written.rename(play, name=said["name"], why=said["why"], actor=actor, now=now)
        if dry_run:
            transaction.set_rollback(True)
    return Imported(None if dry_run and change == "created" else play, change, number, templates_of(said["definition"]))
