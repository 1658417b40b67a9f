"""A common budget over live campaigns, moved by what each brings."""

from collections.abc import Sequence
from datetime import datetime

from .figures import BudgetShare


def budget_split(*, now: datetime) -> Sequence[BudgetShare]:
    """How a common budget would be split over the live campaigns; equal where nothing sure is known."""
    raise NotImplementedError
