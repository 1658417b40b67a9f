"""What happened: the record of everything that was announced. Stands here because whose event it is, is asked of the book of accounts."""

from typing import Any

import django_filters
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat

from apps.accounts.models import Account, Contact, Invoice, Note, Promise, Subscription, SurveyResponse, Ticket
from apps.core.api.fields import Rows
from apps.core.api.filters import IdFilter, during
from apps.core.api.views import ReadViews
from apps.events.models import Change, Event


class EventRow(Rows):
    class Meta:
        model = Event
        fields = ["id", "type", "subject", "payload", "actor", "cause", "at", "recorded_at"]


class EventFilters(django_filters.FilterSet):
    account = IdFilter(method="of_account", label="The account's id here.")
    subject = django_filters.CharFilter()
    type = django_filters.CharFilter()
    actor = django_filters.CharFilter()
    since, until = during("at").values()

    def of_account(self, rows: QuerySet[Event], name: str, value: int) -> QuerySet[Event]:
        return rows.filter(subject=f"account:{value}")


class HistoryViews(ReadViews):
    """Rows about accounts of one's own book; whoever sees everything also sees what is about no account."""

    scope = "history"
    subjects: tuple[Any, ...] = (Account,)

    def rows(self) -> QuerySet[Any]:
        queryset: QuerySet[Any] = super(ReadViews, self).get_queryset()
        if self.caller.sees_everything:
            return queryset
        own = [self._named(model.objects.for_user(self.caller)) for model in self.subjects]
        return queryset.filter(subject__in=own[0].union(*own[1:], all=True) if own[1:] else own[0])

    def _named(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.order_by().values(named=Concat(Value(f"{rows.model._meta.model_name}:"), Cast("pk", CharField())))


class EventViews(HistoryViews):
    """Events: what happened, who did it and why (`cause`)."""

    queryset = Event.objects.all()
    serializer_class = EventRow
    filterset_class = EventFilters
    orderings = ("-pk",)


class ChangeRow(Rows):
    class Meta:
        model = Change
        fields = ["id", "subject", "field", "before", "after", "version", "actor", "source", "batch", "cause", "at", "recorded_at", "erased_at"]


class ChangeFilters(EventFilters):
    type = None
    field = django_filters.CharFilter()
    source = django_filters.CharFilter()
    batch = django_filters.CharFilter()


class ChangeViews(HistoryViews):
    """Changes of single fields: before and after, by whom and from which source. `account:12` also has `contact:7` and the like beside it."""

    subjects = (Account, Contact, Subscription, Invoice, Ticket, SurveyResponse, Note, Promise)
    queryset = Change.objects.all()
    serializer_class = ChangeRow
    filterset_class = ChangeFilters
    orderings = ("-pk",)


ROUTES = {"events": EventViews, "changes": ChangeViews}
