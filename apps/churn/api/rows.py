"""What the API tells of risks, predictions, definitions and models."""

from typing import Any

from rest_framework import serializers

from apps.churn.models import AccountRisk, Check, ChurnDefinition, ModelVersion, Prediction
from apps.core.api.fields import OfAccount, Rows


class RiskRow(OfAccount):
    class Meta:
        model = AccountRisk
        fields = [
            "id",
            "account",
            "account_external_id",
            "prediction",
            "probability",
            "low",
            "high",
            "band",
            "reasons",
            "source",
            "as_of",
            "before",
            "stale_since",
        ]


class ModelSaid(serializers.ModelSerializer[ModelVersion]):
    """Which model speaks."""

    definition = serializers.SlugRelatedField[Any](slug_field="name", read_only=True)

    class Meta:
        model = ModelVersion
        fields = ["id", "definition", "number", "kind", "trained_as_of"]


class Reason(serializers.Serializer[Any]):
    """Signed, in log-odds for a model and in points of 100 for the rule."""

    feature = serializers.CharField()
    words = serializers.CharField()
    value = serializers.JSONField(allow_null=True)
    contribution = serializers.FloatField()


class Fact(serializers.Serializer[Any]):
    """A raw row: an event (activity-events), ticket, survey, invoice, contact, note, message, health, change or account, by its id."""

    kind = serializers.CharField()
    id = serializers.IntegerField()
    at = serializers.CharField(allow_null=True, help_text="A moment, or a day where only that is known.")
    title = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)


class Behind(serializers.Serializer[Any]):
    """What was counted, as it was known when the score was told; newest first."""

    first = serializers.DateField(allow_null=True, help_text="First day (UTC) that was counted; null where the figure is a field of the account.")
    last = serializers.DateField(allow_null=True)
    late = serializers.IntegerField(help_text="Events of those days that came in after the score and did not count.")
    more = serializers.BooleanField()
    rows = Fact(many=True)
    beside = Fact(many=True, help_text="Tickets or invoices of the same weeks, which were not counted themselves.")


class ReasonDown(Reason):
    behind = Behind(required=False, help_text="With ?behind=N.")


class AccountRiskRow(RiskRow):
    reasons = ReasonDown(many=True, read_only=True)
    model = ModelSaid(source="prediction.model", read_only=True, allow_null=True)
    select = ("account", "prediction__model__definition")

    class Meta(RiskRow.Meta):
        fields = [*RiskRow.Meta.fields, "model"]


class PredictionRow(OfAccount):
    class Meta:
        model = Prediction
        fields = ["id", "account", "account_external_id", "model", "as_of", "probability", "low", "high", "band", "reasons", "created_at"]


class DefinitionRow(Rows):
    in_words = serializers.CharField(read_only=True)

    class Meta:
        model = ChurnDefinition
        fields = ["id", "name", "kind", "revision", "horizon_days", "inactive_days", "least_percent", "leave_unpaid_apart", "is_default", "in_words"]


class CountsAnswer(serializers.Serializer[Any]):
    """What there is to learn from by a meaning."""

    meaning = serializers.CharField()
    left = serializers.IntegerField(help_text="Customers that left in the last 12 months; of a column: ever.")
    customers = serializers.IntegerField(help_text="Of so many.")
    population = serializers.IntegerField(help_text="Who stands before it now.")
    dates = serializers.IntegerField(help_text="Past dates of which it is known what came.")
    dated = serializers.BooleanField()
    enough = serializers.BooleanField(help_text="To try; whether there is a signal is seen when a model is proved.")
    words = serializers.CharField()


class ModelRow(Rows):
    definition = serializers.SlugRelatedField[Any](slug_field="name", read_only=True)
    select = ("definition",)

    class Meta:
        model = ModelVersion
        fields = [
            "id",
            "definition",
            "number",
            "kind",
            "revision",
            "is_live",
            "is_challenger",
            "decision",
            "metrics",
            "made",
            "checksum",
            "trained_as_of",
            "created_at",
        ]


class CheckRow(Rows):
    definition = serializers.SlugRelatedField[Any](source="model.definition", slug_field="name", read_only=True)
    select = ("model__definition",)

    class Meta:
        model = Check
        fields = ["id", "definition", "model", "kind", "as_of", "alarm", "verdict", "figures"]


class Said(serializers.Serializer[Any]):
    probability = serializers.FloatField()
    low = serializers.FloatField(allow_null=True, help_text="Lower end of the 80 % interval; null where a rule speaks.")
    high = serializers.FloatField(allow_null=True)
    band = serializers.CharField()
    reasons = Reason(many=True)


class Changed(serializers.Serializer[Any]):
    feature = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class WhatIfAnswer(serializers.Serializer[Any]):
    account = serializers.IntegerField()
    account_external_id = serializers.CharField()
    as_of = serializers.DateTimeField()
    model = ModelSaid()
    before = Said()
    after = Said()
    changed = Changed(many=True)


class BatchScore(Said):
    key = serializers.CharField(help_text="The account's external id, or the key that was given with the row.")


class BatchAnswer(serializers.Serializer[Any]):
    as_of = serializers.DateTimeField()
    model = ModelSaid()
    scores = BatchScore(many=True)
    left = serializers.ListField(child=serializers.CharField(), help_text="Accounts that are unknown here, or that the definition does not speak of.")


class RankedRow(serializers.Serializer[Any]):
    account = serializers.IntegerField(source="account.pk")
    account_external_id = serializers.CharField(source="account.external_id")
    probability = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    band = serializers.CharField()
    value = serializers.FloatField(help_text="ARR in the workspace's currency.")
    at_risk = serializers.FloatField(help_text="The part of it that is likely to go; where the rule speaks: score x ARR.")
    savability = serializers.FloatField(help_text="Share of what raises the risk that somebody can change.")
    reasons = Reason(many=True)


class ReachAnswer(serializers.Serializer[Any]):
    as_of = serializers.DateTimeField()
    accounts = serializers.IntegerField(help_text="Scored customers of the caller's book.")
    value = serializers.FloatField(help_text="Their ARR.")
    at_risk = serializers.FloatField()
    reached = serializers.FloatField(help_text="Share of what is at risk that the rows hold.")
    currency = serializers.CharField()
    missing = serializers.ListField(child=serializers.CharField(), help_text="Currencies without a rate for today: their accounts are left out.")
    rows = RankedRow(many=True)
