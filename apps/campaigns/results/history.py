"""The read-outs of past days, as they were."""

from collections.abc import Mapping, Sequence
from datetime import date

from ..models import Campaign
from .figures import Day


def days(campaign: Campaign, *, since: date | None = None) -> Sequence[Day]:
    """Newest first."""
    raise NotImplementedError


def incrementals(campaign_ids: Sequence[int]) -> Mapping[int, Day]:
    """The newest frozen read-out of each, for lists: one statement."""
    raise NotImplementedError
