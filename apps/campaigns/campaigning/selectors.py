"""What is known of campaigns: the face of this package that reads."""

from . import blocks
from .brakes import Pressed, pressed
from .calendar import PressureDay, full_accounts, pressure_days, who_gets_what
from .foreseeing import Consequence, consequence
from .freezing import counts
from .launching import problems
from .progress import Progress, progress
from .spending import spent

__all__ = [
    "Consequence",
    "Pressed",
    "PressureDay",
    "Progress",
    "blocks",
    "consequence",
    "counts",
    "full_accounts",
    "pressed",
    "pressure_days",
    "problems",
    "progress",
    "spent",
    "who_gets_what",
]
