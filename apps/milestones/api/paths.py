"""Milestones, and how far accounts are with them; other platforms say here what was reached there."""

from typing import Annotated, Any

import django_filters
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Account
from apps.core import clock
from apps.core.api.access import actor_of, source_of
from apps.core.api.fields import OfAccount, Rows
from apps.core.api.filters import IdFilter, OfAccountFilters, during
from apps.core.api.items import Id, Item, Misfit, Moment
from apps.core.api.views import SharedViews
from apps.core.api.writing import ActViews, CreateViews, button
from apps.milestones import services
from apps.milestones.models import Milestone, Progress
from apps.milestones.types import ClaimKind, MilestoneState, Pace, ProgressState, Via


class MilestoneRow(Rows):
    number = serializers.IntegerField(source="current.number", read_only=True, allow_null=True, help_text="The version accounts are judged by.")
    definition = serializers.JSONField(source="current.definition", read_only=True, allow_null=True, help_text="docs/milestones.md")
    select = ("current",)

    class Meta:
        model = Milestone
        fields = ["id", "key", "name", "position", "state", "visible", "live_at", "number", "definition"]


class MilestoneFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    state = django_filters.ChoiceFilter(choices=MilestoneState.choices)


class MilestoneViews(SharedViews):
    """Results that customers reach with the product, each with the version in force."""

    scope = "milestones"
    queryset = Milestone.objects.all()
    serializer_class = MilestoneRow
    filterset_class = MilestoneFilters
    orderings = ("pk", "position")


class ProgressRow(OfAccount):
    key = serializers.CharField(source="milestone.key", read_only=True)
    number = serializers.IntegerField(source="version.number", read_only=True, allow_null=True, help_text="The version it is judged by.")
    select = ("account", "milestone", "version")

    class Meta:
        model = Progress
        fields = [
            *("id", "account", "account_external_id", "milestone", "key", "number", "variant", "state", "have", "target", "pace"),
            *("opened_at", "offered_at", "started_at", "achieved_at", "noticed_at", "found_at", "behind_at", "stuck_at", "paused_at"),
            *("via", "source", "proof", "ruled"),
        ]


class ProgressFilters(OfAccountFilters):
    milestone = IdFilter(field_name="milestone_id")
    key = django_filters.CharFilter(field_name="milestone__key", label="The milestone's key.")
    state = django_filters.ChoiceFilter(choices=ProgressState.choices)
    pace = django_filters.ChoiceFilter(choices=Pace.choices)
    via = django_filters.ChoiceFilter(choices=Via.choices)
    since, until = during("achieved_at").values()


class Word(Item):
    """That an account reached a milestone (`reached`, the usual case) or did not. `message_id`: the same again changes nothing. `source` is the key's
    name; a person of ours shows `proof`."""

    account_external_id: Id
    milestone: Annotated[str, Meta(min_length=1, max_length=60)]
    reached: bool = True
    at: Moment | None = None
    message_id: Annotated[str, Meta(max_length=120)] = ""
    proof: Annotated[str, Meta(max_length=500)] = ""


class Reason(Item):
    reason: Annotated[str, Meta(min_length=1, max_length=250)]


class Nothing(Item):
    """The button says it all."""


class ProgressViews(CreateViews, ActViews):
    """How far accounts are. POST says that one was reached elsewhere; where words differ, the earliest moment counts, and all stay to be seen."""

    scope = "milestones"
    queryset = Progress.objects.all()
    serializer_class = ProgressRow
    filterset_class = ProgressFilters
    orderings = ("pk",)
    item = Word

    def make(self, item: Word) -> Progress:
        account = Account.objects.for_user(self.caller).filter(external_id=item.account_external_id).first()
        if account is None:
            raise Misfit("account_external_id", "There is no such account in your book.")
        milestone = Milestone.objects.filter(key=item.milestone).first()
        if milestone is None:
            raise Misfit("milestone", "There is no milestone with this key.")
        now, staff = clock.now(), source_of(self.request) == "staff"
        common: dict[str, Any] = {"account": account, "milestone": milestone, "proof": item.proof, "at": item.at}
        common |= {"key": item.message_id, "actor": actor_of(self.request), "now": now}
        if not item.reached:
            if staff:
                raise Misfit("reached", "Take it back at its own address (take_back), with the reason.")
            return services.deny(source=source_of(self.request), **common)
        if staff:
            return services.achieve(**common)
        return services.achieve(kind=ClaimKind.API, source=source_of(self.request), **common)

    @button(Reason)
    def take_back(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """It does not hold, and why: every word for it is withdrawn, and the criteria reach it no more."""
        return self.act(request, Reason, lambda row, said: services.take_back(row, reason=said.reason, actor=actor_of(request), now=clock.now()))

    @button(Nothing)
    def judge_again(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let the criteria reach it again."""
        return self.act(request, Nothing, lambda row, _: services.judge_again(row, actor=actor_of(request), now=clock.now()))

    @button(Nothing)
    def pause(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let its clock stand still."""
        return self.act(request, Nothing, lambda row, _: services.pause(row, actor=actor_of(request), now=clock.now()))

    @button(Nothing)
    def resume(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let its clock go on."""
        return self.act(request, Nothing, lambda row, _: services.resume(row, actor=actor_of(request), now=clock.now()))


ROUTES = {"milestones": MilestoneViews, "milestone-progress": ProgressViews}
