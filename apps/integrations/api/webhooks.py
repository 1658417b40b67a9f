"""Webhooks: who is told of what, and what became of each delivery."""

from datetime import timedelta
from typing import Annotated, Any, Literal

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from msgspec import UNSET, Meta, UnsetType
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.accounts.types import Role
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import Rows
from apps.core.api.filters import IdFilter, OfAccountFilters, TrueFalseFilter, during
from apps.core.api.items import Item
from apps.core.api.problem import Problem
from apps.core.api.views import SharedViews
from apps.core.api.writing import ActViews, CreateViews, EditViews, button
from apps.integrations.models import Webhook, WebhookDelivery
from apps.integrations.services import webhooks
from apps.integrations.types import WebhookState

Address = Annotated[str, Meta(min_length=1, max_length=500, description="https://HOST/PATH of the receiver.")]
Events = Annotated[list[Annotated[str, Meta(max_length=60)]], Meta(min_length=1, max_length=50, description="Types of events, such as risk.raised.")]
Bands = Annotated[list[Literal["low", "medium", "high"]], Meta(max_length=3, description="Only risks that arrive in one of these. Empty: all.")]
Definitions = Annotated[list[Annotated[str, Meta(min_length=1, max_length=60)]], Meta(max_length=50, description="Names. Empty: all.")]
Segments = Annotated[list[Annotated[str, Meta(min_length=1, max_length=40)]], Meta(max_length=50, description="Keys. Empty: all.")]
Line = Annotated[str, Meta(max_length=120)]
Secret = serializers.CharField(read_only=True, help_text="Signs what is sent. Told only here and now.")


class WebhookRow(Rows):
    class Meta:
        model = Webhook
        fields = [
            "id",
            "url",
            "description",
            "events",
            "bands",
            "definitions",
            "segments",
            "is_active",
            "off_reason",
            "failures",
            "failing_since",
            "rest_until",
            "last_ok_at",
            "old_until",
            "created_at",
            "created_by",
            "version",
        ]


class WebhookWithSecret(WebhookRow):
    secret = Secret

    class Meta(WebhookRow.Meta):
        fields = [*WebhookRow.Meta.fields, "secret"]


class DeliveryRow(Rows):
    account_external_id = serializers.CharField(source="account.external_id", read_only=True, allow_null=True, default=None)
    select = ("account",)

    class Meta:
        model = WebhookDelivery
        fields = [
            "id",
            "webhook",
            "event",
            "account",
            "account_external_id",
            "message_id",
            "type",
            "data",
            "happened_at",
            "state",
            "attempt",
            "queued_at",
            "due_at",
            "tried_at",
            "done_at",
            "status",
            "answer",
            "seconds",
        ]


class WebhookChange(Item):
    """What may be changed of a webhook."""

    url: Address | UnsetType = UNSET
    description: Line | UnsetType = UNSET
    events: Events | UnsetType = UNSET
    bands: Bands | UnsetType = UNSET
    definitions: Definitions | UnsetType = UNSET
    segments: Segments | UnsetType = UNSET


class WebhookItem(Item):
    url: Address
    events: Events
    description: Line = ""
    bands: Bands = []
    definitions: Definitions = []
    segments: Segments = []


class Rotation(Item):
    """How long the secret from before signs as well."""

    hours: Annotated[int, Meta(ge=0, le=168)] = int(webhooks.DEFAULT_OVERLAP / timedelta(hours=1))


class Nothing(Item):
    """The button says it all."""


class _OfAdministrators(SharedViews):
    """A webhook carries news of every account out of the house: for administrators, and for keys that belong to nobody in particular."""

    scope = "webhooks"

    @property
    def may_enter(self) -> bool:
        caller = self.caller
        return caller.is_superuser or Role.ADMINISTRATOR in caller.roles if isinstance(caller, User) else bool(caller.sees_everything)

    def rows(self) -> QuerySet[Any]:
        found = super().rows()
        return found if self.may_enter else found.none()


class WebhookFilters(django_filters.FilterSet):
    is_active = TrueFalseFilter()


class WebhookViews(_OfAdministrators, CreateViews, EditViews, ActViews):
    """Addresses that are told of events, signed by Standard Webhooks; docs/webhooks.md tells how to receive them."""

    queryset = Webhook.objects.all()
    serializer_class = WebhookRow
    filterset_class = WebhookFilters
    item = WebhookItem
    edited = WebhookChange

    @extend_schema(responses={201: WebhookWithSecret})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().create(request, *args, **kwargs)
        return self.with_secret(response)

    def make(self, item: WebhookItem) -> Webhook:
        if not self.may_enter:
            raise Problem(403, "forbidden", "Webhooks are made by administrators, or with a key that belongs to nobody in particular.")
        made, self.secret = webhooks.create(**item.said(), actor=actor_of(self.request), now=clock.now())
        return made

    def edit(self, row: Any, said: dict[str, Any], *, version: int | None) -> None:
        webhooks.change(row, changes=said, actor=actor_of(self.request), now=clock.now(), version=version)

    @extend_schema(responses={200: WebhookWithSecret})
    @button(Rotation)
    def rotate(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A fresh secret; the one before signs too for some hours."""

        def turn(row: Webhook, said: Rotation) -> None:
            self.secret = webhooks.rotate(row, actor=actor_of(request), now=clock.now(), overlap=timedelta(hours=said.hours))

        return self.with_secret(self.act(request, Rotation, turn))

    @button(Nothing)
    def test(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Send something that tells nothing; look at the deliveries in a moment."""
        return self.act(request, Nothing, lambda row, _: webhooks.test(row, now=clock.now()))

    @button(Nothing)
    def on(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Switch it on; what was missed is sent again by hand."""
        return self.act(request, Nothing, lambda row, _: webhooks.switch_on(row, actor=actor_of(request), now=clock.now()))

    @button(Nothing)
    def off(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Switch it off: nothing more is sent, and what waits is given up."""
        return self.act(request, Nothing, lambda row, _: webhooks.switch_off(row, actor=actor_of(request), now=clock.now()))

    def with_secret(self, response: Response) -> Response:
        """Told once: what is kept for a repeat under the same Idempotency-Key is without it."""
        response.kept = response.data  # type: ignore[attr-defined]
        response.data = {**response.data, "secret": self.secret}
        return response


class DeliveryFilters(OfAccountFilters):
    webhook = IdFilter(field_name="webhook_id")
    type = django_filters.CharFilter()
    state = django_filters.ChoiceFilter(choices=WebhookState.choices)
    since, until = during("happened_at").values()


class DeliveryViews(_OfAdministrators, ActViews):
    """What was, or will be, sent to webhooks, with the last answer. Ended ones are kept for 60 days."""

    queryset = WebhookDelivery.objects.all()
    serializer_class = DeliveryRow
    filterset_class = DeliveryFilters
    orderings = ("pk",)

    @button(Nothing)
    def resend(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Send it once more, under the same message id."""
        return self.act(request, Nothing, lambda row, _: webhooks.send_again(row, now=clock.now()))


ROUTES = {"webhooks": WebhookViews, "webhook-deliveries": DeliveryViews}
