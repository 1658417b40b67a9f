"""The face of coaching: what pages, the API, tasks and other apps call."""

# Sessions.
from .sessions.flow import accept, ask_how_it_went, begin, call_off, follow_up, hold, note_no_show, propose, schedule  # noqa: F401  isort:skip
from .sessions.outcomes import read_due as read_outcomes  # noqa: F401  isort:skip
from .sessions.strategies import ensure as ensure_strategies  # noqa: F401  isort:skip
from .sessions.writing import agree, promise, write  # noqa: F401  isort:skip
