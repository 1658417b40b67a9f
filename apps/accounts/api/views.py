"""Customers, what they pay, do and say."""

from datetime import date, datetime
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import revenue, services, upserts
from apps.accounts.gate import Kind, Row
from apps.accounts.models import (
    Account,
    ActivityEvent,
    ArrMovement,
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
    User,
)
from apps.accounts.profiles import ACCOUNTS
from apps.accounts.records import KINDS as RECORDS
from apps.accounts.types import ActivityItem, NoteKind
from apps.core import clock
from apps.core.api.access import actor_of, source_of
from apps.core.api.items import Misfit, Verdict, refused
from apps.core.api.views import ReadViews, SharedViews, WholeViews
from apps.core.api.writing import BulkViews, CreateViews, EditViews

from . import filters, items, rows, serializers

KINDS: dict[Any, Kind] = {Account: ACCOUNTS, **RECORDS}


class Upserted(BulkViews, CreateViews):
    """Rows that other systems keep: created and changed by their ids there, one at a time or thousands."""

    # What a new row cannot do without.
    needed: ClassVar[tuple[str, ...]] = ()

    @property
    def kind(self) -> Kind:
        described: Any = self.get_serializer_class()
        return KINDS[described.Meta.model]

    def take(self, good: list[tuple[int, Any]]) -> list[Verdict]:
        known = rows.colleagues(item for _, item in good)
        taken: list[tuple[int, Row]] = []
        verdicts = []
        for index, item in good:
            try:
                taken.append((index, rows.row_of(item, known)))
            except Misfit as misfit:
                verdicts.append(refused(index, item.external_id, misfit))
        outcomes = self._upsert([row for _, row in taken])
        for (index, row), outcome in zip(taken, outcomes, strict=True):
            left = [{"field": name, "reason": reason} for name, reason in outcome.left]
            verdicts.append(Verdict(index, outcome.status, row.key, outcome.id, outcome.field, outcome.reason, left))
        return verdicts

    def make(self, item: Any) -> Any:
        outcome = self._upsert([rows.row_of(item, rows.colleagues([item]))], only_new=True)[0]
        if outcome.status == "refused":
            raise Misfit(outcome.field, outcome.reason)
        if outcome.left:
            raise Misfit(*outcome.left[0])
        return self.get_queryset().model(pk=outcome.id)

    def _upsert(self, found: list[Row], *, only_new: bool = False) -> list[upserts.Outcome]:
        return services.upsert(
            self.kind,
            found,
            needed=self.needed,
            caller=self.caller,
            source=source_of(self.request),
            actor=actor_of(self.request),
            now=clock.now(),
            only_new=only_new,
        )


class Edited(EditViews):
    def edit(self, row: Any, said: dict[str, Any], *, version: int | None) -> None:
        source = source_of(self.request)
        changes = rows.changes_of(row, said, caller=self.caller, source=source)
        services.edit_record(row, changes=changes, version=version, source=source, actor=actor_of(self.request), now=clock.now())


class AccountViews(Upserted, EditViews):
    """Customers: the companies that pay."""

    scope = "accounts"
    queryset = Account.objects.all()
    serializer_class = serializers.AccountRow
    filterset_class = filters.AccountFilters
    orderings = ("pk", "name", "-arr", "-created_at")
    item = items.AccountItem
    edited = items.AccountChange

    def edit(self, row: Any, said: dict[str, Any], *, version: int | None) -> None:
        source = source_of(self.request)
        changes = rows.changes_of(row, said, caller=self.caller, source=source)
        services.edit(row, changes=changes, version=version, source=source, actor=actor_of(self.request), now=clock.now())


class ContactViews(Upserted, Edited):
    """People at accounts."""

    scope = "accounts"
    queryset = Contact.objects.all()
    serializer_class = serializers.ContactRow
    filterset_class = filters.ContactFilters
    item = items.ContactItem
    edited = items.ContactChange


class SubscriptionViews(Upserted, Edited):
    """Contracts that bring recurring revenue."""

    scope = "revenue"
    queryset = Subscription.objects.all()
    serializer_class = serializers.SubscriptionRow
    filterset_class = filters.SubscriptionFilters
    orderings = ("pk", "-started_on")
    item = items.SubscriptionItem
    edited = items.SubscriptionChange
    needed = ("started_on",)


class InvoiceViews(Upserted):
    """Bills and whether they are paid."""

    scope = "revenue"
    queryset = Invoice.objects.all()
    serializer_class = serializers.InvoiceRow
    filterset_class = filters.InvoiceFilters
    orderings = ("pk", "-due_on")
    item = items.InvoiceItem
    needed = ("amount", "issued_on", "due_on")


class TicketViews(Upserted, Edited):
    """Questions to support. Their ids are those of the source: the key that sends them."""

    scope = "support"
    queryset = Ticket.objects.all()
    serializer_class = serializers.TicketRow
    filterset_class = filters.TicketFilters
    orderings = ("pk", "-opened_at")
    item = items.TicketItem
    edited = items.TicketChange
    needed = ("opened_at",)


class SurveyResponseViews(Upserted):
    """Answers to surveys. Their ids are those of the source: the key that sends them."""

    scope = "support"
    queryset = SurveyResponse.objects.all()
    serializer_class = serializers.SurveyResponseRow
    filterset_class = filters.SurveyResponseFilters
    orderings = ("pk", "-at")
    item = items.SurveyItem
    needed = ("kind", "score", "at")


class Told(CreateViews):
    """What people write down is signed by the person, or by the owner of the key."""

    @property
    def author(self) -> User | None:
        return self.caller if isinstance(self.caller, User) else None

    def account_of(self, item: Any) -> Any:
        return rows.account_of(item.account_external_id, caller=self.caller)


class NoteViews(Told, Edited):
    """What success managers wrote down, and what was said in calls and meetings."""

    scope = "accounts"
    queryset = Note.objects.all()
    serializer_class = serializers.NoteRow
    filterset_class = filters.NoteFilters
    orderings = ("pk", "-at")
    item = items.NoteItem
    edited = items.NoteChange

    def make(self, item: items.NoteItem) -> Note:
        account, now = self.account_of(item), clock.now()
        return services.write_down(
            account,
            body=item.body,
            kind=NoteKind(item.kind),
            minutes=item.minutes,
            at=item.at,
            contacts=rows.contacts_of(item.contacts, account_id=account.pk),
            author=self.author,
            actor=actor_of(self.request),
            now=now,
        )


class PromiseViews(Told, Edited):
    """What one side said it would do by a day."""

    scope = "accounts"
    queryset = Promise.objects.all()
    serializer_class = serializers.PromiseRow
    filterset_class = filters.PromiseFilters
    orderings = ("pk", "due_on")
    item = items.PromiseItem
    edited = items.PromiseChange

    def make(self, item: items.PromiseItem) -> Promise:
        owner = rows.changes_of(None, {"owner": item.owner}, caller=self.caller, source="")["owner"]
        return services.promise(
            account=self.account_of(item),
            text=item.text,
            due_on=item.due_on,
            by_customer=item.by_customer,
            owner=owner,
            actor=actor_of(self.request),
            now=clock.now(),
        )


class PulseViews(Told):
    """How success managers feel about accounts, 0 to 100; never edited, say a new one."""

    scope = "accounts"
    queryset = Pulse.objects.all()
    serializer_class = serializers.PulseRow
    filterset_class = filters.PulseFilters
    orderings = ("pk", "-at")
    item = items.PulseItem

    def make(self, item: items.PulseItem) -> Pulse:
        return services.feel_pulse(
            account=self.account_of(item),
            value=item.value,
            reason=item.reason,
            author=self.author,
            actor=actor_of(self.request),
            now=clock.now(),
        )


class ActivityViews(BulkViews):
    """What customers did in the product, as it arrived."""

    scope = "activity"
    queryset = ActivityEvent.objects.all()
    serializer_class = serializers.ActivityRow
    filterset_class = filters.ActivityFilters
    orderings = ("pk", "-at")
    item = items.ActivityThing

    def take(self, good: list[tuple[int, Any]]) -> list[Verdict]:
        """`created` is stored now, `same` was stored before."""
        verdicts: dict[int, Verdict] = {}
        own = self._own_accounts(good)
        for index, item in good:
            if own is not None and item.account_external_id not in own:
                misfit = Misfit("account_external_id", "A key that sees one book names the account, and it is of that book.")
                verdicts[index] = refused(index, item.message_id, misfit)
        taken = [(index, item) for index, item in good if index not in verdicts]
        things = [
            ActivityItem(
                message_id=item.message_id,
                name=item.name,
                at=item.at,
                account=item.account_external_id,
                contact=item.contact_external_id,
                value=item.value,
                properties=item.properties,
            )
            for _, item in taken
        ]
        stored = services.record_activity(things, source=source_of(self.request), now=clock.now())
        status = dict.fromkeys(stored.accepted, "created") | dict.fromkeys(stored.duplicate, "same")
        for place, (index, item) in enumerate(taken):
            if place in status:
                verdicts[index] = Verdict(index, status[place], item.message_id)
            else:
                misfit = Misfit("account_external_id", "There is no such account; create it first, then send the activity again.")
                verdicts[index] = refused(index, item.message_id, misfit)
        return list(verdicts.values())

    def _own_accounts(self, good: list[tuple[int, Any]]) -> set[str] | None:
        if self.caller.sees_everything:
            return None
        words = {item.account_external_id for _, item in good}
        return set(Account.objects.for_user(self.caller).filter(external_id__in=words).values_list("external_id", flat=True))


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


class MovementViews(ReadViews):
    """The ledger of ARR: every movement there ever was; what was wrong is reversed, never edited."""

    scope = "revenue"
    queryset = ArrMovement.objects.all()
    serializer_class = serializers.MovementRow
    filterset_class = filters.MovementFilters
    orderings = ("pk", "-effective_on")

    @extend_schema(
        parameters=[
            OpenApiParameter("from", date, required=True, description="The first day."),
            OpenApiParameter("until", date, required=True, description="The first day after the period."),
            OpenApiParameter("by", str, enum=revenue.GROUPINGS, default="all"),
            OpenApiParameter("known_at", datetime, description="Figures as they were known at this moment."),
        ],
        responses=serializers.FiguresTold,
    )
    @action(detail=False, methods=["get"], url_path="figures", filter_backends=[], pagination_class=None)
    def figures(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """ARR, NRR, GRR and logo churn of a period, in whole or by group, also as it was known at a moment.

        `from` (inclusive) and `until` (exclusive) are days; `by` is all, tier, plan, segment, owner, currency or tag; `known_at` is a moment.
        """
        asked = filters.read_period(request.query_params, now=clock.now())
        found = revenue.figures(self.caller, [asked.period], by=asked.by, known_at=asked.known_at)
        return Response({"by": asked.by, "known_at": asked.known_at.isoformat(), "groups": [serializers.figures_row(one) for one in found]})


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
    "movements": MovementViews,
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
