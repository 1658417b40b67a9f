"""Recognition: what people chose, and boards as one of them reads them."""

from typing import Annotated, Any, Literal

import django_filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Contact
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import Rows
from apps.core.api.filters import IdFilter
from apps.core.api.items import Item, Misfit
from apps.core.api.problem import invalid
from apps.core.api.views import SharedViews
from apps.core.api.writing import CreateViews
from apps.milestones import selectors, services
from apps.milestones.models import Board, RecognitionChoice
from apps.milestones.types import Level


class RecognitionRow(Rows):
    account = serializers.IntegerField(source="contact.account_id", read_only=True)
    select = ("contact",)

    class Meta:
        model = RecognitionChoice
        fields = ["id", "contact", "account", "level", "by_name", "chosen_at"]


class ChoiceFilters(django_filters.FilterSet):
    contact = IdFilter(field_name="contact_id")
    level = django_filters.ChoiceFilter(choices=Level.choices)


class Choose(Item):
    """What a person said themselves, in your product or to you."""

    contact: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    level: Literal["none", "team", "company", "public"]
    by_name: bool = True


class ChoiceViews(CreateViews):
    """How far people let their name be seen. Who is not listed has said nothing, which is: nobody. A POST replaces what they said before."""

    scope = "rewards"
    queryset = RecognitionChoice.objects.all()
    serializer_class = RecognitionRow
    filterset_class = ChoiceFilters
    item = Choose

    def make(self, item: Choose) -> RecognitionChoice:
        contact = Contact.objects.for_user(self.caller).filter(pk=item.contact).first()
        if contact is None:
            raise Misfit("contact", "There is no such contact in your book.")
        actor = actor_of(self.request)
        return services.choose_recognition(contact=contact, level=item.level, by_name=item.by_name, actor=actor, now=clock.now())


class BoardRow(Rows):
    class Meta:
        model = Board
        fields = ["id", "key", "name", "circle", "cohort", "days", "least", "live"]


class BoardFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()


class PlaceRow(serializers.Serializer[Any]):
    rank = serializers.IntegerField()
    name = serializers.CharField(help_text="Their own, or the board's made-up one.")
    points = serializers.DecimalField(max_digits=14, decimal_places=2)
    mine = serializers.BooleanField()


class PageRow(serializers.Serializer[Any]):
    """`people` is null below the minimum size; `own` is told to this person alone; `after` begins the next page."""

    name = serializers.CharField()
    as_of = serializers.DateTimeField(allow_null=True)
    people = PlaceRow(many=True, allow_null=True)
    count = serializers.IntegerField(allow_null=True)
    own = PlaceRow(allow_null=True)
    after = serializers.CharField(allow_null=True)
    least = serializers.IntegerField()


class BoardViews(SharedViews):
    """Boards of people who chose to be seen."""

    scope = "rewards"
    queryset = Board.objects.all()
    serializer_class = BoardRow
    filterset_class = BoardFilters

    @extend_schema(
        parameters=[
            OpenApiParameter("contact", int, required=True, description="Who reads it: the id of a contact in the caller's book."),
            OpenApiParameter("after", str, description="Where the page before ended."),
        ],
        responses=PageRow,
    )
    @action(detail=True, methods=["get"], filter_backends=[], pagination_class=None)
    def places(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The board as this contact reads it, by twenty."""
        board, word = self.get_object(), request.query_params.get("contact", "")
        if set(request.query_params) - {"contact", "after"} or not (word.isascii() and word.isdigit() and len(word) < 19):
            raise invalid({"contact": ["Name the id of a contact, and `after` at most."]})
        reader = Contact.objects.for_user(self.caller).select_related("account").filter(pk=int(word)).first()
        if reader is None:
            raise invalid({"contact": ["There is no such contact in your book."]})
        return Response(PageRow(selectors.board_page(board, reader=reader, after=request.query_params.get("after", ""))).data)


ROUTES: dict[str, Any] = {"recognition": ChoiceViews, "boards": BoardViews}
