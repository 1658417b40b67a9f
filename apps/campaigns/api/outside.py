"""The two doors of an outside marketing tool: who is in a segment (pull), and what it did to them (results)."""

from decimal import Decimal
from typing import Annotated, Any, Literal

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.campaigns.models import Membership, OutsideTouch
from apps.campaigns.outside import audience, touches
from apps.campaigns.types import TouchKind
from apps.core import clock
from apps.core.api.access import actor_of, source_of
from apps.core.api.fields import OfAccount
from apps.core.api.filters import IdFilter, MomentFilter, OfAccountFilters, during
from apps.core.api.items import Currency, Email, Id, Item, Misfit, Moment, Verdict
from apps.core.api.problem import Problem, invalid
from apps.core.api.views import ReadViews
from apps.core.api.writing import BulkViews, CreateViews
from apps.messaging import selectors as messaging_selectors
from apps.messaging import services as messaging
from apps.messaging.types import Channel

_Word40 = Annotated[str, Meta(max_length=40)]
_Word80 = Annotated[str, Meta(max_length=80)]
_Word120 = Annotated[str, Meta(max_length=120)]


class TouchRow(OfAccount):
    contact_external_id = serializers.CharField(source="contact.external_id", read_only=True, allow_null=True, default=None)
    campaign = serializers.CharField(source="campaign.key", read_only=True, allow_null=True, default=None)
    select = ("account", "contact", "campaign")

    class Meta:
        model = OutsideTouch
        fields = [
            *("id", "source", "external_id", "account", "account_external_id", "contact", "contact_external_id", "kind", "at", "channel"),
            *("campaign_name", "campaign", "utm_source", "utm_medium", "utm_campaign", "utm_content", "value", "currency", "told_at"),
        ]


class TouchFilters(OfAccountFilters):
    kind = django_filters.ChoiceFilter(choices=TouchKind.choices)
    source = django_filters.CharFilter()
    contact = IdFilter(field_name="contact_id")
    campaign = django_filters.CharFilter(field_name="campaign__key", label="The key of a campaign of ours.")
    since, until = during("at").values()


class TouchItem(Item):
    """Somebody is named: a person by `contact_external_id` or `email`, or an account. `topic` only with an unsubscribe: without it the person gets
    nothing more on this channel."""

    emails = ("email",)

    external_id: Id
    kind: Literal["sent", "delivered", "opened", "clicked", "converted", "unsubscribed"]
    at: Moment
    account_external_id: _Word120 = ""
    contact_external_id: _Word120 = ""
    email: Email = ""
    channel: Annotated[str, Meta(max_length=20)] = "email"
    topic: _Word40 = ""
    campaign_name: _Word120 = ""
    utm_source: _Word80 = ""
    utm_medium: _Word80 = ""
    utm_campaign: _Word120 = ""
    utm_content: _Word120 = ""
    value: Decimal | None = None
    currency: Currency | Literal[""] = ""

    def check(self) -> None:
        super().check()
        if not (self.account_external_id or self.contact_external_id or self.email):
            raise Misfit("contact_external_id", "Nobody is named: send a person or an account.")
        if (self.value is None) != (self.currency == ""):
            raise Misfit("currency", "A value and its currency come together.")
        if self.kind == TouchKind.UNSUBSCRIBED and self.channel not in Channel.values:
            raise Misfit("channel", f"People unsubscribe from one of {', '.join(Channel.values)}.")


class OutsideTouchViews(BulkViews, CreateViews):
    """What outside marketing tools did to customers and what came of it there; the later moment wins, an unsubscribe always does."""

    scope = "touches"
    queryset = OutsideTouch.objects.all()
    serializer_class = TouchRow
    filterset_class = TouchFilters
    orderings = ("pk", "-at")
    item = TouchItem

    def take(self, good: list[tuple[int, Any]]) -> list[Verdict]:
        told = []
        for (index, item), outcome in zip(good, self._take([item for _, item in good]), strict=True):
            left = [{"field": field, "reason": reason} for field, reason in outcome.left]
            told.append(Verdict(index, outcome.status, item.external_id, outcome.id, outcome.field, outcome.reason, left))
        return told

    def make(self, item: TouchItem) -> Any:
        outcome = self._take([item])[0]
        if outcome.status == "refused":
            raise Misfit(outcome.field, outcome.reason)
        return OutsideTouch(pk=outcome.id)

    def _take(self, items: list[TouchItem]) -> list[touches.Outcome]:
        rows = [
            touches.Said(
                external_id=item.external_id,
                kind=item.kind,
                at=item.at,
                account=item.account_external_id,
                contact=item.contact_external_id,
                email=item.email,
                channel=item.channel,
                topic=item.topic,
                campaign_name=item.campaign_name,
                utm={name: getattr(item, name) for name in ("utm_source", "utm_medium", "utm_campaign", "utm_content")},
                value=item.value,
                currency=item.currency,
            )
            for item in items
        ]
        return touches.take(rows, caller=self.caller, source=source_of(self.request), actor=actor_of(self.request), now=clock.now())


class MemberRow(OfAccount):
    segment = serializers.CharField(source="segment.key", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    contacts = serializers.SerializerMethodField(
        help_text="People who may be written to on the `channel` and `topic` asked for; empty where none was asked for, and where the account left."
    )
    select = ("account", "segment")

    class Meta:
        model = Membership
        fields = ["id", "segment", "account", "account_external_id", "account_name", "entered_at", "left_at", "contacts"]

    def get_contacts(self, row: Membership) -> list[dict[str, str]]:
        return list(self.context.get("people", {}).get(row.pk, []))


class _Word(django_filters.CharFilter):
    """Read by the view: it says what is told of each row, not which rows."""

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return rows


class MemberFilters(OfAccountFilters):
    segment = django_filters.CharFilter(field_name="segment__key", label="The key of the segment.")
    state = django_filters.ChoiceFilter(
        choices=[("in", "in"), ("left", "left")], method="in_or_left", label="Only stays that last (in), or that ended (left)."
    )
    since = MomentFilter(
        method="changed_since",
        label="What changed since your last visit: stays that began or ended, and those in which somebody said yes or no to messages.",
    )
    channel = _Word(label="With `topic`: tell the people who may be written to there. Needs accounts:read.")
    topic = _Word(label="Such as success or surveys.")

    def in_or_left(self, rows: QuerySet[Membership], name: str, value: str) -> QuerySet[Membership]:
        return rows.filter(left_at__isnull=value == "in")

    def changed_since(self, rows: QuerySet[Membership], name: str, value: Any) -> QuerySet[Membership]:
        return rows.filter(Q(entered_at__gte=value) | Q(left_at__gte=value) | Exists(messaging_selectors.words_since(value, OuterRef("account"))))


class AudienceViews(ReadViews):
    """Who is, or was, in a segment, for tools that keep their own copy: the whole once, then only what changed."""

    scope = "audiences"
    queryset = Membership.objects.exclude(segment__state="draft")
    serializer_class = MemberRow
    filterset_class = MemberFilters

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self._told(request, page or []))

    def told(self, row: Any, status: int = 200, **headers: str) -> Response:
        return Response(self._told(self.request, [row])[0], status=status, headers=headers)

    def _told(self, request: Request, rows: Any) -> Any:
        channel, topic = request.query_params.get("channel", ""), request.query_params.get("topic", "")
        found: dict[int, Any] = {}
        if channel or topic:
            self._refuse_strangers(request, channel, topic)
            found = audience.people_of(rows, channel=channel, topic=topic, now=clock.now())
        return self.get_serializer_class()(rows, many=True, context={**self.get_serializer_context(), "people": found}).data

    def _refuse_strangers(self, request: Request, channel: str, topic: str) -> None:
        key: Any = request.auth
        if key and "accounts:read" not in key.scopes:
            raise Problem(403, "missing_scope", f"The key {key.name} needs the scope accounts:read to be told of people.")
        if channel not in Channel.values:
            raise invalid({"channel": [f"Use one of {', '.join(Channel.values)}, together with a topic."]})
        # Of a topic that nobody knows nobody could have said no.
        if topic not in messaging.topics():
            raise invalid({"topic": [f"There is no such topic. Use one of {', '.join(messaging.topics())}, together with a channel."]})


ROUTES = {"outside-touches": OutsideTouchViews, "audience": AudienceViews}
