"""Plays that come with the product: files in shipped/, in the format that plays are exported and imported in."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from apps.core.actor import Actor

from . import written
from .models import Play
from .types import PlayState

SAVE_FADING = "save-fading"
_SHIPPED = Path(__file__).parent / "shipped"
_ACTOR = Actor.job("interventions.library")


@cache
def _files() -> Mapping[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(_SHIPPED.glob("*.json"))}


def files() -> list[Path]:
    """Where the plays that ship stand."""
    return sorted(_SHIPPED.glob("*.json"))


def names() -> list[str]:
    """The keys of all plays that ship."""
    return list(_files())


def says(key: str, *, waits: Mapping[str, float] | None = None) -> dict[str, Any]:
    """What a play of the library says; `waits` gives steps other lengths by id, in minutes: a demo shows in minutes what takes days."""
    said: dict[str, Any] = json.loads(json.dumps(_files()[key]["definition"]))
    for step in said["steps"]:
        if waits and step["id"] in waits:
            step["minutes"] = waits[step["id"]]
    return said


def ensure(*, now: datetime) -> list[str]:
    """Create the library's plays that are missing, most of them as drafts for staff to look at; staff's own edits stay. Returns the keys created."""
    held = set(Play.objects.values_list("key", flat=True))
    made = [file for key, file in _files().items() if key not in held]
    for file in made:
        play = written.create_play(
            key=file["key"], name=file["name"], why=file["why"], says=file["definition"], tests=file["tests"], actor=_ACTOR, now=now
        )
        if file.get("live"):
            written.turn(play, PlayState.LIVE, actor=_ACTOR, now=now)
    return [file["key"] for file in made]
