"""Campaigns with their versions, what they would do, their occurrences, and everybody in them with the reason."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

import django_filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Account, User
from apps.campaigns import definition, selectors, services
from apps.campaigns.models import Campaign, Occurrence, Recipient
from apps.campaigns.types import CampaignKind, CampaignState, Left, OccurrenceState, RecipientState
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import OfAccount, Rows
from apps.core.api.filters import IdFilter, OfAccountFilters, during
from apps.core.api.items import Item, Misfit
from apps.core.api.problem import Problem
from apps.core.api.views import ReadViews, SharedViews
from apps.core.api.writing import ActViews, CreateViews, button


class CampaignRow(Rows):
    number = serializers.IntegerField(source="current.number", read_only=True, allow_null=True)
    definition = serializers.JSONField(source="current.definition", read_only=True, allow_null=True)
    select = ("current",)

    class Meta:
        model = Campaign
        fields = [
            *("id", "key", "name", "why", "kind", "state", "state_why", "number", "definition", "next_at", "launched_at", "slowed_at"),
        ]


class CampaignFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    kind = django_filters.ChoiceFilter(choices=CampaignKind.choices)
    state = django_filters.ChoiceFilter(choices=CampaignState.choices)


class CampaignFile(Item):
    """A campaign as a draft; `docs/campaigns.md` says how a definition is written."""

    key: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,39}$")]
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    definition: dict[str, Any]
    kind: Literal["message", "sequence", "survey"] = "message"
    why: Annotated[str, Meta(max_length=250)] = ""
    note: Annotated[str, Meta(max_length=250)] = ""


class NextCampaignVersion(Item):
    """What it says from now on; what has begun finishes on its own version."""

    definition: dict[str, Any]
    note: Annotated[str, Meta(max_length=250)] = ""


class CampaignWord(Item):
    """Why, in a few words."""

    why: Annotated[str, Meta(max_length=200)] = ""


class CampaignStart(Item):
    """Whom to start it for: accounts by their ids in your own systems, or nobody named for its whole segment. The same `key` again starts nothing."""

    key: Annotated[str, Meta(max_length=30)] = ""
    accounts: Annotated[list[Annotated[str, Meta(max_length=120)]], Meta(max_length=1_000)] = []


class Nothing(Item):
    """The button says it all."""


class CampaignViews(CreateViews, ActViews, SharedViews):
    """What marketing tells segments.

    A definition with flaws is a 400 whose `fields` name each by its place, such as `definition.variants[1].template`.
    """

    scope = "campaigns"
    queryset = Campaign.objects.all()
    serializer_class = CampaignRow
    filterset_class = CampaignFilters
    item = CampaignFile

    def make(self, item: CampaignFile) -> Campaign:
        self._check_writer()
        said = item.said()
        with _told_by_place():
            return services.campaigns.create(says=said.pop("definition"), **said, actor=actor_of(self.request), now=clock.now())

    @button(NextCampaignVersion)
    def version(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Save the next version; the same words again change nothing."""

        def save(row: Campaign, said: NextCampaignVersion) -> None:
            self._check_writer()
            services.campaigns.save_version(row, says=said.definition, note=said.note, actor=actor_of(request), now=clock.now())

        with _told_by_place():
            return self.act(request, NextCampaignVersion, save)

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    @action(detail=True, methods=["get"])
    def consequence(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What a launch would do now: how many, who is left out and why, what it costs, whose caps are full, and what is not right yet."""
        row: Campaign = self.get_object()
        if row.current is None or not self.caller.sees_everything:
            raise Problem(403, "forbidden", "It counts all customers: for those who see everything.")
        return Response(vars(selectors.campaigns.consequence(row, row.says, now=clock.now())))

    @button(Nothing)
    def launch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """From now on it goes out at its hour, or when what it waits for happens. What is not right yet is a 400 by place."""
        with _told_by_place():
            return self.act(request, Nothing, lambda row, _: self._turn(services.campaigns.launch, row))

    @button(CampaignWord)
    def pause(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Nothing more is handed over, and what is queued stays."""
        return self.act(request, CampaignWord, lambda row, said: self._turn(services.campaigns.pause, row, why=said.why))

    @button(Nothing)
    def resume(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """It goes on where it was."""
        return self.act(request, Nothing, lambda row, _: self._turn(services.campaigns.resume, row))

    @button(CampaignWord)
    def abort(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """It is over: what waits is taken back, whoever has not had it gets nothing."""
        return self.act(request, CampaignWord, lambda row, said: self._turn(services.campaigns.abort, row, why=said.why))

    @button(Nothing)
    def archive(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Out of the lists; what it did stays."""
        return self.act(request, Nothing, lambda row, _: self._turn(services.campaigns.archive, row))

    @button(CampaignStart)
    def start(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Start it by hand, once."""

        def started(row: Campaign, said: CampaignStart) -> None:
            self._check_writer()
            named = None
            if said.accounts:
                known = dict(Account.objects.for_user(self.caller).filter(external_id__in=said.accounts).values_list("external_id", "pk"))
                if missing := [name for name in said.accounts if name not in known]:
                    raise Misfit("accounts", f"There is no account {missing[0]!r} in your book.")
                named = list(known.values())
            services.campaigns.start_by_hand(row, account_ids=named, key=said.key, actor=actor_of(request), now=clock.now())

        return self.act(request, CampaignStart, started)

    def _turn(self, service: Any, row: Campaign, **said: Any) -> None:
        self._check_writer()
        service(row, **said, actor=actor_of(self.request), now=clock.now())

    def _check_writer(self) -> None:
        caller = self.caller
        if not (caller.has_perm("campaigns.add_campaign") if isinstance(caller, User) else caller.sees_everything):
            raise Problem(403, "forbidden", "Administrators run campaigns, or a key that belongs to nobody in particular.")


@contextmanager
def _told_by_place() -> Iterator[None]:
    try:
        yield
    except definition.Flaws as refusal:
        fields: dict[str, list[str]] = {}
        for place, words in refusal.flaws:
            fields.setdefault(f"definition.{place}".rstrip("."), []).append(words)
        raise Problem(400, "invalid", "The definition has flaws. Nothing was changed.", fields=fields) from refusal


class OccurrenceRow(Rows):
    campaign_key = serializers.CharField(source="campaign.key", read_only=True)
    number = serializers.IntegerField(source="version.number", read_only=True)
    select = ("campaign", "version")

    class Meta:
        model = Occurrence
        fields = ["id", "campaign", "campaign_key", "number", "key", "state", "due_at", "frozen_at", "done_at"]


class OccurrenceFilters(django_filters.FilterSet):
    campaign = IdFilter(field_name="campaign_id")
    state = django_filters.ChoiceFilter(choices=OccurrenceState.choices)
    since, until = during("due_at").values()


class OccurrenceViews(SharedViews):
    """Each time that a campaign went out, or goes out now."""

    scope = "campaigns"
    queryset = Occurrence.objects.all()
    serializer_class = OccurrenceRow
    filterset_class = OccurrenceFilters
    orderings = ("pk", "-pk")


class RecipientRow(OfAccount):
    reason = serializers.CharField(source="get_left_display", read_only=True, help_text="Why they are left out, in words.")
    message_state = serializers.CharField(source="message.state", read_only=True, allow_null=True, default=None)
    message_reason = serializers.CharField(source="message.reason", read_only=True, allow_null=True, default=None)
    select = ("account", "message")

    class Meta:
        model = Recipient
        fields = [
            *("id", "occurrence", "account", "account_external_id", "contact", "state", "left", "reason", "variant", "weights", "propensity"),
            *("due_at", "settled_at", "message", "message_state", "message_reason", "enrolment"),
        ]


class RecipientFilters(OfAccountFilters):
    occurrence = IdFilter(field_name="occurrence_id")
    contact = IdFilter(field_name="contact_id")
    state = django_filters.ChoiceFilter(choices=RecipientState.choices)
    left = django_filters.ChoiceFilter(choices=Left.choices)


class RecipientViews(ReadViews):
    """Everybody in the audience of an occurrence: what they got, or the one reason why not."""

    scope = "campaigns"
    queryset = Recipient.objects.all()
    serializer_class = RecipientRow
    filterset_class = RecipientFilters
    orderings = ("pk", "-pk")


ROUTES = {"campaigns": CampaignViews, "campaign-occurrences": OccurrenceViews, "campaign-recipients": RecipientViews}
