from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core import clock
from apps.core.admin import FactAdmin, FactInline, each
from apps.milestones import services
from apps.milestones.models import Claim, Held, Milestone, MilestoneVersion, Need, Pacing, PathMark, Progress
from apps.milestones.types import MilestoneState


class MilestoneVersionInline(FactInline):
    model = MilestoneVersion
    fields = ["number", "note", "created_at", "created_by", "definition"]
    readonly_fields = fields


class NeedInline(FactInline):
    model = Need
    fk_name = "milestone"
    fields = ["needed"]
    readonly_fields = fields


@admin.register(Milestone)
class MilestoneAdmin(FactAdmin):
    """What a milestone says is written on its page; here one sees every version, and puts it live or retires it."""

    list_display = ["name", "key", "position", "state", "current", "visible"]
    list_filter = ["state"]
    list_select_related = ["current__milestone"]
    search_fields = ["name", "key"]
    inlines = [NeedInline, MilestoneVersionInline]
    actions = ["put_live", "retire"]

    @admin.action(description="Put these live", permissions=["work"])
    def put_live(self, request: HttpRequest, queryset: QuerySet[Milestone]) -> None:
        each(request, queryset, lambda row, actor: services.turn(row, MilestoneState.LIVE, actor=actor, now=clock.now()), "live")

    @admin.action(description="Retire these", permissions=["work"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Milestone]) -> None:
        each(request, queryset, lambda row, actor: services.turn(row, MilestoneState.RETIRED, actor=actor, now=clock.now()), "retired")


@admin.register(MilestoneVersion)
class MilestoneVersionAdmin(FactAdmin):
    list_display = ["milestone", "number", "note", "created_at", "created_by"]
    list_filter = ["milestone"]
    list_select_related = ["milestone"]
    search_fields = ["milestone__name", "milestone__key", "note"]


class _OfAccount(FactAdmin):
    search_fields = ["account__name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: Any = self.model._default_manager
        found: QuerySet[Any] = rows.for_user(request.user)
        return found


@admin.register(Progress)
class ProgressAdmin(_OfAccount):
    list_display = ["account", "milestone", "state", "variant", "have", "target", "pace", "achieved_at", "via"]
    list_filter = ["state", "pace", "via", "milestone"]
    list_select_related = ["account", "milestone"]
    raw_id_fields = ["account", "version"]
    actions = ["judge_again"]

    @admin.action(description="Let the criteria judge these again", permissions=["work"])
    def judge_again(self, request: HttpRequest, queryset: QuerySet[Progress]) -> None:
        each(request, queryset, lambda row, actor: services.judge_again(row, actor=actor, now=clock.now()), "judged again")


@admin.register(Claim)
class ClaimAdmin(_OfAccount):
    list_display = ["account", "milestone", "kind", "source", "denies", "at", "actor", "withdrawn_at"]
    list_filter = ["kind", "denies", "milestone"]
    list_select_related = ["account", "milestone"]
    actions = ["withdraw"]

    @admin.action(description="Withdraw these words", permissions=["work"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Claim]) -> None:
        each(
            request,
            queryset,
            lambda row, actor: services.withdraw(row, reason="Withdrawn in the admin", actor=actor, now=clock.now()),
            "withdrawn",
        )


@admin.register(Held)
class HeldAdmin(_OfAccount):
    list_display = ["account", "what", "since"]
    list_select_related = ["account"]


@admin.register(PathMark)
class PathMarkAdmin(_OfAccount):
    list_display = ["account", "stale_since"]
    list_select_related = ["account"]
    raw_id_fields = ["stale_cause"]


@admin.register(Pacing)
class PacingAdmin(FactAdmin):
    list_display = ["milestone", "plan", "completions", "behind_days", "stuck_days", "as_of"]
    list_filter = ["milestone"]
    list_select_related = ["milestone"]
