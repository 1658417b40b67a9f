from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import TextChoices


class Role(TextChoices):
    """The staff groups, strongest first; their rights stand in apps/accounts/roles.py."""

    ADMINISTRATOR = "Administrator"
    VIEWER = "Viewer"
    TEAM_LEAD = "Team lead"
    CSM = "CSM"


class Stage(TextChoices):
    ONBOARDING = "onboarding", "onboarding"
    ACTIVE = "active", "active"
    CHURNED = "churned", "churned"


class ContactRole(TextChoices):
    CHAMPION = "champion", "champion"
    SPONSOR = "sponsor", "sponsor"
    ADMIN = "admin", "admin"
    USER = "user", "user"


class Meaning(TextChoices):
    """What an activity event says about the customer; staff give it to new event names."""

    ENGAGEMENT = "engagement", "engagement"
    CORE = "core", "core value"
    SUPPORT = "support", "support trouble"
    PAYMENT = "payment", "payment trouble"
    LEAVING = "leaving", "intends to leave"
    BILLING = "billing", "billing"
    OTHER = "other", "no meaning yet"


class ImportState(TextChoices):
    RUNNING = "running", "running"
    INTERRUPTED = "interrupted", "interrupted"
    DONE = "done", "done"
    REFUSED = "refused", "refused, nothing imported"


@dataclass(frozen=True)
class ActivityItem:
    """One activity event as it arrives, before its account is known.

    `account` is the account's external id, `contact` a person's; at least one is given. `value` is a count or an amount.
    """

    message_id: str
    name: str
    at: datetime
    account: str = ""
    contact: str = ""
    value: float = 1.0
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stored:
    """What became of a batch: positions in the batch, and the accounts touched."""

    accepted: list[int]
    duplicate: list[int]
    unknown_account: list[int]
    accounts: list[int]
