from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core import clock
from apps.core.admin import FactAdmin, FactInline, ModelAdmin, each

from . import services
from .models import Enrolment, Play, StepRecord, Task


@admin.register(Play)
class PlayAdmin(ModelAdmin):
    list_display = ["name", "state", "version", "holdout_percent", "goal_window_days"]
    list_filter = ["state"]
    search_fields = ["name", "key"]
    readonly_fields = ["version"]

    def save_model(self, request: HttpRequest, obj: Play, form: Any, change: bool) -> None:
        """An edit is a new version; runs in progress finish on the steps they began with."""
        if change and form.changed_data:
            obj.version += 1
        super().save_model(request, obj, form, change)


class StepRecordInline(FactInline):
    model = StepRecord
    fields = ["position", "kind", "at", "what"]
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
