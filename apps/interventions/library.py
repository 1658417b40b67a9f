"""Plays that come with the product."""

from datetime import datetime
from typing import Any

from apps.core.actor import Actor

from . import written
from .models import Play
from .types import PlayState

_SHIPPED = Actor.job("interventions.library")

HOUR = 60
DAY = 24 * HOUR

SAVE_FADING = "save-fading"


def save_fading_steps(*, settle: float = 5, first_wait: float = 2 * DAY, second_wait: float = 2 * DAY) -> list[dict[str, Any]]:
    """The steps of "Save a fading account"; waits in minutes, so that the demo can show in minutes what takes days."""
    return [
        {"kind": "wait", "minutes": settle},
        {"kind": "message", "channel": "email", "template": SAVE_FADING},
        {"kind": "wait", "minutes": first_wait},
        {"kind": "message", "channel": "in_app", "template": SAVE_FADING},
        {"kind": "wait", "minutes": second_wait},
        {
            "kind": "task",
            "reason": "call",
            "title": "Call: activity is fading and nobody replied",
            "minutes_needed": 15,
            "due_in_hours": 24,
        },
        {"kind": "watch"},
    ]


def save_fading(**waits: float) -> dict[str, Any]:
    """What "Save a fading account" says."""
    return {
        "trigger": {"kind": "event", "event": "risk.raised", "when": {"to_band": "high"}},
        "steps": save_fading_steps(**waits),
        "goal": {"reached": {"kind": "recovers", "percent": 80}, "window_days": 30},
    }


def ensure(*, now: datetime) -> list[str]:
    """Create the library's plays that are missing; staff's own edits stay. Returns the keys created."""
    if Play.objects.filter(key=SAVE_FADING).exists():
        return []
    play = written.create_play(
        key=SAVE_FADING,
        name="Save a fading account",
        why="When an account's risk becomes high, write to the person we know best, then show a note in the product, "
        "and ask the CSM to call if nobody answers. Success is activity back at 80 % of the account's own pattern within 30 days.",
        says=save_fading(),
        actor=_SHIPPED,
        now=now,
    )
    written.turn(play, PlayState.LIVE, actor=_SHIPPED, now=now)
    return [SAVE_FADING]
