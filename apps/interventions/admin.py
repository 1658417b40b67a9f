from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core import clock
from apps.core.admin import FactAdmin, FactInline, each

from . import services
from .models import Enrolment, Fit, PassedOver, Play, PlayVersion, Rehearsal, StepRecord, Task


class PlayVersionInline(FactInline):
    model = PlayVersion
    fields = ["number", "note", "created_at", "created_by", "definition"]
    readonly_fields = fields


@admin.register(Play)
class PlayAdmin(FactAdmin):
    """What a play says is written on its page; here one sees every version."""

    list_display = ["name", "state", "current", "starts_on"]
    list_filter = ["state"]
    list_select_related = ["current__play"]
    search_fields = ["name", "key"]
    inlines = [PlayVersionInline]


@admin.register(PlayVersion)
class PlayVersionAdmin(FactAdmin):
    list_display = ["play", "number", "note", "created_at", "created_by"]
    list_filter = ["play"]
    list_select_related = ["play"]
    search_fields = ["play__name", "play__key", "note"]


@admin.register(PassedOver)
class PassedOverAdmin(FactAdmin):
    list_display = ["account", "play", "reason", "at"]
    list_filter = ["reason", "play"]
    list_select_related = ["account", "play"]
    search_fields = ["account__name"]
    raw_id_fields = ["cause"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PassedOver]:
        return PassedOver.objects.for_user(request.user)


@admin.register(Rehearsal)
class RehearsalAdmin(FactAdmin):
    list_display = ["play", "state", "asked_by", "asked_at", "since", "until", "ended_at"]
    list_filter = ["state", "play"]
    list_select_related = ["play"]
    search_fields = ["play__name", "play__key"]


@admin.register(Fit)
class FitAdmin(FactAdmin):
    list_display = ["account", "play", "since"]
    list_filter = ["play"]
    list_select_related = ["account", "play"]
    search_fields = ["account__name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Fit]:
        return Fit.objects.for_user(request.user)


class StepRecordInline(FactInline):
    model = StepRecord
    fields = ["position", "step", "kind", "at", "what", "went", "because"]
    readonly_fields = fields


@admin.register(Enrolment)
class EnrolmentAdmin(FactAdmin):
    list_display = ["account", "play", "arm", "state", "exit_reason", "entered_at", "goal_met_at", "replied_at"]
    list_filter = ["state", "arm", "exit_reason"]
    list_select_related = ["account", "play"]
    search_fields = ["account__name"]
    raw_id_fields = ["cause", "prediction", "contact"]
    inlines = [StepRecordInline]
    actions = ["stop"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enrolment]:
        return Enrolment.objects.for_user(request.user)

    @admin.action(description="Stop these runs", permissions=["work"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> None:
        each(request, queryset, lambda enrolment, actor: services.stop(enrolment, actor=actor, now=clock.now()), "stopped")


@admin.register(Task)
class TaskAdmin(FactAdmin):
    list_display = ["title", "account", "owner", "state", "due_at", "outcome"]
    list_filter = ["state"]
    list_select_related = ["account", "owner"]
    search_fields = ["title", "account__name"]
    raw_id_fields = ["cause", "enrolment"]
    actions = ["done"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Task]:
        return Task.objects.for_user(request.user)

    @admin.action(description="Mark as done", permissions=["work"])
    def done(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        each(request, queryset, lambda task, actor: services.close_task(task, outcome="done", actor=actor, now=clock.now()), "done")
