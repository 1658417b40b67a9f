"""The face of coaching: what other apps, tasks, commands and buttons call."""

from .library import ensure as ensure_tips
from .profiles.fitting import place, refit
from .recommending.answering import answer
from .recommending.choosing import recommend
from .recommending.choosing import rules_now as ensure_rules
from .recommending.reading import end_stale, read_due, turn_of
from .recommending.sending import send_tip
from .written import create_tip, save_tip_version, turn_tip

__all__ = [
    "answer",
    "create_tip",
    "end_stale",
    "ensure_rules",
    "ensure_tips",
    "place",
    "read_due",
    "recommend",
    "refit",
    "save_tip_version",
    "send_tip",
    "turn_of",
    "turn_tip",
]

# Sessions are a noun of their own.
from .sessions.flow import accept, ask_how_it_went, begin, call_off, follow_up, hold, note_no_show, propose, schedule  # noqa: F401  isort:skip
from .sessions.outcomes import read_due as read_outcomes  # noqa: F401  isort:skip
from .sessions.strategies import ensure as ensure_strategies  # noqa: F401  isort:skip
from .sessions.writing import agree, promise, write  # noqa: F401  isort:skip
