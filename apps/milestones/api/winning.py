"""How hard milestones are, what accounts can do, and why each got what it got: figures with their intervals, to read."""

from typing import Any

import django_filters
from rest_framework import serializers

from apps.core.api.fields import OfAccount, Rows
from apps.core.api.filters import IdFilter, OfAccountFilters, TrueFalseFilter, during
from apps.core.api.views import ReadViews, SharedViews
from apps.milestones.models import AccountAbility, DifficultyChoice, MilestoneDifficulty, MilestoneValue, PathChoice
from apps.milestones.types import FitReason, OrderRule


class _Believed(serializers.ModelSerializer[Any]):
    """A belief in logits with its 95 % interval."""

    low = serializers.FloatField(source="belief.low", read_only=True, help_text="95 % interval.")
    high = serializers.FloatField(source="belief.high", read_only=True)


class DifficultyRow(_Believed, Rows):
    key = serializers.CharField(source="milestone.key", read_only=True)
    select = ("milestone",)

    class Meta:
        model = MilestoneDifficulty
        fields = ["id", "milestone", "key", "variant", "mean", "low", "high", "outcomes", "successes", "version_number", "as_of"]


class DifficultyFilters(django_filters.FilterSet):
    milestone = IdFilter(field_name="milestone_id")
    key = django_filters.CharFilter(field_name="milestone__key", label="The milestone's key.")


class DifficultyViews(SharedViews):
    """How hard milestones are, in logits; a variant other than standard tells how much harder than that it is."""

    scope = "milestones"
    queryset = MilestoneDifficulty.objects.all()
    serializer_class = DifficultyRow
    filterset_class = DifficultyFilters


class AbilityRow(_Believed, OfAccount):
    class Meta:
        model = AccountAbility
        fields = ["id", "account", "account_external_id", "mean", "low", "high", "outcomes", "successes", "as_written", "at_risk", "as_of"]


class AbilityViews(ReadViews):
    """What accounts can do, in logits: nought is usual. An account without a row is taken as usual."""

    scope = "milestones"
    queryset = AccountAbility.objects.all()
    serializer_class = AbilityRow
    filterset_class = OfAccountFilters


class ChoiceRow(OfAccount):
    key = serializers.CharField(source="milestone.key", read_only=True)
    select = ("account", "milestone")

    class Meta:
        model = DifficultyChoice
        fields = [
            *("id", "account", "account_external_id", "milestone", "key", "progress", "at", "variant", "factor", "target", "chance_before", "chance"),
            *("reason", "struggles", "candidates", "beliefs", "reached", "ended_at", "void"),
        ]


class ChoiceFilters(OfAccountFilters):
    milestone = IdFilter(field_name="milestone_id")
    key = django_filters.CharFilter(field_name="milestone__key", label="The milestone's key.")
    reason = django_filters.ChoiceFilter(choices=FitReason.choices)
    reached = TrueFalseFilter()
    since, until = during("at").values()


class ChoiceViews(ReadViews):
    """Variants as they were chosen, with the chance before and after, and what came of it; never rewritten but for the outcome."""

    scope = "milestones"
    queryset = DifficultyChoice.objects.all()
    serializer_class = ChoiceRow
    filterset_class = ChoiceFilters


class PathChoiceRow(OfAccount):
    key = serializers.CharField(source="milestone.key", read_only=True)
    select = ("account", "milestone")

    class Meta:
        model = PathChoice
        fields = [
            *("id", "account", "account_external_id", "milestone", "key", "progress", "at", "rule", "arm", "reading", "chance", "value", "score"),
            *("ahead", "candidates", "reasons", "actor"),
        ]


class PathChoiceFilters(OfAccountFilters):
    milestone = IdFilter(field_name="milestone_id")
    rule = django_filters.ChoiceFilter(choices=OrderRule.choices)
    since, until = during("at").values()


class PathChoiceViews(ReadViews):
    """Which milestone was made the next one, among which, and why in words; never rewritten."""

    scope = "milestones"
    queryset = PathChoice.objects.all()
    serializer_class = PathChoiceRow
    filterset_class = PathChoiceFilters


class ValueRow(Rows):
    key = serializers.CharField(source="milestone.key", read_only=True)
    accounts = serializers.IntegerField(source="reading.accounts", read_only=True)
    as_of = serializers.DateTimeField(source="reading.as_of", read_only=True)
    select = ("milestone", "reading")

    class Meta:
        model = MilestoneValue
        fields = ["id", "reading", "as_of", "milestone", "key", "points", "low", "high", "shrunk", "reached", "accounts", "usual_week"]


class ValueFilters(django_filters.FilterSet):
    milestone = IdFilter(field_name="milestone_id")
    reading = IdFilter(field_name="reading_id")


class ValueViews(SharedViews):
    """What reaching a milestone early seems to be worth for staying, by reading: an observation until an experiment confirms the order."""

    scope = "milestones"
    queryset = MilestoneValue.objects.all()
    serializer_class = ValueRow
    filterset_class = ValueFilters


ROUTES = {
    "milestone-difficulties": DifficultyViews,
    "milestone-abilities": AbilityViews,
    "milestone-choices": ChoiceViews,
    "milestone-path-choices": PathChoiceViews,
    "milestone-values": ValueViews,
}
