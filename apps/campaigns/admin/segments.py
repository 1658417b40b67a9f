from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.campaigns import services
from apps.campaigns.models import ListedAccount, Membership, Segment, SegmentMark, SegmentRebuild, SegmentVersion, SegmentWake
from apps.core import clock
from apps.core.admin import FactAdmin, FactInline, each


class SegmentVersionInline(FactInline):
    model = SegmentVersion
    fields = ["number", "note", "rule", "leaves", "stay_days", "created_at", "created_by"]
    readonly_fields = fields


@admin.register(Segment)
class SegmentAdmin(FactAdmin):
    """What a segment says is written on its page; here one sees every version, and puts it live or archives it."""

    list_display = ["name", "key", "state", "size", "current", "filled_at"]
    list_filter = ["state"]
    list_select_related = ["current"]
    search_fields = ["name", "key"]
    inlines = [SegmentVersionInline]
    actions = ["put_live", "archive"]

    @admin.action(description="Put these live", permissions=["work"])
    def put_live(self, request: HttpRequest, queryset: QuerySet[Segment]) -> None:
        each(request, queryset, lambda row, actor: services.segments.go_live(row, actor=actor, now=clock.now()), "live")

    @admin.action(description="Archive these", permissions=["work"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Segment]) -> None:
        each(request, queryset, lambda row, actor: services.segments.archive(row, actor=actor, now=clock.now()), "archived")


@admin.register(SegmentVersion)
class SegmentVersionAdmin(FactAdmin):
    list_display = ["segment", "number", "note", "created_at", "created_by"]
    list_filter = ["segment"]
    list_select_related = ["segment"]
    search_fields = ["segment__name", "segment__key", "note"]


class _OfAccount(FactAdmin):
    search_fields = ["account__name"]
    list_select_related: list[str] | bool = ["account", "segment"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: Any = self.model._default_manager
        found: QuerySet[Any] = rows.for_user(request.user)
        return found


@admin.register(Membership)
class MembershipAdmin(_OfAccount):
    list_display = ["account", "segment", "entered_at", "left_at"]
    list_filter = ["segment"]
    raw_id_fields = ["account", "version"]


@admin.register(ListedAccount)
class ListedAccountAdmin(_OfAccount):
    list_display = ["account", "segment", "source", "at", "actor"]
    list_filter = ["segment", "source"]


@admin.register(SegmentMark)
class SegmentMarkAdmin(_OfAccount):
    list_display = ["account", "stale_since", "kinds"]
    list_select_related = ["account"]
    raw_id_fields = ["stale_cause"]


@admin.register(SegmentWake)
class SegmentWakeAdmin(_OfAccount):
    list_display = ["account", "segment", "due_at"]
    list_filter = ["segment"]


@admin.register(SegmentRebuild)
class SegmentRebuildAdmin(FactAdmin):
    list_display = ["segment", "at", "members", "missing", "surplus", "seconds"]
    list_filter = ["segment"]
    list_select_related = ["segment"]
