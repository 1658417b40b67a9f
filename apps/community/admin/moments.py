from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.community import services
from apps.community.models import Ask, AskRules, Favour, Moment, MomentMark
from apps.core import clock
from apps.core.admin import FactAdmin, ModelAdmin, each


@admin.register(AskRules)
class AskRulesAdmin(ModelAdmin):
    list_display = ["__str__", "automatic", "least_score", "any_days", "referral_days", "renewal_days", "per_day"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        # There is one row, which `prepare` makes.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AskRules | None = None) -> bool:
        return False


@admin.register(Moment)
class MomentAdmin(FactAdmin):
    list_display = ["account", "contact", "kind", "state", "score", "found_at", "expires_at", "closed_why"]
    list_filter = ["state", "kind"]
    list_select_related = ["account", "contact"]
    search_fields = ["account__name"]


@admin.register(MomentMark)
class MomentMarkAdmin(FactAdmin):
    list_display = ["account", "stale_since"]
    list_select_related = ["account"]


@admin.register(Ask)
class AskAdmin(FactAdmin):
    list_display = ["account", "contact", "kind", "state", "proposed_at", "asked_at", "answered_at", "done_at", "closed_why"]
    list_filter = ["state", "kind"]
    list_select_related = ["account", "contact"]
    search_fields = ["account__name"]
    actions = ["let_go", "finish"]

    @admin.action(description="Ask them now", permissions=["work"])
    def let_go(self, request: HttpRequest, queryset: QuerySet[Ask]) -> None:
        now, rules = clock.now(), services.rules_now()
        each(request, queryset, lambda row, actor: services.send(ask=row, actor=actor, now=now, rules=rules), "on their way")

    @admin.action(description="They did it", permissions=["work"])
    def finish(self, request: HttpRequest, queryset: QuerySet[Ask]) -> None:
        each(request, queryset, lambda row, actor: services.finish_ask(ask=row, actor=actor, now=clock.now()), "done")


@admin.register(Favour)
class FavourAdmin(FactAdmin):
    list_display = ["account", "contact", "kind", "at", "source", "thanked_at"]
    list_filter = ["kind"]
    list_select_related = ["account", "contact"]
    search_fields = ["account__name"]
    actions = ["thank"]

    @admin.action(description="We thanked them", permissions=["work"])
    def thank(self, request: HttpRequest, queryset: QuerySet[Favour]) -> None:
        each(request, queryset, lambda row, actor: services.thank(favour=row, actor=actor, now=clock.now()), "thanked for")
