"""What is known of campaigns: the face of this package that reads."""

from . import blocks
from .brakes import Pressed, pressed
from .freezing import counts
from .launching import problems
from .spending import spent

__all__ = ["Pressed", "blocks", "counts", "pressed", "problems", "spent"]
