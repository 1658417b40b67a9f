"""What the API tells of experiments."""

from rest_framework import serializers

from apps.core.api.fields import OfAccount, Rows
from apps.experiments.models import Assignment, Experiment, Holdout, PolicyDecision


class ExperimentRow(Rows):
    class Meta:
        model = Experiment
        fields = [
            "id",
            "key",
            "name",
            "hypothesis",
            "state",
            "variants",
            "coverage",
            "metric",
            "metric_words",
            "metric_kind",
            "window_days",
            "rule",
            "planned_size",
            "planned_looks",
            "created_at",
            "created_by",
            "started_at",
            "started_by",
            "stopped_at",
            "stopped_by",
            "stop_reason",
        ]


class VariantAnswer(serializers.Serializer[object]):
    """Shares are of 1, amounts in the metric's unit. `low` and `high` hold at this look, with 95 %."""

    key = serializers.CharField()
    name = serializers.CharField()
    exposed = serializers.IntegerField()
    n = serializers.IntegerField(help_text="Exposed accounts whose window is over.")
    total = serializers.FloatField()
    mean = serializers.FloatField()
    difference = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    z = serializers.FloatField(allow_null=True)
    boundary = serializers.FloatField(allow_null=True)
    chance_best = serializers.FloatField(allow_null=True, help_text="By Bayes, from a prior of no effect give or take 10 %; it never decides.")
    verdict = serializers.CharField()
    words = serializers.CharField()


class ReadoutAnswer(serializers.Serializer[object]):
    """What an experiment says so far, by the rule in force."""

    key = serializers.CharField()
    as_of = serializers.DateTimeField()
    rule = serializers.CharField()
    verdict = serializers.CharField()
    words = serializers.CharField()
    baseline = serializers.CharField()
    variants = VariantAnswer(many=True)
    size = serializers.IntegerField()
    planned_size = serializers.IntegerField()
    fraction = serializers.FloatField()
    looks_taken = serializers.IntegerField()
    next_look = serializers.IntegerField(allow_null=True)
    look_due = serializers.BooleanField()
    more = serializers.IntegerField(allow_null=True)
    mismatch_p = serializers.FloatField()
    mismatch = serializers.BooleanField()
    final_p = serializers.FloatField(allow_null=True, help_text="Once it is stopped: chi-squared of the sizes.")
    suspect = serializers.BooleanField(help_text="The sizes are odd enough to be looked into, not enough to take the figures away.")
    adjusted = serializers.BooleanField()
    missing_before = serializers.IntegerField()
    overridden = serializers.IntegerField()


class AssignmentRow(OfAccount):
    experiment_key = serializers.CharField(source="experiment.key", read_only=True)
    select = ("account", "experiment")

    class Meta:
        model = Assignment
        fields = ["id", "experiment", "experiment_key", "account", "account_external_id", "variant", "bucket", "at"]


class HoldoutRow(Rows):
    class Meta:
        model = Holdout
        fields = ["id", "key", "share_percent", "state", "starts_at", "ends_at", "renews", "everybody", "reason", "actor"]


class DecisionRow(OfAccount):
    class Meta:
        model = PolicyDecision
        fields = [
            "id",
            "policy",
            "version",
            "key",
            "account",
            "account_external_id",
            "contact",
            "segment",
            "action",
            "how",
            "candidates",
            "chosen",
            "propensity",
            "floor",
            "reason",
            "at",
            "window_until",
            "settled_at",
            "success",
            "success_at",
            "reward",
        ]
