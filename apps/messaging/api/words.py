"""What contacts have said they want, and addresses that must not be written to."""

from typing import Annotated, Any, Literal

import django_filters
from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Lower, Replace
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Contact
from apps.core import clock
from apps.core.api import items
from apps.core.api.access import actor_of, source_of
from apps.core.api.fields import Rows
from apps.core.api.filters import during
from apps.core.api.items import Item, Misfit
from apps.core.api.problem import Problem, invalid
from apps.core.api.views import ReadViews, SharedViews
from apps.core.api.writing import ActViews, CreateViews, button
from apps.messaging import services
from apps.messaging.models import Consent, Suppression
from apps.messaging.types import Channel

AnyChannel = Literal["email", "in_app", "sms", "whatsapp", "voice", "push"]
Line = Annotated[str, Meta(min_length=1, max_length=120)]


class Receipt(serializers.ModelSerializer[Consent]):
    class Meta:
        model = Consent
        fields = ["at", "allowed", "source", "wording", "actor"]


class Preference(serializers.Serializer[Any]):
    topic = serializers.CharField()
    channel = serializers.ChoiceField(choices=Channel.choices)
    allowed = serializers.BooleanField()
    asks = serializers.BooleanField(help_text="A yes counts only once the contact has confirmed it by a link.")
    receipt = Receipt(allow_null=True, help_text="The contact's last word on it; null where they have said nothing.")


class Preferences(Rows):
    """One contact and what they want, topic by topic and channel by channel."""

    preferences = serializers.SerializerMethodField()

    class Meta:
        model = Contact
        fields = ["id", "account", "preferences"]

    @extend_schema(responses=Preference(many=True))
    def get_preferences(self, contact: Contact) -> list[dict[str, Any]]:
        newest = Consent.objects.filter(contact=contact).order_by("channel", "topic", "-at", "-id").distinct("channel", "topic")
        said = {(row.channel, row.topic): row for row in newest}
        rows = [{**vars(choice), "receipt": said.get((choice.channel.value, choice.topic))} for choice in services.choices(contact)]
        return list(Preference(rows, many=True).data)


class Word(Item):
    """The contact's word, as somebody heard it. `wording` is what they were asked."""

    topic: Annotated[str, Meta(min_length=1, max_length=40)]
    channel: AnyChannel
    allowed: bool
    wording: Annotated[str, Meta(max_length=500)] = ""
    source: Line = "API"


class PreferencesViews(ReadViews):
    """What a contact wants to hear about and where. Every word is kept with who wrote it down, when, from where and what was asked."""

    scope = "messages"
    queryset = Contact.objects.all()
    serializer_class = Preferences
    lookup_field = "pk"
    lookup_url_kwarg = "contact_id"
    item = Word

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write down one word. A yes to a topic that asks is confirmed by the contact: they get a link, and it counts once they have used it."""
        contact = self.get_object()
        try:
            said = items.read(Word, dict(request.data) if isinstance(request.data, dict) else request.data)
        except Misfit as misfit:
            raise invalid({misfit.field: [misfit.reason]}) from misfit
        known = {(choice.topic, choice.channel): choice for choice in services.choices(contact)}
        choice = known.get((said.topic, Channel(said.channel)))
        if choice is None:
            raise invalid({"topic": ["There is no such topic, or the channel does not reach this contact."]})
        now, source = clock.now(), f"{said.source}, {source_of(request)}"[:120]
        if said.allowed and choice.asks and not choice.allowed:
            services.ask_consent(contact=contact, channel=said.channel, topic=said.topic, source=source, now=now)
            return self.told(self.get_object(), status=202)
        word: dict[str, Any] = {"topic": said.topic, "channel": said.channel, "allowed": said.allowed, "wording": said.wording}
        services.record_consent(contact=contact, **word, source=source, actor=actor_of(request), now=now)
        return self.told(self.get_object())


class SuppressionRow(Rows):
    class Meta:
        model = Suppression
        fields = ["id", "channel", "address", "reason", "actor", "at"]


class SuppressionFilters(django_filters.FilterSet):
    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    address = django_filters.CharFilter(lookup_expr="iexact")
    since, until = during("at").values()


class Bar(Item):
    channel: AnyChannel
    address: Annotated[str, Meta(min_length=1, max_length=254)]
    reason: Line


class Lift(Item):
    """Why the address may be written to again."""

    reason: Line


class SuppressionViews(CreateViews, ActViews, SharedViews):
    """Addresses that must not be written to, whatever anybody imports. Of people in one's own book; those who see everything see all."""

    scope = "messages"
    queryset = Suppression.objects.all()
    serializer_class = SuppressionRow
    filterset_class = SuppressionFilters
    orderings = ("pk", "-at")
    item = Bar

    def rows(self) -> QuerySet[Any]:
        found = super().rows()
        if self.caller.sees_everything:
            return found
        mine = Contact.objects.for_user(self.caller).annotate(mail=Lower("email"), number=_plain("phone"))
        by_mail, by_phone = mine.exclude(email="").values("mail"), mine.exclude(phone="").values("number")
        return found.filter(Q(address__in=by_mail) | Q(address__in=by_phone))

    def make(self, item: Bar) -> Suppression:
        """Bar an address; one that is barred already stays as it was."""
        row = services.bar(channel=item.channel, address=item.address, reason=item.reason, actor=actor_of(self.request), now=clock.now())
        if not self.rows().filter(pk=row.pk).exists():
            raise Problem(404, "not_found", "There is nobody with this address in your book.")
        return row

    @button(Lift)
    def lift(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Open the address again; who wrote STOP must write START."""
        row = self.get_object()
        try:
            said = items.read(Lift, dict(request.data) if isinstance(request.data, dict) else request.data)
        except Misfit as misfit:
            raise invalid({misfit.field: [misfit.reason]}) from misfit
        services.lift(suppression=row, reason=said.reason, actor=actor_of(request), now=clock.now())
        return Response(SuppressionRow(row).data)


def _plain(name: str) -> Any:
    """A number as messages carry it, without the blanks and dashes that people write."""
    words: Any = F(name)
    for letter in " -()./\u00a0":
        words = Replace(words, Value(letter), Value(""))
    return Case(When(**{name: ""}, then=Value("")), default=words, output_field=CharField())


ROUTES = {"suppressions": SuppressionViews}
