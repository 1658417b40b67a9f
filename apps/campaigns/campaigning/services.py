"""What may be done with campaigns: the face of this package."""

from .control import abort, archive, pause, resume
from .freezing import freeze
from .handing import hand_over
from .joining import on_event, on_segment
from .launching import launch
from .learning import note_not_sent, note_reply
from .planning import advance, finish, plan_due, start_by_hand
from .written import create, describe, save_version

__all__ = [
    "abort",
    "advance",
    "archive",
    "create",
    "describe",
    "finish",
    "freeze",
    "hand_over",
    "launch",
    "note_not_sent",
    "note_reply",
    "on_event",
    "on_segment",
    "pause",
    "plan_due",
    "resume",
    "save_version",
    "start_by_hand",
]
