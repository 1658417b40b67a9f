"""Challenges and statements."""

from typing import Annotated, Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Contact
from apps.community import selectors, services
from apps.community.models import Challenge, ChallengeEntry, Published, Statement
from apps.community.types import ChallengeState, Verdict
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import OfAccount, Rows
from apps.core.api.filters import IdFilter, OfAccountFilters, TrueFalseFilter
from apps.core.api.items import Item, Misfit
from apps.core.api.views import ReadViews, SharedViews, WholeViews
from apps.core.api.writing import ActViews, button

Key = Annotated[int, Meta(ge=1, le=2**63 - 1)]


class ChallengeRow(Rows):
    class Meta:
        model = Challenge
        fields = [
            *("id", "key", "name", "words", "state", "team", "counts", "activity", "milestone", "target", "cohort", "cohort_value"),
            *("zone", "first_day", "last_day", "grace_hours", "least", "closed_at"),
        ]


class ChallengeFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    state = django_filters.ChoiceFilter(choices=ChallengeState.choices)


class TakePart(Item):
    """Who said so themselves, in your product or to you."""

    contact: Key


class ChallengeViews(ActViews, SharedViews):
    """Shared targets among comparable accounts. Only who chose `boards` can join; leaving counts at once."""

    scope = "community"
    queryset = Challenge.objects.all()
    serializer_class = ChallengeRow
    filterset_class = ChallengeFilters

    def _contact(self, key: int) -> Contact:
        contact = Contact.objects.for_user(self.caller).select_related("account").filter(pk=key).first()
        if contact is None:
            raise Misfit("contact", "There is no such contact in your book.")
        return contact

    @button(TakePart)
    def join(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """They take part from now on; 409 where they did not choose challenges or are not comparable."""
        actor = actor_of(request)

        def do(row: Challenge, said: TakePart) -> None:
            services.join(challenge=row, contact=self._contact(said.contact), actor=actor, now=clock.now())

        return self.act(request, TakePart, do)

    @button(TakePart)
    def leave(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """They are out of it at once, with all that was counted."""
        actor = actor_of(request)

        def do(row: Challenge, said: TakePart) -> None:
            services.leave(challenge=row, contact=self._contact(said.contact), actor=actor, now=clock.now())

        return self.act(request, TakePart, do)


class EntryRow(OfAccount):
    class Meta:
        model = ChallengeEntry
        fields = ["id", "challenge", "account", "account_external_id", "contact", "team", "joined_at", "count", "late", "reached_at"]


class EntryFilters(OfAccountFilters):
    challenge = IdFilter(field_name="challenge_id")
    contact = IdFilter(field_name="contact_id")


class EntryViews(ReadViews):
    """Who of one's own book takes part in what, and how far they are."""

    scope = "community"
    queryset = ChallengeEntry.objects.all()
    serializer_class = EntryRow
    filterset_class = EntryFilters


class StatementRow(Rows):
    shown = serializers.SerializerMethodField(help_text="The sentence with its number as it may be shown now; null where it may not.")

    class Meta:
        model = Statement
        fields = ["id", "key", "words", "deed", "activity", "milestone", "days", "cohort", "cohort_value", "live", "shown"]

    @classmethod
    def prepare(cls, rows: QuerySet[Any]) -> QuerySet[Any]:
        return selectors.with_number(rows, now=clock.now())

    @extend_schema(responses=serializers.CharField(allow_null=True))
    def get_shown(self, row: Any) -> str | None:
        return None if row.number is None or not row.live else selectors.sentence(row, row.number, "en")


class StatementFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    live = TrueFalseFilter()


class StatementViews(SharedViews):
    """Sentences about many with one number, for your product and your pages; link each to /c/proof/KEY/, which says how it is made."""

    scope = "community"
    queryset = Statement.objects.all()
    serializer_class = StatementRow
    filterset_class = StatementFilters


class PublishedRow(Rows):
    class Meta:
        model = Published
        fields = ["id", "statement", "version", "on", "verdict", "number", "why", "counted", "others"]


class PublishedFilters(django_filters.FilterSet):
    statement = IdFilter(field_name="statement_id")
    verdict = django_filters.ChoiceFilter(choices=Verdict.choices)


class PublishedViews(WholeViews):
    """What each day's round made of each statement, with the true counts: for those who see everything, never for customers."""

    scope = "community"
    queryset = Published.objects.all()
    serializer_class = PublishedRow
    filterset_class = PublishedFilters
    orderings = ("-pk",)


ROUTES: dict[str, Any] = {
    "challenges": ChallengeViews,
    "challenge-entries": EntryViews,
    "statements": StatementViews,
    "published-statements": PublishedViews,
}
