"""What accounts have come to: tiers, streaks and badges."""

from typing import Any

import django_filters
from rest_framework import serializers

from apps.core.api.fields import OfAccount
from apps.core.api.filters import OfAccountFilters
from apps.core.api.views import ReadViews
from apps.milestones.models import BadgeAward, Streak, TierStanding
from apps.milestones.types import Step


class StandingRow(OfAccount):
    class Meta:
        model = TierStanding
        fields = ["id", "account", "account_external_id", "tier", "points", "since", "judged_at"]


class StandingFilters(OfAccountFilters):
    tier = django_filters.CharFilter()


class StandingViews(ReadViews):
    """The tier of each account, and its points of the last year."""

    scope = "rewards"
    queryset = TierStanding.objects.all()
    serializer_class = StandingRow
    filterset_class = StandingFilters


class StreakRow(OfAccount):
    class Meta:
        model = Streak
        fields = ["id", "account", "account_external_id", "step", "length", "best", "through", "judged_on"]


class StreakFilters(OfAccountFilters):
    step = django_filters.ChoiceFilter(choices=Step.choices)


class StreakViews(ReadViews):
    """How many working days or weeks in a row teams were there."""

    scope = "rewards"
    queryset = Streak.objects.all()
    serializer_class = StreakRow
    filterset_class = StreakFilters


class AwardRow(OfAccount):
    badge_key = serializers.CharField(source="badge.key", read_only=True)
    select = ("account", "badge")

    class Meta:
        model = BadgeAward
        fields = ["id", "account", "account_external_id", "badge", "badge_key", "at"]


class AwardFilters(OfAccountFilters):
    badge = django_filters.CharFilter(field_name="badge__key")


class AwardViews(ReadViews):
    """Who has which badge."""

    scope = "rewards"
    queryset = BadgeAward.objects.all()
    serializer_class = AwardRow
    filterset_class = AwardFilters


ROUTES: dict[str, Any] = {"tier-standings": StandingViews, "streaks": StreakViews, "badge-awards": AwardViews}
