"""Milestones that come with the product: files in shipped/, written for the demo company's product. A company takes them as a pattern for its own."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from apps.core.actor import Actor

from . import written
from .definition import read
from .models import Milestone
from .types import MilestoneState

_SHIPPED = Path(__file__).parent / "shipped"
_ACTOR = Actor.job("milestones.library")


@cache
def files() -> Mapping[str, dict[str, Any]]:
    """By key, in the order of the catalogue."""
    said = [json.loads(path.read_text(encoding="utf-8")) for path in _SHIPPED.glob("*.json")]
    return {file["key"]: file for file in sorted(said, key=lambda file: int(file["position"]))}


def ensure(*, now: datetime, live: bool = False) -> list[str]:
    """Create those that are missing, each after those it needs; `live`: and put them live. Staff's own edits stay. Returns the keys created."""
    held = set(Milestone.objects.values_list("key", flat=True))
    left = {key: file for key, file in files().items() if key not in held}
    made: list[str] = []
    while left:
        key = next(key for key, file in left.items() if read(file["definition"]).depends_on <= held)
        file = left.pop(key)
        milestone = written.create(key=key, name=file["name"], says=file["definition"], position=file["position"], actor=_ACTOR, now=now)
        if live:
            written.turn(milestone, MilestoneState.LIVE, actor=_ACTOR, now=now)
        held.add(key)
        made.append(key)
    return made
