from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
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
    DETRACTOR = "detractor", "detractor"


class TeamRole(TextChoices):
    """What somebody of ours is to an account, beside its owner."""

    BACKUP = "backup", "stands in for the owner"
    SALES = "sales", "sales"
    ONBOARDING = "onboarding", "onboarding"
    SUPPORT = "support", "support"
    SPONSOR = "sponsor", "executive sponsor"


class SubscriptionState(TextChoices):
    TRIAL = "trial", "trial"
    ACTIVE = "active", "active"
    PAUSED = "paused", "paused"
    ENDED = "ended", "ended"


class MovementKind(TextChoices):
    """Why ARR moved; docs/revenue.md says how a movement gets its kind."""

    NEW = "new", "new"
    EXPANSION = "expansion", "expansion"
    CONTRACTION = "contraction", "contraction"
    CHURN = "churn", "churn"
    REACTIVATION = "reactivation", "reactivation"


class RenewalState(TextChoices):
    OPEN = "open", "open"
    RENEWED = "renewed", "renewed"
    EXPANDED = "expanded", "renewed for more"
    CONTRACTED = "contracted", "renewed for less"
    CHURNED = "churned", "not renewed"


class BookingType(TextChoices):
    """How a renewal is booked."""

    RENEWAL = "renewal", "renewal"
    EARLY = "early", "early renewal"
    AUTO = "auto", "renews by itself"
    MULTI_YEAR = "multi_year", "several years"


class CallBy(TextChoices):
    CSM = "csm", "success manager"
    MODEL = "model", "model"


class Call(TextChoices):
    """What somebody commits to about a renewal."""

    GOOD = "good", "good"
    AT_RISK = "at_risk", "at risk"
    CHURN = "churn", "will leave"


class InvoiceState(TextChoices):
    OPEN = "open", "open"
    PAID = "paid", "paid"
    FAILED = "failed", "payment failed"
    VOID = "void", "void"


class TicketPriority(TextChoices):
    P1 = "p1", "P1 urgent"
    P2 = "p2", "P2 high"
    P3 = "p3", "P3 normal"
    P4 = "p4", "P4 low"


class TicketState(TextChoices):
    OPEN = "open", "open"
    PENDING = "pending", "waits for the customer"
    SOLVED = "solved", "solved"


class SurveyKind(TextChoices):
    NPS = "nps", "NPS (0 to 10)"
    CSAT = "csat", "CSAT (1 to 5)"
    CES = "ces", "CES (1 to 7)"


class NoteKind(TextChoices):
    NOTE = "note", "note"
    CALL = "call", "call"
    MEETING = "meeting", "meeting"
    EMAIL = "email", "email"


class PromiseState(TextChoices):
    OPEN = "open", "open"
    KEPT = "kept", "kept"
    DROPPED = "dropped", "dropped"


class Meaning(TextChoices):
    """What an activity event says about the customer; staff give it to new event names."""

    ENGAGEMENT = "engagement", "engagement"
    CORE = "core", "core value"
    SUPPORT = "support", "support trouble"
    PAYMENT = "payment", "payment trouble"
    LEAVING = "leaving", "intends to leave"
    BILLING = "billing", "billing"
    OTHER = "other", "no meaning yet"


class FieldKind(TextChoices):
    """What a registered field holds."""

    NUMBER = "number", "number"
    BOOLEAN = "boolean", "yes or no"
    DATE = "date", "date"
    TEXT = "text", "text"
    OTHER = "other", "a list or an object"


class ImportState(TextChoices):
    DRAFT = "draft", "not started"
    CHECKING = "checking", "being checked"
    CHECKED = "checked", "checked, not started"
    QUEUED = "queued", "waits for its turn"
    RUNNING = "running", "running"
    INTERRUPTED = "interrupted", "interrupted"
    DONE = "done", "done"
    REFUSED = "refused", "refused, nothing imported"
    UNDOING = "undoing", "being taken back"
    UNDONE = "undone", "taken back"


class ActivityItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One activity event as it arrives, before its account is known.

    `account` is the account's external id, `contact` a person's; at least one is given. `value` is a count or an amount.
    """

    message_id: str
    name: str
    at: datetime
    account: str | None = None
    contact: str | None = None
    value: float = 1.0
    properties: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Stored:
    """What became of a batch, as positions in it."""

    accepted: list[int]
    duplicate: list[int]
    unknown_account: list[int]


@dataclass(frozen=True)
class AccountFacts:
    """What a file or a source says about an account; None says nothing. `at` is when it was said, where that is not now."""

    external_id: str
    name: str | None = None
    domain: str | None = None
    domains: list[str] | None = None
    tier: str | None = None
    segment: str | None = None
    tags: list[str] | None = None
    plan: str | None = None
    stage: Stage | None = None
    owner_id: int | None = None
    parent: str | None = None
    time_zone: str | None = None
    locale: str | None = None
    currency: str | None = None
    arr: Decimal | None = None
    seats: int | None = None
    seats_used: int | None = None
    started_on: date | None = None
    renews_on: date | None = None
    churned_on: date | None = None
    traits: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


@dataclass(frozen=True)
class ContactFacts:
    """What a source says about a person; `account` is the account's external id, empty when it is not said."""

    external_id: str
    account: str = ""
    name: str | None = None
    title: str | None = None
    email: str | None = None
    phone: str | None = None
    role: ContactRole | None = None
    time_zone: str | None = None
    locale: str | None = None
    departed_on: date | None = None
    traits: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


@dataclass(frozen=True)
class Left:
    """One fact, or a whole row (empty `field`), that was not taken, and why."""

    key: str
    field: str
    reason: str


@dataclass(frozen=True)
class Difference:
    """One field of an existing row that would become, or became, something else."""

    key: str
    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class RecordFacts:
    """What is said about one record of an account: `account` and `contact` are external ids, `values` the columns that are spoken of."""

    external_id: str
    account: str
    contact: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    traits: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


@dataclass(frozen=True)
class Brought:
    """How many rows were new, different, and already so; what was left out; `ids` are our own keys of rows that are new or different.

    `differences` is filled by a comparison only.
    """

    created: int
    changed: int
    same: int
    left: tuple[Left, ...] = ()
    ids: tuple[int, ...] = ()
    differences: tuple[Difference, ...] = ()
