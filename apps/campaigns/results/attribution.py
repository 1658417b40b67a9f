"""Who gets the credit, by several models at once."""

from datetime import datetime

from apps.accounts.models import User

from ..types import AttributedOutcome
from .figures import Attribution


def attribution(
    *, outcome: AttributedOutcome, now: datetime, days: int = 90, window_days: int = 30, campaign_id: int | None = None, user: User | None = None
) -> Attribution:
    """Outcomes of the last `days`, and the touches in the `window_days` before each. `campaign_id`: only its row is told, all touches still count."""
    raise NotImplementedError
