"""Plays that come with the product."""

from typing import Any

from .models import Play
from .types import PlayState

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
            "key": "call",
            "title": "Call: activity is fading and nobody replied",
            "unless": "replied",
            "minutes_needed": 15,
            "due_in_hours": 24,
        },
        {"kind": "watch"},
    ]


def ensure() -> list[str]:
    """Create the library's plays that are missing; staff's own edits stay. Returns the keys created."""
    _, created = Play.objects.get_or_create(
        key=SAVE_FADING,
        defaults={
            "name": "Save a fading account",
            "why": "When an account's risk becomes high, write to the person we know best, then show a note in the product, "
            "and ask the CSM to call if nobody answers. Success is activity back at 80 % of the account's own pattern within 30 days.",
            "state": PlayState.LIVE,
            "steps": save_fading_steps(),
        },
    )
    return [SAVE_FADING] if created else []
