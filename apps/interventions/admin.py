from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core import clock
from apps.core.actor import Actor
from apps.core.admin import FactAdmin, FactInline, ModelAdmin, each

from . import services
from .models import (
    Enrolment,
    Escalation,
    EscalationStep,
    Fit,
    Holiday,
    Ladder,
    PassedOver,
    Play,
    PlayVersion,
    Rehearsal,
    StepRecord,
    Task,
    TaskAssignee,
    TaskSource,
    WorkingTime,
)
from .types import TaskResult


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


class TaskSourceInline(FactInline):
    model = TaskSource
    fields = ["kind", "key", "words", "times", "first_at", "last_at", "withdrawn_at"]
    readonly_fields = fields


class TaskAssigneeInline(FactInline):
    model = TaskAssignee
    fields = ["user", "level", "why", "at"]
    readonly_fields = fields


@admin.register(Task)
class TaskAdmin(FactAdmin):
    list_display = ["title", "account", "owner", "type", "priority", "state", "level", "due_at", "result", "outcome"]
    list_filter = ["state", "type", "priority", "level", "result"]
    list_select_related = ["account", "owner"]
    search_fields = ["title", "account__name"]
    raw_id_fields = ["cause", "enrolment"]
    inlines = [TaskSourceInline, TaskAssigneeInline]
    actions = ["done", "take"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Task]:
        return Task.objects.for_user(request.user)

    @admin.action(description="Mark as done", permissions=["work"])
    def done(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        each(
            request,
            queryset,
            lambda task, actor: services.close_task(task, outcome="done", result=TaskResult.OTHER, actor=actor, now=clock.now()),
            "done",
        )

    @admin.action(description="I have these", permissions=["work"])
    def take(self, request: HttpRequest, queryset: QuerySet[Task]) -> None:
        each(request, queryset, lambda task, actor: services.acknowledge_task(task, actor=actor, now=clock.now()), "taken on")


class EscalationStepInline(FactInline):
    model = EscalationStep
    fields = ["position", "level", "due_at", "done_at", "person", "what"]
    readonly_fields = fields


@admin.register(Escalation)
class EscalationAdmin(FactAdmin):
    list_display = ["task", "silence", "state", "large", "ladder", "started_at", "ended_at", "ended_by"]
    list_filter = ["state", "silence"]
    list_select_related = ["task", "ladder"]
    raw_id_fields = ["cause", "task"]
    inlines = [EscalationStepInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Escalation]:
        return Escalation.objects.for_user(request.user)


@admin.register(Ladder)
class LadderAdmin(ModelAdmin):
    """A ladder is never typed over: adding one puts a new number in force."""

    list_display = ["number", "large_arr", "repeat", "head", "created_at", "created_by"]
    list_select_related = ["head"]
    fields = ["levels", "large_arr", "repeat", "head"]

    def has_change_permission(self, request: HttpRequest, obj: Ladder | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Ladder | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Ladder, form: Any, change: bool) -> None:
        made = services.write_ladder(
            levels=obj.levels, large_arr=obj.large_arr, repeat=obj.repeat, head=obj.head, actor=Actor.user(request.user), now=clock.now()
        )
        obj.pk, obj.number = made.pk, made.number


@admin.register(WorkingTime)
class WorkingTimeAdmin(ModelAdmin):
    list_display = ["user", "begins", "ends", "capacity_minutes"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__full_name"]


@admin.register(Holiday)
class HolidayAdmin(ModelAdmin):
    list_display = ["day", "name", "team"]
    list_filter = ["team"]
    list_select_related = ["team"]
    ordering = ["day", "id"]
