from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core import clock
from apps.core.admin import FactAdmin, FactInline, each

from . import services
from .models import ArmCount, Assignment, Experiment, Exposure, Holdout, HoldoutMember, Look, OutcomeRow, Override, PolicyDecision, SegmentRhythm


class OwnBook:
    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).for_user(request.user)  # type: ignore[misc]


class LookInline(FactInline):
    model = Look
    fields = ["number", "at", "size", "fraction", "z", "boundary", "strongest", "verdict", "mismatch_p", "actor"]
    readonly_fields = fields


@admin.register(Experiment)
class ExperimentAdmin(FactAdmin):
    """Plans are written by the API; here they can be read, started and stopped. What runs is not typed over."""

    list_display = ["name", "key", "state", "rule", "metric_words", "planned_size", "started_at", "stopped_at"]
    list_filter = ["state", "rule"]
    search_fields = ["name", "key"]
    ordering = ["-id"]
    inlines = [LookInline]
    actions = ["start", "stop", "look"]

    @admin.action(description="Start", permissions=["work"])
    def start(self, request: HttpRequest, queryset: QuerySet[Experiment]) -> None:
        each(request, queryset, lambda row, actor: services.start(row, actor=actor, now=clock.now()), "started")

    @admin.action(description="Stop", permissions=["work"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Experiment]) -> None:
        each(request, queryset, lambda row, actor: services.stop(row, reason="", actor=actor, now=clock.now()), "stopped")

    @admin.action(description="Take the planned look that is due", permissions=["work"])
    def look(self, request: HttpRequest, queryset: QuerySet[Experiment]) -> None:
        each(request, queryset, lambda row, actor: services.take_look(row, actor=actor, now=clock.now()), "read")


class OfExperiment(OwnBook, FactAdmin):
    list_select_related = ["experiment", "account"]
    search_fields = ["account__name"]
    raw_id_fields = ["experiment", "account"]
    ordering = ["-id"]


@admin.register(Assignment)
class AssignmentAdmin(OfExperiment):
    list_display = ["account", "experiment", "variant", "bucket", "at"]


@admin.register(Exposure)
class ExposureAdmin(OfExperiment):
    list_display = ["account", "experiment", "at"]


@admin.register(OutcomeRow)
class OutcomeRowAdmin(OfExperiment):
    list_display = ["account", "experiment", "metric", "value", "at"]


@admin.register(Override)
class OverrideAdmin(OfExperiment):
    list_display = ["account", "experiment", "variant", "reason", "actor", "at"]


@admin.register(Holdout)
class HoldoutAdmin(FactAdmin):
    list_display = ["key", "share_percent", "state", "starts_at", "ends_at", "renews", "everybody", "actor"]
    list_filter = ["state"]
    search_fields = ["key"]
    ordering = ["-id"]
    actions = ["end"]

    @admin.action(description="End before its time", permissions=["work"])
    def end(self, request: HttpRequest, queryset: QuerySet[Holdout]) -> None:
        each(request, queryset, lambda row, actor: services.end_holdout(row, actor=actor, now=clock.now()), "ended")


@admin.register(HoldoutMember)
class HoldoutMemberAdmin(OwnBook, FactAdmin):
    list_display = ["account", "holdout", "held_out", "stratum", "since", "until"]
    list_filter = ["held_out"]
    list_select_related = ["account", "holdout"]
    search_fields = ["account__name"]
    raw_id_fields = ["account", "holdout"]
    ordering = ["-id"]


@admin.register(PolicyDecision)
class PolicyDecisionAdmin(OwnBook, FactAdmin):
    list_display = ["account", "policy", "chosen", "how", "propensity", "reason", "at", "success", "reward"]
    list_filter = ["how", "success"]
    list_select_related = ["account"]
    search_fields = ["account__name"]
    raw_id_fields = ["account", "contact"]
    ordering = ["-id"]


@admin.register(ArmCount)
class ArmCountAdmin(FactAdmin):
    list_display = ["policy", "action", "segment", "arm", "successes", "failures", "as_of"]
    ordering = ["policy", "action", "segment", "arm"]


@admin.register(SegmentRhythm)
class SegmentRhythmAdmin(FactAdmin):
    list_display = ["__str__", "people", "events", "as_of"]
    ordering = ["segment"]
