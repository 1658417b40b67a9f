"""What rules do by themselves, and what came of it."""

from typing import Annotated, Any, Literal

import django_filters
from msgspec import UNSET, Meta, UnsetType
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response as Answer

from apps.accounts.models import User
from apps.alerts import services
from apps.alerts.models import AlertRule, Response, ResponseRun
from apps.alerts.types import ResponseDeed, ResponseMode, RunState
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import Rows, by_email
from apps.core.api.filters import IdFilter, during
from apps.core.api.items import Item, Misfit
from apps.core.api.views import ReadViews, SharedViews
from apps.core.api.writing import ActViews, CreateViews, EditViews, button

from .escalation import Pressed, refuse_readers

Mode = Literal["off", "dry", "ask", "auto"]


class ResponseRow(Rows):
    rule = serializers.SlugRelatedField(slug_field="key", read_only=True)  # type: ignore[var-annotated]
    in_words = serializers.SerializerMethodField()
    select = ("rule",)

    class Meta:
        model = Response
        fields = ["id", "rule", "deed", "says", "in_words", "mode", "per_hour", "per_day", "version", "changed_at", "changed_by"]

    def get_in_words(self, row: Response) -> str:
        return services.deeds.in_words(row.deed, row.says)


class ResponseItem(Item):
    """What a rule does by itself; a dry run unless it says otherwise. docs/escalation.md describes `says`."""

    rule: Annotated[str, Meta(max_length=60)]
    deed: Literal["play", "task", "webhook", "flag"]
    says: dict[str, Any]
    mode: Mode = "dry"
    per_hour: Annotated[int, Meta(ge=1, le=1000)] = 10
    per_day: Annotated[int, Meta(ge=1, le=10_000)] = 50


class ResponseChange(Item):
    says: dict[str, Any] | UnsetType = UNSET
    mode: Mode | UnsetType = UNSET
    per_hour: Annotated[int, Meta(ge=1, le=1000)] | UnsetType = UNSET
    per_day: Annotated[int, Meta(ge=1, le=10_000)] | UnsetType = UNSET


class ResponseFilters(django_filters.FilterSet):
    rule = django_filters.CharFilter(field_name="rule__key")
    deed = django_filters.ChoiceFilter(choices=ResponseDeed.choices)
    mode = django_filters.ChoiceFilter(choices=ResponseMode.choices)


class ResponseViews(SharedViews, CreateViews, EditViews):
    """What rules do by themselves when they raise an alert, within limits."""

    scope = "work"
    queryset = Response.objects.all()
    serializer_class = ResponseRow
    filterset_class = ResponseFilters
    item = ResponseItem
    edited = ResponseChange

    def make(self, item: ResponseItem) -> Response:
        refuse_readers(self.caller)
        said = item.said()
        rule = AlertRule.objects.filter(key=said.pop("rule")).first()
        if rule is None:
            raise Misfit("rule", "There is no such rule.")
        return services.responses.create(rule=rule, **said, actor=actor_of(self.request), now=clock.now())

    def edit(self, row: Any, said: dict[str, Any], *, version: int | None) -> None:
        refuse_readers(self.caller)
        services.responses.change(row, said=said, actor=actor_of(self.request), now=clock.now(), version=version)


class ResponseRunRow(Rows):
    account = serializers.IntegerField(source="alert.account_id", read_only=True, allow_null=True)
    decided_by = by_email()
    select = ("alert", "decided_by")

    class Meta:
        model = ResponseRun
        fields = ["id", "response", "alert", "account", "deed", "says", "state", "what", "at", "done_at", "decided_by", "decided_at"]


class ResponseRunFilters(django_filters.FilterSet):
    response = IdFilter(field_name="response_id")
    alert = IdFilter(field_name="alert_id")
    state = django_filters.ChoiceFilter(choices=RunState.choices)
    since, until = during("at").values()


class ResponseRunViews(ActViews):
    """What rules did, would have done, or ask a person for: at most one per response and alert."""

    scope = "work"
    queryset = ResponseRun.objects.all()
    serializer_class = ResponseRunRow
    filterset_class = ResponseRunFilters
    orderings = ("pk", "-at")

    def _do(self, request: Request, call: Any) -> Answer:
        user = self.caller if isinstance(self.caller, User) else None
        return self.act(request, Pressed, lambda row, _: call(row, actor=actor_of(request), user=user, now=clock.now()))

    @button(Pressed)
    def approve(self, request: Request, *args: Any, **kwargs: Any) -> Answer:
        """Do it now."""
        return self._do(request, services.answering.approve)

    @button(Pressed)
    def refuse(self, request: Request, *args: Any, **kwargs: Any) -> Answer:
        """Do not do it."""
        return self._do(request, services.answering.refuse)

    @button(Pressed)
    def undo(self, request: Request, *args: Any, **kwargs: Any) -> Answer:
        """Take back what was done."""
        return self._do(request, services.answering.undo)


ROUTES: dict[str, type[ReadViews]] = {"responses": ResponseViews, "response-runs": ResponseRunViews}
