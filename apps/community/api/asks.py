"""Right moments, asks and favours."""

from datetime import datetime
from typing import Annotated, Any, Literal

import django_filters
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Contact
from apps.community import services
from apps.community.models import Ask, Favour, Moment
from apps.community.types import AskKind, AskState, MomentState
from apps.core import clock
from apps.core.api.access import actor_of, source_of
from apps.core.api.fields import OfAccount
from apps.core.api.filters import IdFilter, OfAccountFilters, TrueFalseFilter, during
from apps.core.api.items import Item, Misfit
from apps.core.api.writing import ActViews, CreateViews, button

AnyKind = Literal["referral", "review", "reference", "case"]
Key = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Why = Annotated[str, Meta(min_length=1, max_length=250)]


class MomentRow(OfAccount):
    reasons = serializers.JSONField(help_text="What makes it right: signal, points, words.")

    class Meta:
        model = Moment
        fields = [
            *("id", "account", "account_external_id", "contact", "kind", "state", "score", "reasons"),
            *("found_at", "expires_at", "closed_at", "closed_why"),
        ]


class MomentFilters(OfAccountFilters):
    kind = django_filters.ChoiceFilter(choices=AskKind.choices)
    state = django_filters.ChoiceFilter(choices=MomentState.choices)
    since, until = during("found_at").values()


class Reason(Item):
    why: Why


class MomentViews(ActViews):
    """When it was right to ask whom for what, and why; those held out to compare with too, whom nobody may ask."""

    scope = "community"
    queryset = Moment.objects.all()
    serializer_class = MomentRow
    filterset_class = MomentFilters
    orderings = ("-pk",)

    @button(Reason)
    def call_off(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Not now: it ends, and an ask of it that has not left is taken back."""
        actor = actor_of(request)
        return self.act(request, Reason, lambda row, said: services.call_off_moment(moment=row, why=said.why, actor=actor, now=clock.now()))


class AskRow(OfAccount):
    class Meta:
        model = Ask
        fields = [
            *("id", "account", "account_external_id", "contact", "moment", "kind", "state", "purpose", "proposed_at", "expires_at"),
            *("asked_at", "answered_at", "done_at", "closed_why", "message"),
        ]


class AskFilters(OfAccountFilters):
    contact = IdFilter(field_name="contact_id")
    kind = django_filters.ChoiceFilter(choices=AskKind.choices)
    state = django_filters.ChoiceFilter(choices=AskState.choices)
    since, until = during("proposed_at").values()


class AskFor(Item):
    contact: Key
    kind: AnyKind
    purpose: Annotated[str, Meta(max_length=250)] = ""


class Nothing(Item):
    """No body."""


class Answered(Item):
    """What they said to you themselves."""

    agreed: bool


class AskViews(CreateViews, ActViews):
    """Who is or was asked for what. Everything that speaks against an ask is looked at when it is made and again when it leaves."""

    scope = "community"
    queryset = Ask.objects.all()
    serializer_class = AskRow
    filterset_class = AskFilters
    orderings = ("-pk",)
    item = AskFor

    def make(self, item: AskFor) -> Ask:
        """Propose an ask without a moment; 409 says what speaks against it."""
        contact = Contact.objects.for_user(self.caller).filter(pk=item.contact).first()
        if contact is None:
            raise Misfit("contact", "There is no such contact in your book.")
        told = {"contact": contact, "kind": item.kind, "purpose": item.purpose, "actor": actor_of(self.request)}
        return services.ask_by_hand(**told, now=clock.now(), rules=services.rules_now())

    @button(Nothing)
    def send(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let it leave through the governor."""
        actor, rules = actor_of(request), services.rules_now()
        return self.act(request, Nothing, lambda row, said: services.send(ask=row, actor=actor, now=clock.now(), rules=rules))

    @button(Answered)
    def answer(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write down their answer."""
        actor = actor_of(request)
        return self.act(request, Answered, lambda row, said: services.answer_ask(ask=row, agreed=said.agreed, actor=actor, now=clock.now()))

    @button(Nothing)
    def finish(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """They did it, and we owe them thanks."""
        actor = actor_of(request)
        return self.act(request, Nothing, lambda row, said: services.finish_ask(ask=row, actor=actor, now=clock.now()))

    @button(Reason)
    def call_off(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Not now: what has not left is taken back."""
        actor = actor_of(request)
        return self.act(request, Reason, lambda row, said: services.call_off_ask(ask=row, why=said.why, actor=actor, now=clock.now()))


class FavourRow(OfAccount):
    class Meta:
        model = Favour
        fields = ["id", "account", "account_external_id", "contact", "kind", "key", "at", "source", "thanked_at"]


class FavourFilters(OfAccountFilters):
    contact = IdFilter(field_name="contact_id")
    kind = django_filters.ChoiceFilter(choices=AskKind.choices)
    thanked = TrueFalseFilter(field_name="thanked_at", method="filter_thanked")
    since, until = during("at").values()

    def filter_thanked(self, rows: Any, name: str, value: bool) -> Any:
        return rows.filter(thanked_at__isnull=not value)


class Done(Item):
    contact: Key
    kind: AnyKind
    key: Annotated[str, Meta(min_length=1, max_length=110)]
    at: datetime


class FavourViews(CreateViews, ActViews):
    """What customers did for us, asked or not; tell of a review that came by itself, so that asking is compared fairly."""

    scope = "community"
    queryset = Favour.objects.all()
    serializer_class = FavourRow
    filterset_class = FavourFilters
    orderings = ("-pk",)
    item = Done

    def make(self, item: Done) -> Favour:
        contact = Contact.objects.for_user(self.caller).select_related("account").filter(pk=item.contact).first()
        if contact is None:
            raise Misfit("contact", "There is no such contact in your book.")
        source = source_of(self.request)
        told = {"account": contact.account, "contact": contact, "kind": item.kind, "key": f"{source[:8]}:{item.key}", "at": item.at}
        return services.record_favour(**told, source=source, actor=actor_of(self.request), now=clock.now())

    @button(Nothing)
    def thank(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """We returned it."""
        actor = actor_of(request)
        return self.act(request, Nothing, lambda row, said: services.thank(favour=row, actor=actor, now=clock.now()))


ROUTES: dict[str, Any] = {"moments": MomentViews, "asks": AskViews, "favours": FavourViews}
