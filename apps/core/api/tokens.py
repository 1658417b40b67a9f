"""Doors at which the servers of customers' products fetch a token for one of their people: they know who is signed in there."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response

from . import items
from .items import Id, Item, Misfit
from .problem import invalid
from .views import Door


class PersonFor(Item):
    """One of both: the contact's number here, or your own id of the person."""

    contact: Annotated[int, Meta(ge=1, le=2**63 - 1)] | UnsetType = UNSET
    external_id: Id | UnsetType = UNSET


class TokenDoor(Door):
    """Finds the person in the caller's book; `answer` says what is given for them. `queryset` holds contacts."""

    item: type[PersonFor] = PersonFor

    def answer(self, contact: Any) -> dict[str, Any]:
        raise NotImplementedError

    def create(self, request: Request) -> Response:
        try:
            said = items.read(self.item, dict(request.data) if isinstance(request.data, dict) else request.data)
        except Misfit as misfit:
            raise invalid({misfit.field: [misfit.reason]}) from misfit
        known = said.said()
        if len(known) != 1:
            raise invalid({"contact": ["Name the contact by contact or by external_id, not both."]})
        book: Any = self.get_queryset()
        mine = book.for_user(self.caller)
        found = mine.filter(pk=known["contact"]).first() if "contact" in known else mine.filter(external_id=known["external_id"]).first()
        if found is None:
            raise invalid({next(iter(known)): ["There is no such contact in your book."]})
        return Response({"contact": found.pk, **self.answer(found)})
