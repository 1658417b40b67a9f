"""Surveys: who was asked, and what the answers say."""

from dataclasses import asdict
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.types import SurveyKind
from apps.campaigns.models import Campaign, Invitation
from apps.campaigns.surveys import selectors
from apps.campaigns.types import CampaignKind, InvitationState
from apps.core import clock
from apps.core.api.fields import OfAccount, Rows
from apps.core.api.filters import IdFilter, OfAccountFilters, TrueFalseFilter, during
from apps.core.api.views import ReadViews, SharedViews


class InvitationRow(OfAccount):
    campaign = serializers.CharField(source="campaign.key", read_only=True)
    contact_external_id = serializers.CharField(source="contact.external_id", read_only=True)
    score = serializers.IntegerField(source="response.score", read_only=True, allow_null=True, default=None)
    loop_closed_at = serializers.DateTimeField(source="response.loop_closed_at", read_only=True, allow_null=True, default=None)
    select = ("account", "campaign", "contact", "response")

    class Meta:
        model = Invitation
        fields = [
            *("id", "campaign", "account", "account_external_id", "contact", "contact_external_id", "kind", "state", "asked_at", "quiet_until"),
            *("expires_at", "sent_at", "reminded_at", "answered_at", "response", "score", "loop_due_at", "loop_overdue_at", "loop_closed_at"),
        ]


class InvitationFilters(OfAccountFilters):
    campaign = django_filters.CharFilter(field_name="campaign__key")
    contact = IdFilter(field_name="contact_id")
    kind = django_filters.ChoiceFilter(choices=SurveyKind.choices)
    state = django_filters.ChoiceFilter(choices=InvitationState.choices)
    overdue = TrueFalseFilter(field_name="loop_overdue_at", lookup_expr="isnull", exclude=True, label="Whether the loop was announced as late.")
    since, until = during("asked_at").values()


class InvitationViews(ReadViews):
    """Who was asked in which survey, and what came of it. The link of a person is told to nobody but that person."""

    scope = "surveys"
    queryset = Invitation.objects.all()
    serializer_class = InvitationRow
    filterset_class = InvitationFilters
    orderings = ("pk", "-pk")


class SurveyRow(Rows):
    class Meta:
        model = Campaign
        fields = ["id", "key", "name", "state", "launched_at"]


class SurveyFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()


class SurveyViews(SharedViews):
    """Surveys. One of them tells its read-out: score and response rate with intervals, who answers, months, segments, loops; of your own book."""

    scope = "surveys"
    queryset = Campaign.objects.filter(kind=CampaignKind.SURVEY, current__isnull=False)
    serializer_class = SurveyRow
    filterset_class = SurveyFilters

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        survey: Campaign = self.get_object()
        return Response({**self.get_serializer(survey).data, **_told(selectors.read_out(survey, viewer=self.caller, now=clock.now()))})

    def rows(self) -> QuerySet[Any]:
        return super().rows().select_related("current")


def _told(found: selectors.ReadOut) -> dict[str, Any]:
    plain = {
        name: value for name, value in vars(found).items() if name not in ("campaign", "figure", "bias", "months", "segments", "loops", "counts")
    }
    return {
        **plain,
        "rate_words": found.rate_words,
        "score": _figure(found.figure),
        "counts": {str(score): n for score, n in found.counts.items()},
        "bias": {**asdict(found.bias), "measures": [{**asdict(one), "differs": one.differs} for one in found.bias.measures]},
        "months": [_part(one) for one in found.months],
        "segments": [_part(one) for one in found.segments],
        "loops": asdict(found.loops),
    }


def _figure(figure: Any) -> dict[str, Any]:
    return {**asdict(figure), "enough": figure.enough, "words": figure.words}


def _part(part: selectors.Part) -> dict[str, Any]:
    return {"name": part.name, "delivered": part.delivered, "answered": part.answered, "score": _figure(part.figure)}


ROUTES = {"survey-invitations": InvitationViews, "survey-results": SurveyViews}
