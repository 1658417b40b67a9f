"""Reading coaching. Never writes."""

# Sessions and what they changed.
from . import effect_data  # noqa: F401  isort:skip
from .effect import cohort, decay, verdict  # noqa: F401  isort:skip
from .sessions import agenda, calendar, goals, strategies  # noqa: F401  isort:skip
from .sessions.messages import of as messages_of, reachable  # noqa: F401  isort:skip
