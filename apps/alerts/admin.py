from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core import clock
from apps.core.admin import FactAdmin, each

from . import services
from .models import Alert


@admin.register(Alert)
class AlertAdmin(FactAdmin):
    list_display = ["title", "account", "severity", "state", "seen", "opened_at", "acknowledged_by"]
    list_filter = ["state", "severity", "kind"]
    list_select_related = ["account"]
    search_fields = ["title", "account__name"]
    raw_id_fields = ["cause"]
    actions = ["acknowledge", "resolve"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        return Alert.objects.for_user(request.user)

    @admin.action(description="Acknowledge", permissions=["work"])
    def acknowledge(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        each(request, queryset, lambda alert, actor: services.acknowledge(alert, actor=actor, now=clock.now()), "acknowledged")

    @admin.action(description="Resolve", permissions=["work"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[Alert]) -> None:
        each(request, queryset, lambda alert, actor: services.resolve(alert, actor=actor, now=clock.now()), "resolved")
