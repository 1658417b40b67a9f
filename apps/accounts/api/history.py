"""What happened: the record of everything that was announced. Stands here because whose event it is, is asked of the book of accounts."""

from typing import Any

import django_filters
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat

from apps.accounts.models import Account
from apps.core.api.fields import Rows
from apps.core.api.filters import IdFilter, during
from apps.core.api.views import ReadViews
from apps.events.models import Event


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
    subjects = "account:"

    def rows(self) -> QuerySet[Any]:
        queryset: QuerySet[Any] = super(ReadViews, self).get_queryset()
        if self.caller.sees_everything:
            return queryset
        book = Account.objects.for_user(self.caller).order_by().values(named=Concat(Value(self.subjects), Cast("pk", CharField())))
        return queryset.filter(subject__in=book)


class EventViews(HistoryViews):
    """Events: what happened, who did it and why (`cause`)."""

    queryset = Event.objects.all()
    serializer_class = EventRow
    filterset_class = EventFilters
    orderings = ("-pk",)


ROUTES = {"events": EventViews}
