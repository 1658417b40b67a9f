"""What may be done with surveys."""

from .answering import CHANGEABLE, LONGEST, answer, standing
from .drip import PLACE_SQL, due
from .following import follow
from .inviting import context_for
from .looping import close as close_loop
from .looping import watch as watch_loops

__all__ = ["CHANGEABLE", "LONGEST", "PLACE_SQL", "answer", "close_loop", "context_for", "due", "follow", "standing", "watch_loops"]
