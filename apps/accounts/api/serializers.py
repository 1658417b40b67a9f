"""What the API tells of customers. Owners and authors are told by email address, accounts by both of their ids."""

from typing import Any

from rest_framework import serializers

from apps.accounts.models import (
    Account,
    ActivityEvent,
    ArrMovement,
    Contact,
    DailyRollup,
    EventName,
    ExchangeRate,
    ImportProblem,
    ImportRun,
    Invoice,
    Note,
    Promise,
    Pulse,
    Renewal,
    RenewalCall,
    Subscription,
    SurveyResponse,
    Ticket,
)
from apps.accounts.revenue import Figures
from apps.core.api.fields import OfAccount, Rows, by_email


class AccountRow(Rows):
    owner = by_email()
    parent_external_id = serializers.CharField(source="parent.external_id", read_only=True, allow_null=True, default=None)
    select = ("owner", "parent")

    class Meta:
        model = Account
        fields = [
            "id",
            "version",
            "external_id",
            "name",
            "parent",
            "parent_external_id",
            "domain",
            "domains",
            "tier",
            "segment",
            "tags",
            "plan",
            "stage",
            "owner",
            "time_zone",
            "locale",
            "currency",
            "arr",
            "seats",
            "seats_used",
            "started_on",
            "renews_on",
            "churned_on",
            "traits",
            "synthetic",
            "created_at",
        ]


class ContactRow(OfAccount):
    class Meta:
        model = Contact
        fields = [
            "id",
            "version",
            "account",
            "account_external_id",
            "external_id",
            "name",
            "title",
            "email",
            "phone",
            "role",
            "time_zone",
            "locale",
            "influence",
            "reports_to",
            "departed_on",
            "last_two_way_at",
            "traits",
        ]


class SubscriptionRow(OfAccount):
    class Meta:
        model = Subscription
        fields = [
            "id",
            "version",
            "account",
            "account_external_id",
            "external_id",
            "plan",
            "state",
            "started_on",
            "renews_on",
            "ended_on",
            "seats",
            "currency",
            "arr",
        ]


class InvoiceRow(OfAccount):
    class Meta:
        model = Invoice
        fields = [
            "id",
            "account",
            "account_external_id",
            "external_id",
            "number",
            "state",
            "amount",
            "currency",
            "issued_on",
            "due_on",
            "paid_on",
        ]


class MovementRow(OfAccount):
    class Meta:
        model = ArrMovement
        fields = [
            "id",
            "account",
            "account_external_id",
            "subscription",
            "kind",
            "amount",
            "currency",
            "effective_on",
            "recorded_at",
            "reverses",
            "reason",
            "source",
            "actor",
        ]


class FiguresTold(serializers.Serializer[Any]):
    """Describes the answer; `figures_row` makes it."""

    by = serializers.CharField()
    known_at = serializers.DateTimeField()
    groups = serializers.ListField(child=serializers.DictField())


def figures_row(found: Figures) -> dict[str, Any]:
    """Amounts as text with two decimals; shares with six, null where there is nothing to divide by."""
    amounts = ("opening", "new", "expansion", "contraction", "churn", "reactivation", "closing", "fx", "mrr")
    shares = ("nrr", "grr", "logo_churn", "quick_ratio")
    return {
        "key": found.key,
        "from": found.period.start.isoformat(),
        "until": found.period.end.isoformat(),
        "currency": found.currency,
        **{name: f"{getattr(found, name):.2f}" for name in amounts},
        **{name: None if (share := getattr(found, name)) is None else f"{share:.6f}" for name in shares},
        "customers": found.customers,
        "came": found.came,
        "lost": found.lost,
        "missing": {currency: f"{amount:.2f}" for currency, amount in found.missing.items()},
    }


class CallRow(Rows):
    author = by_email()

    class Meta:
        model = RenewalCall
        fields = ["by", "checkpoint", "call", "probability", "at", "author", "source", "withdrawn_at"]


class RenewalRow(OfAccount):
    calls = CallRow(many=True, read_only=True)
    prefetch = ("calls__author",)

    class Meta:
        model = Renewal
        fields = [
            "id",
            "account",
            "account_external_id",
            "subscription",
            "due_on",
            "arr",
            "currency",
            "booking_type",
            "state",
            "outcome_arr",
            "decided_on",
            "decided_by",
            "calls",
        ]


class RateRow(Rows):
    class Meta:
        model = ExchangeRate
        fields = ["id", "currency", "into", "valid_from", "rate", "recorded_at", "source", "actor"]


class TicketRow(OfAccount):
    contact_external_id = serializers.CharField(source="contact.external_id", read_only=True, allow_null=True, default=None)
    select = ("account", "contact")

    class Meta:
        model = Ticket
        fields = [
            "id",
            "version",
            "account",
            "account_external_id",
            "contact",
            "contact_external_id",
            "source",
            "external_id",
            "subject",
            "priority",
            "state",
            "opened_at",
            "answered_at",
            "solved_at",
            "due_at",
        ]


class SurveyResponseRow(OfAccount):
    contact_external_id = serializers.CharField(source="contact.external_id", read_only=True, allow_null=True, default=None)
    loop_closed_by = by_email()
    select = ("account", "contact", "loop_closed_by")

    class Meta:
        model = SurveyResponse
        fields = [
            "id",
            "account",
            "account_external_id",
            "contact",
            "contact_external_id",
            "source",
            "external_id",
            "kind",
            "score",
            "comment",
            "topic",
            "language",
            "at",
            "loop_closed_at",
            "loop_closed_by",
        ]


class NoteRow(OfAccount):
    author = by_email()
    select = ("account", "author")
    prefetch = ("contacts",)

    class Meta:
        model = Note
        fields = ["id", "version", "account", "account_external_id", "author", "kind", "body", "contacts", "minutes", "at", "created_at"]


class PromiseRow(OfAccount):
    owner = by_email()
    select = ("account", "owner")

    class Meta:
        model = Promise
        fields = [
            "id",
            "version",
            "account",
            "account_external_id",
            "note",
            "text",
            "by_customer",
            "owner",
            "due_on",
            "state",
            "settled_at",
            "created_at",
        ]


class PulseRow(OfAccount):
    author = by_email()
    select = ("account", "author")

    class Meta:
        model = Pulse
        fields = ["id", "account", "account_external_id", "author", "value", "reason", "at"]


class ActivityRow(OfAccount):
    contact_external_id = serializers.CharField(source="contact.external_id", read_only=True, allow_null=True, default=None)
    select = ("account", "contact")

    class Meta:
        model = ActivityEvent
        fields = [
            "id",
            "account",
            "account_external_id",
            "contact",
            "contact_external_id",
            "source",
            "message_id",
            "name",
            "at",
            "received_at",
            "value",
            "properties",
        ]


class RollupRow(OfAccount):
    value = serializers.FloatField(read_only=True)

    class Meta:
        model = DailyRollup
        fields = ["id", "account", "account_external_id", "day", "name", "count", "value"]


class EventNameRow(Rows):
    class Meta:
        model = EventName
        fields = ["name", "meaning", "first_seen_at"]


class ImportProblemRow(Rows):
    class Meta:
        model = ImportProblem
        fields = ["id", "run", "row", "column", "problem", "raw"]


class ImportRow(Rows):
    class Meta:
        model = ImportRun
        fields = [
            "id",
            "kind",
            "file_name",
            "sha256",
            "state",
            "actor",
            "rows_read",
            "rows_created",
            "rows_changed",
            "rows_same",
            "rows_refused",
            "started_at",
            "finished_at",
        ]
