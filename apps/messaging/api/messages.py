"""Messages and what became of them; read only, they are composed by plays and people."""

import django_filters

from apps.core.api.fields import OfAccount
from apps.core.api.filters import IdFilter, OfAccountFilters, during
from apps.core.api.views import ReadViews
from apps.messaging.models import Message
from apps.messaging.types import Channel, MessageState


class MessageRow(OfAccount):
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
            "created_at",
        ]


class MessageFilters(OfAccountFilters):
    contact = IdFilter(field_name="contact_id")
    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    state = django_filters.ChoiceFilter(choices=MessageState.choices)
    since, until = during("created_at").values()


class MessageViews(ReadViews):
    """Messages to people at accounts, on any channel."""

    scope = "messages"
    queryset = Message.objects.all()
    serializer_class = MessageRow
    filterset_class = MessageFilters
    orderings = ("pk", "-created_at")


ROUTES = {"messages": MessageViews}
