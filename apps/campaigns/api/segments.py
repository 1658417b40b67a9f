"""Segments: what they say, who is in, why, how many a rule would find, and lists made outside."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import django_filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Account
from apps.campaigns import selectors, services
from apps.campaigns.models import Membership, Segment
from apps.campaigns.segments import rules
from apps.campaigns.types import ListedFrom, SegmentState
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import OfAccount, Rows
from apps.core.api.filters import IdFilter, MomentFilter, OfAccountFilters, TrueFalseFilter, during
from apps.core.api.items import Id, Item, Misfit
from apps.core.api.problem import Problem, invalid
from apps.core.api.views import ReadViews, SharedViews
from apps.core.api.writing import ActViews, CreateViews, button

Words = Annotated[str, Meta(max_length=250)]
_MOST_RULE, _MOST_SEGMENTS = 20_000, 30


class SegmentRow(Rows):
    number = serializers.IntegerField(source="current.number", read_only=True, allow_null=True, help_text="The version in force.")
    rule = serializers.JSONField(source="current.rule", read_only=True, allow_null=True, help_text="docs/segments.md")
    leaves = serializers.JSONField(source="current.leaves", read_only=True, allow_null=True, help_text="The rule of leaving, where there is one.")
    stay_days = serializers.IntegerField(source="current.stay_days", read_only=True, allow_null=True)
    words = serializers.SerializerMethodField(help_text="The rule as a sentence.")
    select = ("current",)

    class Meta:
        model = Segment
        fields = ["id", "key", "name", "why", "state", "size", "filled_at", "number", "rule", "leaves", "stay_days", "words", "version"]

    def get_words(self, row: Segment) -> str:
        return rules.in_words(rules.read(row.current.rule)) if row.current else ""


class SegmentFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    state = django_filters.ChoiceFilter(choices=SegmentState.choices)


class NewSegment(Item):
    """A draft with its first version."""

    key: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,39}$")]
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    rule: dict[str, Any]
    why: Words = ""
    leaves: dict[str, Any] | None = None
    stay_days: Annotated[int, Meta(ge=0, le=366)] = 0
    note: Words = ""


class NextVersion(Item):
    """What it says from now on."""

    rule: dict[str, Any]
    leaves: dict[str, Any] | None = None
    stay_days: Annotated[int, Meta(ge=0, le=366)] = 0
    note: Words = ""


class Description(Item):
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    why: Words = ""


class Lists(Item):
    """Accounts by the ids of your own systems."""

    add: Annotated[list[Id], Meta(max_length=5_000)] = []
    remove: Annotated[list[Id], Meta(max_length=5_000)] = []


class Nothing(Item):
    """The button says it all."""


class CountAnswer(serializers.Serializer[Any]):
    accounts = serializers.IntegerField(help_text="How many fulfil the rule.")
    of = serializers.IntegerField(help_text="How many there are.")
    arr = serializers.FloatField(help_text="Their ARR, as it is written, whatever the currency.")
    words = serializers.CharField(help_text="The rule as a sentence.")


class OverlapAnswer(serializers.Serializer[Any]):
    segments = serializers.ListField(child=serializers.IntegerField())
    both = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()), help_text="[one, other, how many are in both]")


class ExplainAnswer(serializers.Serializer[Any]):
    words = serializers.CharField()
    holds = serializers.BooleanField()
    value = serializers.JSONField(allow_null=True, help_text="What was held against the condition.")
    flips_at = serializers.DateTimeField(allow_null=True, help_text="Before this moment time alone cannot change it.")
    joint = serializers.CharField(help_text="all, any, none; empty for a condition.")
    parts = serializers.ListField(child=serializers.DictField(), help_text="The same of each part.")


def _explained(found: Any) -> dict[str, Any]:
    value = found.value
    if value is not None and not isinstance(value, bool | int | float | str):
        value = [str(one) for one in value] if isinstance(value, list) else str(value)
    return {
        "words": found.words,
        "holds": found.holds,
        "value": value,
        "flips_at": found.flips_at,
        "joint": found.joint,
        "parts": [_explained(part) for part in found.parts],
    }


def refuse_flaws(error: rules.Flaws) -> Problem:
    """Each flaw at its place, under `rule` or `leaves`."""
    found: dict[str, list[str]] = {}
    for place, words in error.flaws:
        own = place.split(".")[0].split("[")[0] in ("leaves", "stay_days")
        found.setdefault(place if own else f"rule.{place}" if place else "rule", []).append(words)
    return invalid(found)


def _named(request: Request, *names: str) -> Mapping[str, str]:
    """The query, strictly."""
    if unknown := sorted(set(request.query_params) - set(names)):
        raise invalid({name[:80]: ["There is no such parameter here."] for name in unknown})
    if missing := [name for name in names if name not in request.query_params]:
        raise invalid({name: ["It is missing."] for name in missing})
    return {name: request.query_params[name] for name in names}


class SegmentViews(CreateViews, ActViews, SharedViews):
    """Accounts that belong together by a rule; docs/segments.md says how rules are written."""

    scope = "segments"
    queryset = Segment.objects.all()
    serializer_class = SegmentRow
    filterset_class = SegmentFilters
    orderings = ("pk", "-pk")
    item = NewSegment

    def make(self, item: NewSegment) -> Segment:
        try:
            return services.segments.create(**item.said(), actor=actor_of(self.request), now=clock.now())
        except rules.Flaws as error:
            raise refuse_flaws(error) from error

    @button(NextVersion)
    def save_version(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The next version; the same words again make none. Of a live segment everybody is looked at anew, silently."""

        def save(row: Segment, said: NextVersion) -> None:
            try:
                services.segments.save_version(row, **said.said(), actor=actor_of(request), now=clock.now())
            except rules.Flaws as error:
                raise refuse_flaws(error) from error

        return self.act(request, NextVersion, save)

    @button(Description)
    def rename(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What it is called and what it is for."""
        return self.act(
            request, Description, lambda row, said: services.segments.rename(row, **said.said(), actor=actor_of(request), now=clock.now())
        )

    @button(Nothing)
    def go_live(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Memberships are kept from now on; everybody is looked at first, in the background and silently."""

        def turn(row: Segment, _: Nothing) -> None:
            try:
                services.segments.go_live(row, actor=actor_of(request), now=clock.now())
            except rules.Flaws as error:
                raise refuse_flaws(error) from error

        return self.act(request, Nothing, turn)

    @button(Nothing)
    def archive(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Nobody is in it any more; who was and when stays known."""
        return self.act(request, Nothing, lambda row, _: services.segments.archive(row, actor=actor_of(request), now=clock.now()))

    @button(Lists)
    def list_accounts(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Put accounts on its list or take them off; the condition `listed` reads it. Sent twice it changes nothing more."""

        def write(row: Segment, said: Lists) -> None:
            mine = {"add": self._mine("add", said.add), "remove": self._mine("remove", said.remove)}
            services.segments.list_accounts(row, **mine, source=ListedFrom.IMPORT, actor=actor_of(request), now=clock.now())

        return self.act(request, Lists, write)

    def _mine(self, field: str, names: list[str]) -> list[int]:
        found, _ = services.segments.by_external_ids(names)
        mine = set(Account.objects.for_user(self.caller).filter(pk__in=found).values_list("external_id", flat=True))
        if missing := [name for name in names if name not in mine]:
            raise Misfit(field, f"There is no account {missing[0]!r} in your book; nothing was changed.")
        return found

    @extend_schema(
        parameters=[OpenApiParameter("rule", str, required=True, description="A rule as JSON; it need not be saved.")], responses={200: CountAnswer}
    )
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def count(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """How many accounts a rule finds. One that takes longer than three seconds is refused."""
        words = _named(request, "rule")["rule"]
        try:
            said = json.loads(words) if len(words) <= _MOST_RULE else None
        except (ValueError, RecursionError):
            said = None
        if said is None:
            raise invalid({"rule": [f"It must be a rule as JSON of at most {_MOST_RULE:,} characters."]})
        try:
            rule = rules.read(said)
        except rules.Flaws as error:
            raise refuse_flaws(error) from error
        found = selectors.segments.count(rule, clock.now())
        return Response({"accounts": found.accounts, "of": found.of, "arr": found.arr, "words": rules.in_words(rule)})

    @extend_schema(
        parameters=[OpenApiParameter("ids", str, required=True, description=f"Up to {_MOST_SEGMENTS} ids of segments, with commas between.")],
        responses={200: OverlapAnswer},
    )
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def overlap(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """How many accounts segments have in common."""
        words = _named(request, "ids")["ids"].split(",")
        if len(words) > _MOST_SEGMENTS or not all(word.isascii() and word.isdigit() and len(word) <= 18 for word in words):
            raise invalid({"ids": [f"It must be up to {_MOST_SEGMENTS} ids with commas between."]})
        found = selectors.segments.overlap([int(word) for word in words], clock.now())
        return Response({"segments": found.segment_ids, "both": [[one, other, both] for (one, other), both in sorted(found.both.items())]})

    @extend_schema(
        parameters=[OpenApiParameter("account", int, required=True, description="The id of an account in the caller's book.")],
        responses={200: ExplainAnswer},
    )
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def explain(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Why an account fulfils its rule or does not, condition by condition."""
        row, word = self.get_object(), _named(request, "account")["account"]
        known = word.isascii() and word.isdigit() and len(word) <= 18
        if not known or not Account.objects.for_user(self.caller).filter(pk=int(word)).exists():
            raise invalid({"account": ["There is no such account in your book."]})
        found = selectors.segments.explain(rules.read(row.current.rule), int(word), clock.now(), segment_id=row.pk) if row.current else None
        if found is None:
            raise invalid({"account": ["Nothing can be said of it."]})
        return Response(_explained(found))


class MembershipRow(OfAccount):
    segment_key = serializers.CharField(source="segment.key", read_only=True)
    number = serializers.IntegerField(source="version.number", read_only=True, help_text="The version by which it came in.")
    select = ("account", "segment", "version")

    class Meta:
        model = Membership
        fields = ["id", "account", "account_external_id", "segment", "segment_key", "number", "entered_at", "left_at"]


class MembershipFilters(OfAccountFilters):
    segment = IdFilter(field_name="segment_id", label="The segment's id.")
    segment_key = django_filters.CharFilter(field_name="segment__key", label="The segment's key.")
    at = MomentFilter(method="_at", label="Who was in at this moment (ISO 8601).")
    open = TrueFalseFilter(field_name="left_at", lookup_expr="isnull", label="Still in.")
    since, until = during("entered_at").values()

    def _at(self, rows: Any, name: str, moment: Any) -> Any:
        return rows.at(moment)


class MembershipViews(ReadViews):
    """Stays of accounts in segments, also those that are over."""

    scope = "segments"
    queryset = Membership.objects.all()
    serializer_class = MembershipRow
    filterset_class = MembershipFilters
    orderings = ("pk", "-pk")


ROUTES: dict[str, Any] = {"segments": SegmentViews, "segment-members": MembershipViews}
