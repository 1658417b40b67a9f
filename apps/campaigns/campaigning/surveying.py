"""What a survey's invitation needs besides its words."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from ..models import Occurrence, Recipient
from ..surveys import services as surveys
from ..types import CampaignKind


def context_for(occurrence: Occurrence, recipients: Collection[Recipient], *, now: datetime) -> dict[int, dict[str, Any]]:
    """By recipient the Liquid values of a survey: `survey.link` leads to its page. Who is missing was asked too short a time ago by another."""
    if occurrence.campaign.kind != CampaignKind.SURVEY:
        return {row.pk: {} for row in recipients}
    for row in recipients:
        row.occurrence = occurrence
    return surveys.context_for(list(recipients), now=now)
