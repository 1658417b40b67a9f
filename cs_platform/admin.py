"""Admins of installed packages, in the house's look: an admin that does not inherit unfold's shows unstyled inputs."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django_celery_beat import admin as beat
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget
from waffle import admin as waffle
from waffle.models import Flag, Sample, Switch

from apps.accounts.models import Account, Contact
from apps.core.admin import ModelAdmin


@admin.action(description="Tell or erase what is stored (privacy)", permissions=["delete"])
def open_privacy(modeladmin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
    """One person or account at a time: the page shows the numbers and asks once."""
    row = queryset[0]
    return redirect("privacy", row._meta.model_name, row.pk)


for customer in (Account, Contact):
    # Erasing reaches into every app, so its door is hung here, where all of them are known.
    admin.site._registry[customer].actions = [*(admin.site._registry[customer].actions or ()), open_privacy]

for model in (PeriodicTask, IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule, Flag, Switch, Sample):
    admin.site.unregister(model)


class _TaskSelect(UnfoldAdminSelectWidget, beat.TaskSelectWidget):
    """The list of registered tasks, styled."""


class _PeriodicTaskForm(beat.PeriodicTaskForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = _TaskSelect()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(beat.PeriodicTaskAdmin, ModelAdmin):
    form = _PeriodicTaskForm
    list_display = ["name", "enabled", "scheduler", "last_run_at", "description"]
    list_select_related = ["interval", "crontab", "solar", "clocked"]

    class Media:
        # celery-beat's own page script is inline, which the content policy forbids; the form works without it.
        js: list[str] = []


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(ModelAdmin):
    list_display = ["every", "period"]


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(beat.CrontabScheduleAdmin, ModelAdmin):
    pass


@admin.register(Flag)
class FlagAdmin(waffle.FlagAdmin, ModelAdmin):
    list_display = ("name", "everyone", "percent", "superusers", "staff", "authenticated", "note", "modified")


@admin.register(Switch)
class SwitchAdmin(waffle.SwitchAdmin, ModelAdmin):
    list_display = ("name", "active", "note", "created", "modified")
