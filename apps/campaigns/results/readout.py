"""The incremental read-out of a campaign."""

from datetime import datetime

from apps.accounts.models import User

from ..models import Campaign
from .figures import Readout


def readout(campaign: Campaign, *, now: datetime, user: User | None = None) -> Readout:
    """Treated against held out, by assignment: of the whole campaign, of every time it went out, of every variant."""
    raise NotImplementedError
