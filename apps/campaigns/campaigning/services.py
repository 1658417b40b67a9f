"""What may be done with campaigns: the face of this package."""

from .control import abort, archive, pause, resume
from .freezing import freeze
from .handing import hand_over
from .joining import on_event, on_segment
from .launching import launch
from .planning import advance, plan_due, start_by_hand
from .written import create, describe, save_version

__all__ = [
    "abort",
    "advance",
    "archive",
    "create",
    "describe",
    "freeze",
    "hand_over",
    "launch",
    "on_event",
    "on_segment",
    "pause",
    "plan_due",
    "resume",
    "save_version",
    "start_by_hand",
]
