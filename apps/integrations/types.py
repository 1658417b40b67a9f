"""Limits and words of the Segment-compatible door."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import TextChoices

MAX_BODY = 4 * 1024 * 1024  # on the wire and after inflating: the largest batch an SDK sends (rudder) fits
MAX_MESSAGE = 32 * 1024
MAX_MESSAGES = 2_000  # in a batch; the SDKs send 100 at most unless they are told otherwise
MAX_DEPTH = 32
MAX_AHEAD = timedelta(hours=24)

# What a key may be allowed. Reading and writing are asked for apart; whoever may write need not be able to read.
SCOPES = {
    "accounts:read": "Accounts, contacts, notes, promises, pulses",
    "accounts:write": "Create and change accounts, contacts, notes, promises, pulses",
    "activity:read": "Activity events, daily rollups, event names",
    "activity:write": "Send activity",
    "revenue:read": "Subscriptions, invoices, movements, figures, renewals, exchange rates",
    "revenue:write": "Create and change subscriptions and invoices, call and decide renewals, enter exchange rates",
    "support:read": "Tickets and survey responses",
    "support:write": "Create and change tickets and survey responses",
    "health:read": "Health scores with their contributions",
    "churn:read": "Churn risks, predictions, definitions and models",
    "churn:write": "Have rows scored now, ask what if",
    "milestones:read": "Milestones and how far accounts are with them",
    "milestones:write": "Say what was reached elsewhere, take it back, pause and go on; make links to people’s own paths",
    "system:read": "How the machinery does: /health/deep",
    "work:read": "Alerts, tasks, plays and their runs",
    "work:write": "Acknowledge and resolve alerts, close and put off tasks",
    "messages:read": "Messages and what became of them, what contacts want, addresses that are barred",
    "messages:write": "Take messages back, approve drafts, write down what contacts want, bar and open addresses, make tokens for inboxes",
    "templates:read": "Templates, their versions and how a contact would get them",
    "templates:write": "Write the next version of a template",
    "rewards:read": "Rules and budgets of rewards, the ledger, balances, redemptions, boards",
    "rewards:write": "Decide claims, ask for something of the catalogue, hand over, say what people chose",
    "metrics:read": "Figures of the house, of owners and teams, over days, and the accounts behind them",
    "audiences:read": "Who is in which segment; whom one may write to there needs accounts:read too",
    "campaigns:read": "Campaigns, their versions and occurrences, who got them and who not, and what came of them",
    "campaigns:write": "Write campaigns, launch, pause, resume, abort and start them",
    "surveys:read": "Invitations to surveys and what came of them",
    "touches:read": "What outside marketing tools told of customers",
    "touches:write": "Tell what an outside marketing tool did, and what came of it there",
    "segments:read": "Segments, who is or was in them and why, how many a rule finds",
    "segments:write": "Write segments, put them live, archive them, list accounts in them",
    "community:read": "What people take part in, moments, asks, challenges, statements",
    "community:write": "Write down what people chose, decide asks, write challenges and statements",
    "data:read": "Imports and exports",
    "history:read": "Events and changes of fields",
    "webhooks:read": "Webhooks and what was sent to them",
    "webhooks:write": "Make and change webhooks, rotate their secrets, send again",
}
KEPT_CALLS = timedelta(hours=72)  # longer than any client retries

# The bands of churn risk that a webhook may choose from.
RISK_BANDS = ("low", "medium", "high")


class WebhookState(TextChoices):
    WAITING = "waiting", "waiting"
    SENDING = "sending", "being sent"
    DELIVERED = "delivered", "delivered"
    FAILED = "failed", "given up"


KINDS = ("track", "identify", "group", "page", "screen", "alias")
ACTIVITY = ("track", "page", "screen")


class Unacceptable(Exception):
    """The whole request is turned away: HTTP status, a code for programs, a sentence for people."""

    def __init__(self, status: int, code: str, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after


@dataclass(frozen=True)
class Refusal:
    """Why one message of a batch was not stored. `waits_for` is the person whose account is not known yet."""

    position: int
    message_id: str
    field: str
    reason: str
    raw: Any
    waits_for: str = ""


@dataclass
class Verdict:
    """What became of a batch, by position."""

    accepted: int = 0
    duplicate: int = 0
    refused: list[Refusal] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        rejected = [{"index": r.position, "messageId": r.message_id, "field": r.field, "reason": r.reason} for r in self.refused]
        return {"success": True, "accepted": self.accepted, "duplicate": self.duplicate, "rejected": rejected}
