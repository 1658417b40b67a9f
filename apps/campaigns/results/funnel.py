"""Funnel and cohort figures, with what those held out did beside them."""

from collections.abc import Sequence
from datetime import datetime

from apps.accounts.models import User

from ..models import Campaign, Occurrence
from .figures import Cohort, Funnel


def funnel(campaign: Campaign, *, now: datetime, occurrence: Occurrence | None = None, user: User | None = None) -> Funnel:
    raise NotImplementedError


def cohorts(campaign: Campaign, *, now: datetime, user: User | None = None) -> Sequence[Cohort]:
    """One per time it went out, newest first, at most 26."""
    raise NotImplementedError
