"""Whether to choose by predicted gain whom to write to, and the gains."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from ..models import Campaign
from .figures import Targeting


def targeting(campaign: Campaign, *, now: datetime) -> Targeting:
    """The gate: enough randomised rows and outcomes, and a gain of ranking that is above noise."""
    raise NotImplementedError


def gains(campaign: Campaign, account_ids: Sequence[int], *, now: datetime) -> Mapping[int, float] | None:
    """Predicted gain of each account; None while the gate is shut."""
    raise NotImplementedError
