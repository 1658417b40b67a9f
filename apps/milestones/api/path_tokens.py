"""Links to people's own paths, for the servers of customers' products: they know who is signed in there."""

from typing import Annotated, Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from msgspec import UNSET, Meta, UnsetType
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Contact
from apps.core import clock
from apps.core.api import items
from apps.core.api.items import Id, Item, Misfit
from apps.core.api.problem import invalid
from apps.core.api.views import Door
from apps.milestones import tokens


class PathFor(Item):
    """One of both: the contact's number here, or your own id of the person."""

    contact: Annotated[int, Meta(ge=1, le=2**63 - 1)] | UnsetType = UNSET
    external_id: Id | UnsetType = UNSET


class PathKey(serializers.Serializer[Any]):
    contact = serializers.IntegerField()
    token = serializers.CharField(help_text="Give it to the page of this person and to nobody else. It works for 90 days.")
    url = serializers.CharField(help_text="Their page, to link to or to show in a frame.")


class PathKeyViews(Door):
    """The token with which a page shows this contact's path."""

    scope = "milestones"
    queryset = Contact.objects.all()
    item = PathFor

    @extend_schema(responses={200: PathKey})
    def create(self, request: Request) -> Response:
        try:
            said: PathFor = items.read(self.item, dict(request.data) if isinstance(request.data, dict) else request.data)
        except Misfit as misfit:
            raise invalid({misfit.field: [misfit.reason]}) from misfit
        known = said.said()
        if len(known) != 1:
            raise invalid({"contact": ["Name the contact by contact or by external_id, not both."]})
        mine = Contact.objects.for_user(self.caller)
        found = mine.filter(pk=known["contact"]).first() if "contact" in known else mine.filter(external_id=known["external_id"]).first()
        if found is None:
            raise invalid({next(iter(known)): ["There is no such contact in your book."]})
        token = tokens.path_token(found, now=clock.now())
        return Response({"contact": found.pk, "token": token, "url": f"{settings.BASE_URL.rstrip('/')}{reverse('path', args=[token])}"})


DOORS = {"path-tokens": PathKeyViews}
