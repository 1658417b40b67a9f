"""What customers pay: contracts, bills, the ledger of ARR and its figures, renewals, exchange rates."""

from datetime import date, datetime
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import revenue, services
from apps.accounts.models import ArrMovement, ExchangeRate, Invoice, Renewal, Subscription, User
from apps.accounts.types import Call
from apps.core import clock
from apps.core.api.access import actor_of, source_of
from apps.core.api.items import Misfit
from apps.core.api.views import ReadViews, SharedViews
from apps.core.api.writing import ActViews, CreateViews, button
from apps.core.errors import Refused

from . import filters, items, serializers
from .kept import Edited, Upserted


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


class RenewalViews(ActViews):
    """Terms that end: what is at stake, who called what at 180, 90 and 30 days before, and how it ended."""

    scope = "revenue"
    queryset = Renewal.objects.all()
    serializer_class = serializers.RenewalRow
    filterset_class = filters.RenewalFilters
    orderings = ("pk", "due_on")

    @button(items.RenewalCalled)
    def call(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Commit to how it will end, at the gate where it stands; a newer word at the same gate replaces the older one."""
        author = self.caller if isinstance(self.caller, User) else None

        def say(row: Renewal, said: items.RenewalCalled) -> None:
            by = actor_of(request)
            services.renewals.call(row, call=Call(said.call), author=author, probability=said.probability, actor=by, now=clock.now())

        return self.act(request, items.RenewalCalled, say)

    @button(items.RenewalDecided)
    def decide(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say how it ended: contract, account and ledger follow, and the next term begins."""

        def end(row: Renewal, said: items.RenewalDecided) -> None:
            services.renewals.decide(row, outcome_arr=said.outcome_arr, actor=actor_of(request), now=clock.now())

        return self.act(request, items.RenewalDecided, end)


class RateViews(CreateViews, SharedViews):
    """Exchange rates into the workspace's currency. A correction is a newer rate of the same day; saying a known one again adds nothing."""

    scope = "revenue"
    queryset = ExchangeRate.objects.all()
    serializer_class = serializers.RateRow
    filterset_class = filters.RateFilters
    orderings = ("pk", "-valid_from")
    item = items.RateItem

    def make(self, item: items.RateItem) -> ExchangeRate:
        if not self.caller.sees_everything:
            raise Refused("counts_for_all", "A rate counts for every account: it is entered by those who see all of them. Nothing was entered.")
        try:
            rate = services.rates.fit(item.currency, item.valid_from, item.rate)
        except ValueError as error:
            raise Misfit("currency" if item.currency == services.rates.workspace() else "rate", f"{error}.") from error
        services.rates.enter([rate], source=source_of(self.request), actor=actor_of(self.request), now=clock.now())
        same_day = ExchangeRate.objects.filter(into=services.rates.workspace(), currency=rate.currency, valid_from=rate.valid_from)
        return same_day.latest("recorded_at")


ROUTES = {
    "subscriptions": SubscriptionViews,
    "invoices": InvoiceViews,
    "movements": MovementViews,
    "renewals": RenewalViews,
    "rates": RateViews,
}
