from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core import clock
from apps.core.actor import Actor
from apps.core.admin import FactAdmin, FactInline, ModelAdmin, each

from .. import services
from ..models import Goal, GoalReading, Session, Strategy


class GoalInline(FactInline):
    model = Goal
    fields = ["action", "measure", "name", "target", "within_days", "baseline", "agreed_at"]
    readonly_fields = fields


class GoalReadingInline(FactInline):
    model = GoalReading
    fields = ["days", "due_at", "read_at", "value", "reached"]
    readonly_fields = fields


@admin.register(Session)
class SessionAdmin(FactAdmin):
    """What is said in a session is written on its page; here one finds it."""

    list_display = ["topic", "account", "coach", "strategy", "state", "starts_at", "ended_at", "confidence"]
    list_filter = ["state", "strategy", "mode"]
    list_select_related = ["account", "coach", "strategy"]
    search_fields = ["topic", "account__name"]
    raw_id_fields = ["contact", "promises"]
    inlines = [GoalInline]
    actions = ["call_off"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        return Session.objects.for_user(request.user)

    @admin.action(description="Call off", permissions=["work"])
    def call_off(self, request: HttpRequest, queryset: QuerySet[Session]) -> None:
        def call(session: Session, actor: Actor) -> None:
            services.call_off(session, because="called off in the admin", actor=actor, now=clock.now())

        each(request, queryset, call, "called off")


@admin.register(Goal)
class GoalAdmin(FactAdmin):
    list_display = ["action", "session", "measure", "name", "target", "within_days", "agreed_at"]
    list_filter = ["measure", "within_days"]
    list_select_related = ["session"]
    search_fields = ["action"]
    raw_id_fields = ["session"]
    inlines = [GoalReadingInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Goal]:
        return Goal.objects.filter(session__in=Session.objects.for_user(request.user))


@admin.register(GoalReading)
class GoalReadingAdmin(FactAdmin):
    list_display = ["goal", "days", "due_at", "read_at", "value", "reached"]
    list_filter = ["days", "reached"]
    list_select_related = ["goal"]
    raw_id_fields = ["goal"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[GoalReading]:
        return GoalReading.objects.for_user(request.user)


@admin.register(Strategy)
class StrategyAdmin(ModelAdmin):
    list_display = ["name", "key", "position", "offered"]
    search_fields = ["name", "key"]

    def get_readonly_fields(self, request: HttpRequest, obj: Strategy | None = None) -> list[str]:
        # Tips, sessions and what was learned name it by its key.
        return ["key"] if obj else []
