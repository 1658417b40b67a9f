"""Messages and what became of them; they are composed by plays and people, taken back and approved here. One message also tells every decision."""

from typing import Annotated, Any

import django_filters
from django.db.models import QuerySet
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import OfAccount, by_email
from apps.core.api.filters import IdFilter, OfAccountFilters, TrueFalseFilter, during
from apps.core.api.items import Item
from apps.core.api.writing import ActViews, button
from apps.messaging import selectors, services
from apps.messaging.models import Decision, Message
from apps.messaging.types import Channel, MessageState

# A message that has had more decisions than this tells its first ones.
_MOST = 500


class MessageRow(OfAccount):
    approver = by_email()
    select = ("account", "approver")

    class Meta:
        model = Message
        fields = [
            "id",
            "account",
            "account_external_id",
            "contact",
            "channel",
            "lane",
            "topic",
            "address",
            "subject",
            "body",
            "state",
            "reason",
            "due_at",
            "expires_at",
            "sent_at",
            "read_at",
            "replied_at",
            "reply",
            "approver",
            "approved_at",
            "approved_by",
            "parts",
            "cost_estimate",
            "cost_actual",
            "currency",
            "created_at",
        ]


class DecisionRow(serializers.ModelSerializer[Decision]):
    class Meta:
        model = Decision
        fields = ["at", "state", "reason", "actor", "provider", "attempt", "due_at", "times", "last_at"]


class MessageWhole(MessageRow):
    decisions = DecisionRow(many=True, read_only=True, help_text="Oldest first; equal holds in a row are one that counts.")

    class Meta(MessageRow.Meta):
        fields = [*MessageRow.Meta.fields, "decisions"]


class MessageFilters(OfAccountFilters):
    contact = IdFilter(field_name="contact_id")
    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    state = django_filters.ChoiceFilter(choices=MessageState.choices)
    draft = TrueFalseFilter(method="drafts", label="Only those that leave at `due_at` unless somebody stops them (true), or none of them (false).")
    since, until = during("created_at").values()

    def drafts(self, rows: QuerySet[Message], name: str, value: bool) -> QuerySet[Message]:
        mine = selectors.drafts(now=clock.now()).values("pk")
        return rows.filter(pk__in=mine) if value else rows.exclude(pk__in=mine)


class Recall(Item):
    """Why it should not leave."""

    reason: Annotated[str, Meta(max_length=250)] = ""


class Nothing(Item):
    """The button says it all."""


class MessageViews(ActViews):
    """Messages to people at accounts, on any channel."""

    scope = "messages"
    queryset = Message.objects.all()
    serializer_class = MessageRow
    filterset_class = MessageFilters
    orderings = ("pk", "-created_at")

    def get_serializer_class(self) -> Any:
        return MessageWhole if self.action == "retrieve" else MessageRow

    def told(self, row: Message, status: int = 200, **headers: str) -> Response:
        row._prefetched_objects_cache = {"decisions": row.decisions.order_by("id")[:_MOST]}  # type: ignore[attr-defined]
        return super().told(row, status, **headers)

    @button(Recall)
    def recall(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take it back, drafts too; 409 `too_late` once it is being handed over."""
        now = clock.now()
        return self.act(request, Recall, lambda row, said: services.recall(message=row, reason=said.reason, actor=actor_of(request), now=now))

    @button(Nothing)
    def approve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let a draft leave now instead of at its hour."""
        return self.act(request, Nothing, lambda row, _: services.approve(message=row, actor=actor_of(request), now=clock.now()))


ROUTES = {"messages": MessageViews}
