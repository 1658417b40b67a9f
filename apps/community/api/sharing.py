"""What people take part in, and what may name them."""

from typing import Annotated, Any, Literal

import django_filters
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Contact
from apps.community import selectors, services
from apps.community.models import NamedConsent, SharingChoice
from apps.community.types import Surface
from apps.core import clock
from apps.core.api import items
from apps.core.api.access import actor_of, source_of
from apps.core.api.fields import Rows
from apps.core.api.filters import IdFilter, TrueFalseFilter, during
from apps.core.api.items import Item, Misfit
from apps.core.api.problem import invalid
from apps.core.api.views import ReadViews
from apps.core.api.writing import ActViews, CreateViews, button

AnySurface = Literal["referral", "advocacy", "proof", "boards", "named"]
Key = Annotated[int, Meta(ge=1, le=2**63 - 1)]


class StandingRow(serializers.Serializer[Any]):
    surface = serializers.ChoiceField(choices=Surface.choices)
    allowed = serializers.BooleanField()
    at = serializers.DateTimeField(allow_null=True, help_text="When they said it; null where they said nothing and the standard holds.")
    source = serializers.CharField()  # type: ignore[assignment]


class SharingRow(Rows):
    """One contact and what they take part in."""

    sharing = serializers.SerializerMethodField()

    class Meta:
        model = Contact
        fields = ["id", "account", "sharing"]

    @extend_schema(responses=StandingRow(many=True))
    def get_sharing(self, contact: Contact) -> list[dict[str, Any]]:
        return list(StandingRow(selectors.standings(contact), many=True).data)


class Choose(Item):
    """What the person said themselves, in your product or to you."""

    surface: AnySurface
    allowed: bool


class SharingViews(ReadViews):
    """What a contact takes part in. Every word is kept with who wrote it down, when and from where; every surface asks it before each use."""

    scope = "community"
    queryset = Contact.objects.all()
    serializer_class = SharingRow
    lookup_field = "pk"
    lookup_url_kwarg = "contact_id"
    item = Choose

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write down one word."""
        contact = self.get_object()
        try:
            said = items.read(Choose, dict(request.data) if isinstance(request.data, dict) else request.data)
        except Misfit as misfit:
            raise invalid({misfit.field: [misfit.reason]}) from misfit
        services.choose(contact, {said.surface: said.allowed}, source=source_of(request), actor=actor_of(request), now=clock.now())
        return self.told(self.get_object())


class SharingChoiceRow(Rows):
    account = serializers.IntegerField(source="contact.account_id", read_only=True)
    select = ("contact",)

    class Meta:
        model = SharingChoice
        fields = ["id", "contact", "account", "surface", "allowed", "source", "actor", "at"]


class ChoiceFilters(django_filters.FilterSet):
    contact = IdFilter(field_name="contact_id")
    surface = django_filters.ChoiceFilter(choices=Surface.choices)
    allowed = TrueFalseFilter()
    since, until = during("at").values()


class ChoiceViews(ReadViews):
    """Every word that was said on taking part, as evidence; the newest of a surface counts."""

    scope = "community"
    queryset = SharingChoice.objects.all()
    serializer_class = SharingChoiceRow
    filterset_class = ChoiceFilters
    orderings = ("-pk",)


class NamedRow(Rows):
    account = serializers.IntegerField(source="contact.account_id", read_only=True)
    select = ("contact",)

    class Meta:
        model = NamedConsent
        fields = ["id", "contact", "account", "item", "words", "asked_at", "allowed", "answered_at", "source"]


class NamedFilters(django_filters.FilterSet):
    contact = IdFilter(field_name="contact_id")
    item = django_filters.CharFilter()
    allowed = TrueFalseFilter()


class AskToName(Item):
    contact: Key
    item: Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[a-z0-9:._-]+$")]
    words: Annotated[str, Meta(min_length=1, max_length=2000)]


class Answer(Item):
    """What the person said themselves."""

    allowed: bool


class NamedViews(CreateViews, ActViews):
    """Things that would name a person: each is asked for by itself, with the very words. Show it only while `allowed` is true."""

    scope = "community"
    queryset = NamedConsent.objects.all()
    serializer_class = NamedRow
    filterset_class = NamedFilters
    item = AskToName

    def make(self, item: AskToName) -> NamedConsent:
        contact = Contact.objects.for_user(self.caller).filter(pk=item.contact).first()
        if contact is None:
            raise Misfit("contact", "There is no such contact in your book.")
        return services.ask_to_name(contact=contact, item=item.item, words=item.words, actor=actor_of(self.request), now=clock.now())

    @button(Answer)
    def answer(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write down their answer; a yes can be taken back at any time."""
        actor, source = actor_of(request), source_of(request)

        def do(row: NamedConsent, said: Answer) -> None:
            services.answer_naming(consent=row, allowed=said.allowed, source=source, actor=actor, now=clock.now())

        return self.act(request, Answer, do)


ROUTES: dict[str, Any] = {"sharing-choices": ChoiceViews, "named-consents": NamedViews}
