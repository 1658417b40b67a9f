"""What is known of referrals: `community.selectors.referrals`."""

from .analytics.estimates import after_waves
from .analytics.reading import HEARD_FROM, Analytics, Cohort, analytics
from .asked import is_hidden_from, may_be_asked
from .definition import Definition, Flaws, plain, read
from .graph import generations, steps_between
from .links import link, meaning, touch_token
from .programs import says

__all__ = [
    "HEARD_FROM",
    "Analytics",
    "Cohort",
    "Definition",
    "Flaws",
    "after_waves",
    "analytics",
    "generations",
    "is_hidden_from",
    "link",
    "may_be_asked",
    "meaning",
    "plain",
    "read",
    "says",
    "steps_between",
    "touch_token",
]
