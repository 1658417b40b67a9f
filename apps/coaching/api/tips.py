"""Tips, what was recommended and answered, profiles, and what to do next for an account."""

from typing import Annotated, Any, Literal

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Account
from apps.coaching import selectors, services
from apps.coaching.models import CoachingProfile, Recommendation, Tip
from apps.coaching.types import RecommendationState, TipState
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.filters import OfAccountFilters, TrueFalseFilter, during
from apps.core.api.items import Item
from apps.core.api.views import ReadViews, SharedViews
from apps.core.api.writing import ActViews, button

from . import rows


class TipFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    state = django_filters.ChoiceFilter(choices=TipState.choices)


class TipViews(SharedViews):
    """The library of tips: words by language, for whom, which behaviour each is to move, and how long it takes."""

    scope = "work"
    queryset = Tip.objects.all()
    serializer_class = rows.TipRow
    filterset_class = TipFilters


class RecommendationFilters(OfAccountFilters):
    state = django_filters.ChoiceFilter(choices=RecommendationState.choices)
    tip = django_filters.CharFilter(field_name="tip__key")
    moved = TrueFalseFilter(label="Whether the behaviour moved, once it is read.")
    since, until = during("at").values()


class TipWord(Item):
    """What somebody says to a tip, and why in their words."""

    answer: Literal["accept", "not_now", "not_useful", "done"]
    note: Annotated[str, Meta(max_length=250)] = ""


class TipSending(Item):
    """Whom to write it to."""

    contact: Annotated[int, Meta(ge=1, le=2**63 - 1)]


class RecommendationViews(ActViews):
    """Tips shown to accounts: why, with which evidence, what was answered, and what the behaviour did before and after.

    A tip that was held back at random appears once its effect is read: until then whoever saw it could spoil the comparison.
    """

    scope = "work"
    queryset = Recommendation.objects.exclude(held_back=True, read_at__isnull=True)
    serializer_class = rows.RecommendationRow
    filterset_class = RecommendationFilters
    orderings = ("pk", "-pk")

    @button(TipWord)
    def answer(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Accept, not now, not useful or done; the same again changes nothing."""

        def do(row: Recommendation, said: TipWord) -> None:
            services.answer(row.pk, said.answer, note=said.note, actor=actor_of(request), now=clock.now())

        return self.act(request, TipWord, do)

    @button(TipSending)
    def send(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write it to somebody at the account by email; the governor decides whether and when it leaves."""

        def do(row: Recommendation, said: TipSending) -> None:
            services.send_tip(row.pk, contact_id=said.contact, actor=actor_of(request), now=clock.now())

        return self.act(request, TipSending, do)


class ProfileFilters(OfAccountFilters):
    pattern = django_filters.CharFilter(field_name="pattern__key")


class ProfileViews(ReadViews):
    """How accounts work with the product: their pattern, their strengths and gaps in words."""

    scope = "work"
    queryset = CoachingProfile.objects.all()
    serializer_class = rows.ProfileRow
    filterset_class = ProfileFilters


class NextActionViews(ReadViews):
    """What to do next for one account, the most worth first. The same facts give the same list; each reason names what opens it."""

    scope = "work"
    queryset = Account.objects.all()
    serializer_class = rows.NextActionsAnswer
    lookup_url_kwarg = "account_id"
    lookup_field = "pk"

    def get_queryset(self) -> QuerySet[Any]:
        return Account.objects.none() if getattr(self, "swagger_fake_view", False) else self.rows()

    @extend_schema(responses={200: rows.NextActionsAnswer})
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        account, now = self.get_object(), clock.now()
        actions = selectors.next_actions(account, now=now)
        told = {"account": account.pk, "currency": account.currency, "as_of": now, "actions": actions}
        return Response(rows.NextActionsAnswer(told).data)


ROUTES: dict[str, Any] = {
    "tips": TipViews,
    "recommendations": RecommendationViews,
    "coaching-profiles": ProfileViews,
}
