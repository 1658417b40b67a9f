"""What campaigns changed, who gets the credit, and what could come next; of the caller's own book of accounts."""

from dataclasses import asdict, is_dataclass
from typing import Any

import django_filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.campaigns.models import Campaign
from apps.campaigns.results import selectors
from apps.campaigns.types import AttributedOutcome, CampaignState
from apps.core import clock
from apps.core.api.errors import invalid
from apps.core.api.fields import Rows
from apps.core.api.views import SharedViews

_DAYS, _WINDOW = (1, 730), (1, 365)


class CampaignResultRow(Rows):
    class Meta:
        model = Campaign
        fields = ["id", "key", "name", "kind", "state", "launched_at"]


class CampaignResultFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    state = django_filters.ChoiceFilter(choices=CampaignState.choices)


class CampaignResultViews(SharedViews):
    """Campaigns, and of one of them its read-out: treated against held out by assignment, of the whole, of every time, of every variant."""

    scope = "campaigns"
    queryset = Campaign.objects.filter(launched_at__isnull=False)
    serializer_class = CampaignResultRow
    filterset_class = CampaignResultFilters
    orderings = ("pk", "-pk")

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What it changed so far. Shares of variants and the gate of targeting are told to those who see all accounts."""
        campaign, now = self.get_object(), clock.now()
        told = _plain(selectors.readout(campaign, now=now, user=self.caller))
        whole = self.caller.sees_everything
        told["shares"] = _plain(selectors.shares(campaign, now=now)) if whole else None
        told["targeting"] = _plain(selectors.targeting(campaign, now=now)) if whole else None
        return Response({**self.get_serializer(campaign).data, **told})

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def funnel(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """From planned to the goal, and accounts by the time it went out, with what those held out did beside it."""
        campaign, now = self.get_object(), clock.now()
        cohorts = [_plain(one) for one in selectors.cohorts(campaign, now=now, user=self.caller)]
        return Response({**_plain(selectors.funnel(campaign, now=now, user=self.caller)), "cohorts": cohorts})

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def days(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The read-outs of past days as they were, newest first; of all accounts, so empty for those who see only some."""
        campaign = self.get_object()
        return Response({"days": [_plain(one) for one in selectors.days(campaign)] if self.caller.sees_everything else []})

    @extend_schema(
        parameters=[
            OpenApiParameter("outcome", str, enum=AttributedOutcome.values, default=AttributedOutcome.EXPANSION),
            OpenApiParameter("days", int, description="Outcomes of the last so many days: 1 to 730.", default=90),
            OpenApiParameter("window_days", int, description="Touches so many days before an outcome count: 1 to 365.", default=30),
        ],
        responses={200: OpenApiTypes.OBJECT},
    )
    @action(detail=False, methods=["get"], filter_backends=[], pagination_class=None, filterset_class=None)
    def attribution(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who gets the credit for outcomes, by first, last, linear, position-based and time-decay models at once, and what was incremental."""
        outcome = request.query_params.get("outcome", AttributedOutcome.EXPANSION.value)
        if outcome not in AttributedOutcome.values:
            raise invalid({"outcome": [f"Use one of {', '.join(AttributedOutcome.values)}."]})
        days, window = _whole(request, "days", 90, _DAYS), _whole(request, "window_days", 30, _WINDOW)
        found = selectors.attribution(outcome=AttributedOutcome(outcome), now=clock.now(), days=days, window_days=window, user=self.caller)
        return Response(_plain(found))

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    @action(detail=False, methods=["get"], filter_backends=[], pagination_class=None, filterset_class=None)
    def suggestions(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Next campaigns: what many accounts share and nothing live addresses, each with a rule and a definition for a draft."""
        return Response({"suggestions": [_plain(one) for one in selectors.suggestions(now=clock.now(), user=self.caller)]})


def _whole(request: Request, name: str, usual: int, ends: tuple[int, int]) -> int:
    word = request.query_params.get(name, str(usual))
    if not (word.isascii() and word.isdigit() and len(word) <= 4 and ends[0] <= int(word) <= ends[1]):
        raise invalid({name: [f"A whole number from {ends[0]} to {ends[1]}."]})
    return int(word)


def _plain(figures: Any) -> dict[str, Any]:
    assert is_dataclass(figures)
    assert not isinstance(figures, type)
    return asdict(figures)


ROUTES: dict[str, Any] = {"campaign-results": CampaignResultViews}
