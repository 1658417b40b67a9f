from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core import clock
from apps.core.admin import FactAdmin, FactInline, each

from . import services
from .models import Change, Delivery, Event, Heartbeat, JobRun, Seal


class DeliveryInline(FactInline):
    model = Delivery
    fields = ["handler", "state", "attempts", "done_at", "last_error"]
    readonly_fields = fields


@admin.register(Event)
class EventAdmin(FactAdmin):
    list_display = ["id", "type", "subject", "actor", "at"]
    list_filter = ["type"]
    search_fields = ["subject__exact"]
    raw_id_fields = ["cause"]
    inlines = [DeliveryInline]


@admin.register(Delivery)
class DeliveryAdmin(FactAdmin):
    list_display = ["id", "handler", "event", "state", "attempts", "due_at", "last_error"]
    list_filter = ["state"]
    list_select_related = ["event"]
    actions = ["try_again"]

    @admin.action(description="Try again")
    def try_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        each(request, queryset, lambda row, actor: services.retry(row, actor=actor, now=clock.now()), "queued again")


@admin.register(JobRun)
class JobRunAdmin(FactAdmin):
    list_display = ["name", "last_success_at", "seconds", "last_result", "last_failure_at", "last_error", "runs"]


@admin.register(Heartbeat)
class HeartbeatAdmin(FactAdmin):
    list_display = ["name", "kind", "host", "pid", "queues", "started_at", "at", "stopped_at"]
    list_filter = ["kind"]


@admin.register(Change)
class ChangeAdmin(FactAdmin):
    """The history of fields. Values of an erased person are gone; that they changed is not."""

    list_display = ["id", "subject", "field", "before", "after", "actor", "source", "at", "erased_at"]
    list_filter = ["source"]
    search_fields = ["subject__exact", "batch__exact"]
    ordering = ["-id"]
    raw_id_fields = ["cause"]


@admin.register(Seal)
class SealAdmin(FactAdmin):
    list_display = ["id", "until", "changes", "digest", "sealed_at"]
    ordering = ["-id"]
