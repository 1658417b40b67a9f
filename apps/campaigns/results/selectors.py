"""What campaigns changed and what follows; nothing here writes. `user`: in this person's book of accounts; None: everybody's, as jobs read it."""

from .attribution import attribution
from .budgets import budget_split
from .funnel import cohorts, funnel
from .history import days, incrementals
from .readout import readout
from .sharing import shares, shares_for
from .suggested import suggestions
from .targeting import gains, targeting

__all__ = [
    "attribution",
    "budget_split",
    "cohorts",
    "days",
    "funnel",
    "gains",
    "incrementals",
    "readout",
    "shares",
    "shares_for",
    "suggestions",
    "targeting",
]
