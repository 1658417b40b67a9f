"""The tips that ship: one file, in the format that tips are written in."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from apps.core.actor import Actor

from . import written
from .models import Tip
from .types import TipState

_FILE = Path(__file__).parent / "shipped" / "tips.json"
_ACTOR = Actor.job("coaching.library")


@cache
def shipped() -> tuple[dict[str, Any], ...]:
    """[{"key", "name", "definition"}], in the order of the file."""
    return tuple(json.loads(_FILE.read_text(encoding="utf-8")))


def ensure(*, now: datetime) -> list[str]:
    """Create the shipped tips that are missing, and put them to work; staff's own edits stay. Returns the keys created."""
    held = set(Tip.objects.values_list("key", flat=True))
    made = [tip for tip in shipped() if tip["key"] not in held]
    for one in made:
        tip = written.create_tip(key=one["key"], name=one["name"], says=one["definition"], actor=_ACTOR, now=now)
        written.turn_tip(tip, TipState.LIVE, actor=_ACTOR, now=now)
    return [one["key"] for one in made]
