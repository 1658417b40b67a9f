"""Next campaigns, from what many accounts share and nothing addresses."""

from collections.abc import Sequence
from datetime import datetime

from apps.accounts.models import User

from .figures import Suggestion


def suggestions(*, now: datetime, user: User | None = None, least: int = 5) -> Sequence[Suggestion]:
    """Churn drivers and falling parts of health that at least `least` accounts share and no live campaign or play addresses; most revenue first."""
    raise NotImplementedError
