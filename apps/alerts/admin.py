from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core import clock
from apps.core.admin import FactAdmin, FactInline, ModelAdmin, each

from . import services
from .models import (
    Alert,
    AlertMoment,
    AlertRule,
    AlertSubscription,
    Incident,
    RuleDay,
    RuleTold,
    RuleTrial,
    RuleVersion,
    Watched,
    WatchMark,
)
from .types import RuleState


class MomentInline(FactInline):
    model = AlertMoment
    fields = ["at", "deed", "actor", "words"]
    readonly_fields = fields


@admin.register(Alert)
class AlertAdmin(FactAdmin):
    list_display = ["title", "account", "severity", "state", "owner", "seen", "opened_at", "useful"]
    list_filter = ["state", "severity", "kind", "by_itself", "useful"]
    list_select_related = ["account", "owner"]
    search_fields = ["title", "account__name"]
    raw_id_fields = ["cause", "rule", "version", "incident"]
    actions = ["acknowledge", "resolve"]
    inlines = [MomentInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        return Alert.objects.for_user(request.user)

    @admin.action(description="Acknowledge", permissions=["work"])
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        each(request, queryset, lambda alert, actor: services.acknowledge(alert, actor=actor, now=clock.now()), "acknowledged")

    @admin.action(description="Resolve", permissions=["work"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        each(request, queryset, lambda alert, actor: services.resolve(alert, actor=actor, now=clock.now()), "resolved")


@admin.register(Incident)
class IncidentAdmin(FactAdmin):
    list_display = ["account", "opened_at", "closed_at"]
    list_filter = ["opened_at"]
    list_select_related = ["account"]
    search_fields = ["account__name"]
    actions = ["acknowledge", "resolve"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Incident]:
        return Incident.objects.for_user(request.user)

    @admin.action(description="Acknowledge what is open", permissions=["work"])
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[Incident]) -> None:
        each(request, queryset, lambda row, actor: services.acknowledge_incident(row, actor=actor, now=clock.now()), "acknowledged")

    @admin.action(description="Resolve", permissions=["work"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[Incident]) -> None:
        each(request, queryset, lambda row, actor: services.resolve_incident(row, actor=actor, now=clock.now()), "resolved")


@admin.register(RuleTold)
class RuleToldAdmin(FactAdmin):
    list_display = ["rule", "at", "digest", "by_itself", "right", "judged", "actor"]
    list_filter = ["digest", "by_itself"]
    list_select_related = ["rule"]


@admin.register(AlertSubscription)
class AlertSubscriptionAdmin(ModelAdmin):
    list_display = ["user", "severity", "rule", "whose", "email", "push", "sms", "chat"]
    list_filter = ["severity", "whose"]
    list_select_related = ["user", "rule"]
    raw_id_fields = ["user", "rule"]
    search_fields = ["user__email", "user__full_name"]


# Registers the admin of what follows an alert.
from . import answer_admin  # noqa: E402, F401  isort:skip


class RuleVersionInline(FactInline):
    model = RuleVersion
    fields = ["number", "note", "says", "written_at", "written_by"]
    readonly_fields = fields


@admin.register(AlertRule)
class AlertRuleAdmin(FactAdmin):
    """What a rule says is written on its page; here one sees every version, and puts it live or off."""

    list_display = ["name", "key", "kind", "state", "severity", "digest", "current", "score", "live_at"]
    list_filter = ["state", "kind", "severity", "digest"]
    list_select_related = ["current"]
    search_fields = ["name", "key"]
    inlines = [RuleVersionInline]
    actions = ["put_live", "put_off"]

    @admin.action(description="Put these live", permissions=["work"])
    def put_live(self, request: HttpRequest, queryset: QuerySet[AlertRule]) -> None:
        each(request, queryset, lambda row, actor: services.rules.turn(row, RuleState.LIVE, actor=actor, now=clock.now()), "live")

    @admin.action(description="Put these off", permissions=["work"])
    def put_off(self, request: HttpRequest, queryset: QuerySet[AlertRule]) -> None:
        each(request, queryset, lambda row, actor: services.rules.turn(row, RuleState.OFF, actor=actor, now=clock.now()), "off")


@admin.register(RuleVersion)
class RuleVersionAdmin(FactAdmin):
    list_display = ["rule", "number", "note", "written_at", "written_by"]
    list_filter = ["rule"]
    list_select_related = ["rule", "written_by"]
    search_fields = ["rule__name", "rule__key", "note"]


@admin.register(RuleDay)
class RuleDayAdmin(FactAdmin):
    list_display = ["rule", "day", "looked", "missing", "began", "together", "judged_at", "told_at"]
    list_filter = ["rule", "together"]
    list_select_related = ["rule"]


@admin.register(RuleTrial)
class RuleTrialAdmin(FactAdmin):
    list_display = ["rule", "state", "first", "last", "done", "total", "asked_by", "asked_at"]
    list_filter = ["state"]
    list_select_related = ["rule"]


@admin.register(Watched)
class WatchedAdmin(FactAdmin):
    list_display = ["rule", "account", "day", "since", "began_on", "far"]
    list_filter = ["rule"]
    list_select_related = ["rule", "account"]
    search_fields = ["account__name"]
    raw_id_fields = ["account"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Watched]:
        return Watched.objects.for_user(request.user)


@admin.register(WatchMark)
class WatchMarkAdmin(FactAdmin):
    list_display = ["account", "since"]
    list_select_related = ["account"]
    search_fields = ["account__name"]
    raw_id_fields = ["account"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WatchMark]:
        return WatchMark.objects.for_user(request.user)
