"""What the API tells of coaching."""

from typing import Any

from rest_framework import serializers

from apps.coaching.models import CoachingProfile, Recommendation, Tip
from apps.core.api.fields import OfAccount, Rows


class TipRow(Rows):
    definition = serializers.JSONField(source="current.definition", read_only=True, allow_null=True)
    number = serializers.IntegerField(source="current.number", read_only=True, allow_null=True)
    select = ("current",)

    class Meta:
        model = Tip
        fields = ["id", "key", "name", "state", "number", "definition"]


class RecommendationRow(OfAccount):
    tip = serializers.CharField(source="tip.key", read_only=True)
    words = serializers.SerializerMethodField(help_text="What the tip says, by language.")
    effort_minutes = serializers.SerializerMethodField()
    select = ("account", "tip", "version")

    class Meta:
        model = Recommendation
        fields = [
            *("id", "account", "account_external_id", "slate", "slot", "tip", "words", "effort_minutes", "state", "reason", "evidence", "expected"),
            *("propensity", "candidates", "at", "due_at", "answered_at", "ended_because", "before", "after", "moved", "read_at"),
        ]

    def get_words(self, row: Recommendation) -> dict[str, Any]:
        words: dict[str, Any] = row.version.definition["words"]
        return words

    def get_effort_minutes(self, row: Recommendation) -> int:
        return int(row.version.definition["effort_minutes"])


class ProfileRow(OfAccount):
    pattern = serializers.CharField(source="pattern.key", read_only=True)
    pattern_name = serializers.CharField(source="pattern.name", read_only=True)
    pattern_words = serializers.CharField(source="pattern.words", read_only=True)
    select = ("account", "pattern")

    class Meta:
        model = CoachingProfile
        fields = [
            *("id", "account", "account_external_id", "pattern", "pattern_name", "pattern_words", "since", "as_of"),
            *("closeness", "measures", "strengths", "gaps"),
        ]


class EvidenceRow(serializers.Serializer[Any]):
    words = serializers.CharField()
    about = serializers.CharField()
    events = serializers.ListField(child=serializers.IntegerField(), help_text="Keys of activity events that show it: /activity/ID/.")


class NextActionRow(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    why = serializers.CharField()
    worth = serializers.FloatField(help_text="What it is expected to bring, in the account's currency.")
    minutes = serializers.IntegerField()
    evidence = EvidenceRow(many=True)


class NextActionsAnswer(serializers.Serializer[Any]):
    account = serializers.IntegerField()
    currency = serializers.CharField()
    as_of = serializers.DateTimeField()
    actions = NextActionRow(many=True)
