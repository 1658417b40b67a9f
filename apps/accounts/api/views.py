"""Customers, what they pay, do and say."""

from apps.accounts.models import (
    Account,
    ActivityEvent,
    Contact,
    DailyRollup,
    EventName,
    ImportProblem,
    ImportRun,
    Invoice,
    Note,
    Promise,
    Pulse,
    Subscription,
    SurveyResponse,
    Ticket,
)
from apps.core.api.views import ReadViews, SharedViews, WholeViews

from . import filters, serializers


class AccountViews(ReadViews):
    """Customers: the companies that pay."""

    scope = "accounts"
    queryset = Account.objects.all()
    serializer_class = serializers.AccountRow
    filterset_class = filters.AccountFilters
    orderings = ("pk", "name", "-arr", "-created_at")


class ContactViews(ReadViews):
    """People at accounts."""

    scope = "accounts"
    queryset = Contact.objects.all()
    serializer_class = serializers.ContactRow
    filterset_class = filters.ContactFilters


class SubscriptionViews(ReadViews):
    """Contracts that bring recurring revenue."""

    scope = "revenue"
    queryset = Subscription.objects.all()
    serializer_class = serializers.SubscriptionRow
    filterset_class = filters.SubscriptionFilters
    orderings = ("pk", "-started_on")


class InvoiceViews(ReadViews):
    """Bills and whether they are paid."""

    scope = "revenue"
    queryset = Invoice.objects.all()
    serializer_class = serializers.InvoiceRow
    filterset_class = filters.InvoiceFilters
    orderings = ("pk", "-due_on")


class TicketViews(ReadViews):
    """Questions to support."""

    scope = "support"
    queryset = Ticket.objects.all()
    serializer_class = serializers.TicketRow
    filterset_class = filters.TicketFilters
    orderings = ("pk", "-opened_at")


class SurveyResponseViews(ReadViews):
    """Answers to surveys."""

    scope = "support"
    queryset = SurveyResponse.objects.all()
    serializer_class = serializers.SurveyResponseRow
    filterset_class = filters.SurveyResponseFilters
    orderings = ("pk", "-at")


class NoteViews(ReadViews):
    """What success managers wrote down, and what was said in calls and meetings."""

    scope = "accounts"
    queryset = Note.objects.all()
    serializer_class = serializers.NoteRow
    filterset_class = filters.NoteFilters
    orderings = ("pk", "-at")


class PromiseViews(ReadViews):
    """What one side said it would do by a day."""

    scope = "accounts"
    queryset = Promise.objects.all()
    serializer_class = serializers.PromiseRow
    filterset_class = filters.PromiseFilters
    orderings = ("pk", "due_on")


class PulseViews(ReadViews):
    """How success managers feel about accounts, 0 to 100."""

    scope = "accounts"
    queryset = Pulse.objects.all()
    serializer_class = serializers.PulseRow
    filterset_class = filters.PulseFilters
    orderings = ("pk", "-at")


class ActivityViews(ReadViews):
    """What customers did in the product, as it arrived."""

    scope = "activity"
    queryset = ActivityEvent.objects.all()
    serializer_class = serializers.ActivityRow
    filterset_class = filters.ActivityFilters
    orderings = ("pk", "-at")


class RollupViews(ReadViews):
    """Activity of each account per day (UTC) and name."""

    scope = "activity"
    queryset = DailyRollup.objects.all()
    serializer_class = serializers.RollupRow
    filterset_class = filters.RollupFilters
    orderings = ("pk", "-day")


class EventNameViews(SharedViews):
    """The catalogue of activity names and what each means."""

    scope = "activity"
    queryset = EventName.objects.all()
    serializer_class = serializers.EventNameRow
    filterset_class = filters.EventNameFilters
    lookup_value_regex = "[^/]{1,160}"


class ImportViews(WholeViews):
    """Files that were brought in."""

    scope = "data"
    queryset = ImportRun.objects.all()
    serializer_class = serializers.ImportRow
    filterset_class = filters.ImportFilters
    orderings = ("-pk",)


class ImportProblemViews(WholeViews):
    """Rows of imported files that were refused, and why."""

    scope = "data"
    queryset = ImportProblem.objects.all()
    serializer_class = serializers.ImportProblemRow
    filterset_class = filters.ImportProblemFilters


ROUTES = {
    "accounts": AccountViews,
    "contacts": ContactViews,
    "subscriptions": SubscriptionViews,
    "invoices": InvoiceViews,
    "tickets": TicketViews,
    "surveys": SurveyResponseViews,
    "notes": NoteViews,
    "promises": PromiseViews,
    "pulses": PulseViews,
    "activity": ActivityViews,
    "rollups": RollupViews,
    "event-names": EventNameViews,
    "imports": ImportViews,
    "import-problems": ImportProblemViews,
}
