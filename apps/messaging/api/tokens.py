"""Keys to inboxes, for the servers of customers' products."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Contact
from apps.core.api.tokens import PersonFor, TokenDoor
from apps.messaging import selectors


class InboxFor(PersonFor):
    """One of both: the contact's number here, or your own id of the person."""


class InboxKey(serializers.Serializer[Any]):
    contact = serializers.IntegerField()
    token = serializers.CharField(help_text="Give it to the page of this person and to nobody else.")


class InboxKeyViews(TokenDoor):
    """The token with which a page shows this contact's inbox, answers in their name and subscribes their browser to push."""

    scope = "messages"
    queryset = Contact.objects.all()
    item = InboxFor

    @extend_schema(responses={200: InboxKey})
    def create(self, request: Request) -> Response:
        return super().create(request)

    def answer(self, contact: Contact) -> dict[str, Any]:
        return {"token": selectors.inbox_token(contact)}


DOORS = {"inbox-tokens": InboxKeyViews}
