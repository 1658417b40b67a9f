"""The admin of what follows an alert: policies and climbs, duty, notices, responses."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts.models import User
from apps.core import clock
from apps.core.admin import FactAdmin, FactInline, each

from . import services
from .models import (
    Climb,
    ClimbStep,
    DutyMember,
    DutyOverride,
    DutyRota,
    EscalationPolicy,
    Notice,
    NoticeRoad,
    NoticeSending,
    OutsideChannel,
    Response,
    ResponseRun,
    StaffBrowser,
)


class ClimbStepInline(FactInline):
    model = ClimbStep
    fields = ["position", "kind", "due_at", "done_at", "what"]
    readonly_fields = fields


@admin.register(EscalationPolicy)
class EscalationPolicyAdmin(FactAdmin):
    """What a policy says is written on its page."""

    list_display = ["name", "key", "is_default", "is_active", "repeat", "changed_at"]
    list_filter = ["is_active"]
    search_fields = ["name", "key"]
    list_select_related = ["head"]


@admin.register(Climb)
class ClimbAdmin(FactAdmin):
    list_display = ["alert", "policy", "state", "started_at", "ended_at"]
    list_filter = ["state", "policy"]
    list_select_related = ["alert", "policy"]
    search_fields = ["alert__title"]
    raw_id_fields = ["alert", "cause"]
    inlines = [ClimbStepInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Climb]:
        return Climb.objects.for_user(request.user)


class DutyMemberInline(FactInline):
    model = DutyMember
    fields = ["position", "user"]
    readonly_fields = fields


class DutyOverrideInline(FactInline):
    model = DutyOverride
    fields = ["user", "starts_at", "ends_at", "why", "written_by"]
    readonly_fields = fields


@admin.register(DutyRota)
class DutyRotaAdmin(FactAdmin):
    """Rotas are written on the on-duty page."""

    list_display = ["name", "team", "zone", "starts_on", "handover_at", "turn_days"]
    list_select_related = ["team"]
    search_fields = ["name", "key"]
    inlines = [DutyMemberInline, DutyOverrideInline]


@admin.register(NoticeRoad)
class NoticeRoadAdmin(FactAdmin):
    """Everybody chooses their own, on their own page."""

    list_display = ["user", "road", "is_on", "pace", "urgent_only"]
    list_filter = ["road", "pace"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__full_name"]


class NoticeSendingInline(FactInline):
    model = NoticeSending
    fields = ["road", "state", "due_at", "attempt", "done_at", "answer"]
    readonly_fields = fields


@admin.register(Notice)
class NoticeAdmin(FactAdmin):
    list_display = ["alert", "user", "outside", "urgent", "at", "read_at"]
    list_filter = ["urgent"]
    list_select_related = ["alert", "user", "outside"]
    search_fields = ["alert__title", "user__email"]
    raw_id_fields = ["alert"]
    inlines = [NoticeSendingInline]


@admin.register(OutsideChannel)
class OutsideChannelAdmin(FactAdmin):
    """The address is written on the page of channels and shown nowhere."""

    list_display = ["name", "kind", "shown", "is_active", "failures", "last_sent_at"]
    list_filter = ["kind", "is_active"]
    search_fields = ["name", "key"]
    exclude = ["sealed"]


@admin.register(StaffBrowser)
class StaffBrowserAdmin(FactAdmin):
    list_display = ["user", "created_at", "ended_at"]
    list_select_related = ["user"]
    search_fields = ["user__email"]
    exclude = ["endpoint", "p256dh", "auth"]


@admin.register(Response)
class ResponseAdmin(FactAdmin):
    """Responses are written on the page of their rule."""

    list_display = ["rule", "deed", "mode", "per_hour", "per_day", "changed_at"]
    list_filter = ["deed", "mode"]
    list_select_related = ["rule"]
    search_fields = ["rule__name"]


@admin.register(ResponseRun)
class ResponseRunAdmin(FactAdmin):
    list_display = ["what", "alert", "state", "at", "decided_by"]
    list_filter = ["state", "deed"]
    list_select_related = ["alert", "decided_by"]
    search_fields = ["what", "alert__title"]
    raw_id_fields = ["alert", "response"]
    actions = ["approve", "refuse", "undo"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ResponseRun]:
        return ResponseRun.objects.for_user(request.user)

    @admin.action(description="Do it", permissions=["work"])
    def approve(self, request: HttpRequest, queryset: QuerySet[ResponseRun]) -> None:
        each(request, queryset, lambda run, actor: services.answering.approve(run, actor=actor, user=person(request), now=clock.now()), "done")

    @admin.action(description="Do not do it", permissions=["work"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[ResponseRun]) -> None:
        each(request, queryset, lambda run, actor: services.answering.refuse(run, actor=actor, user=person(request), now=clock.now()), "refused")

    @admin.action(description="Take it back", permissions=["work"])
    def undo(self, request: HttpRequest, queryset: QuerySet[ResponseRun]) -> None:
        each(request, queryset, lambda run, actor: services.answering.undo(run, actor=actor, user=person(request), now=clock.now()), "taken back")


def person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
