"""Links to people's own paths, for the servers of customers' products: they know who is signed in there."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Contact
from apps.core import clock
from apps.core.api.tokens import PersonFor, TokenDoor
from apps.milestones import tokens


class PathFor(PersonFor):
    """One of both: the contact's number here, or your own id of the person."""


class PathKey(serializers.Serializer[Any]):
    contact = serializers.IntegerField()
    token = serializers.CharField(help_text="Give it to the page of this person and to nobody else. It works for 90 days.")
    url = serializers.CharField(help_text="Their page, to link to or to show in a frame.")


class PathKeyViews(TokenDoor):
    """The token with which a page shows this contact's path."""

    scope = "milestones"
    queryset = Contact.objects.all()
    item = PathFor

    @extend_schema(responses={200: PathKey})
    def create(self, request: Request) -> Response:
        return super().create(request)

    def answer(self, contact: Contact) -> dict[str, Any]:
        token = tokens.path_token(contact, now=clock.now())
        return {"token": token, "url": f"{settings.BASE_URL.rstrip('/')}{reverse('path', args=[token])}"}


DOORS = {"path-tokens": PathKeyViews}
