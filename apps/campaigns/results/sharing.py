"""By which shares the variants of a campaign are drawn."""

from collections.abc import Mapping
from datetime import datetime

from ..models import Campaign, CampaignVersion
from .figures import Shares


def shares_for(campaign: Campaign, version: CampaignVersion | None = None) -> tuple[int, Mapping[str, float]]:
    """(version of the shares, share of each variant of 1), for whoever freezes an audience: kept on each recipient as `weights` and `propensity`.

    Version 0 is what the definition says: nothing was moved yet, or the variants are others than those that the shares were learned for.
    """
    raise NotImplementedError


def shares(campaign: Campaign, *, now: datetime) -> Shares:
    """The shares with what each variant has shown."""
    raise NotImplementedError
