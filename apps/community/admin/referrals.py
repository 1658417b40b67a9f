from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.community import services
from apps.community.models import (
    Advocate,
    Invite,
    Referral,
    ReferralClick,
    ReferralDecision,
    ReferralProgram,
    ReferralProgramVersion,
    ReferralReward,
)
from apps.community.types import ProgramState
from apps.core import clock
from apps.core.admin import FactAdmin, FactInline, each

referrals = services.referrals


@admin.register(ReferralProgram)
class ReferralProgramAdmin(FactAdmin):
    list_display = ["name", "key", "state", "current", "live_at"]
    list_filter = ["state"]
    list_select_related = ["current__program"]
    search_fields = ["name", "key"]
    actions = ["put_live", "pause"]

    @admin.action(description="Put these live", permissions=["work"])
    def put_live(self, request: HttpRequest, queryset: QuerySet[ReferralProgram]) -> None:
        each(request, queryset, lambda row, actor: referrals.turn(row, ProgramState.LIVE, actor=actor, now=clock.now()), "live")

    @admin.action(description="Pause these", permissions=["work"])
    def pause(self, request: HttpRequest, queryset: QuerySet[ReferralProgram]) -> None:
        each(request, queryset, lambda row, actor: referrals.turn(row, ProgramState.PAUSED, actor=actor, now=clock.now()), "paused")


@admin.register(ReferralProgramVersion)
class ReferralProgramVersionAdmin(FactAdmin):
    list_display = ["program", "number", "note", "created_by", "created_at"]
    list_select_related = ["program"]
    list_filter = ["program"]


@admin.register(Advocate)
class AdvocateAdmin(FactAdmin):
    list_display = ["code", "program", "contact", "account", "state", "joined_at"]
    list_filter = ["state"]
    list_select_related = ["program", "contact", "account"]
    search_fields = ["code"]
    actions = ["stop"]

    @admin.action(description="Let these codes bring nothing new", permissions=["work"])
    def stop(self, request: HttpRequest, queryset: QuerySet[Advocate]) -> None:
        each(request, queryset, lambda row, actor: referrals.stop(row, actor=actor, now=clock.now()), "stopped")


@admin.register(Invite)
class InviteAdmin(FactAdmin):
    list_display = ["id", "program", "advocate", "account", "locale", "at"]
    list_select_related = ["program", "advocate", "account"]


@admin.register(ReferralClick)
class ReferralClickAdmin(FactAdmin):
    list_display = ["id", "program", "advocate", "account", "at"]
    list_select_related = ["program", "advocate", "account"]


class DecisionInline(FactInline):
    model = ReferralDecision
    fields = ["at", "state", "score", "reason", "actor"]
    readonly_fields = fields
    ordering = ["id"]


class RewardInline(FactInline):
    model = ReferralReward
    fields = ["side", "account", "amount", "unit", "currency", "state", "reason"]
    readonly_fields = fields


@admin.register(Referral)
class ReferralAdmin(FactAdmin):
    list_display = ["id", "program", "advocate", "account", "friend_account", "via", "state", "score", "signed_up_at"]
    list_filter = ["state", "via"]
    list_select_related = ["program", "advocate", "account", "friend_account"]
    search_fields = ["friend_external_id"]
    inlines = [DecisionInline, RewardInline]


@admin.register(ReferralReward)
class ReferralRewardAdmin(FactAdmin):
    list_display = ["id", "referral", "side", "account", "amount", "unit", "currency", "state", "issued_at"]
    list_filter = ["state", "side"]
    list_select_related = ["referral", "account"]


@admin.register(ReferralDecision)
class ReferralDecisionAdmin(FactAdmin):
    list_display = ["id", "referral", "account", "state", "score", "reason", "actor", "at"]
    list_filter = ["state"]
    list_select_related = ["referral", "account"]
