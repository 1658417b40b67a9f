from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core.admin import FactAdmin

from .models import AccountTally, DayTally, HourTally, Moved, Reckoned, Recount, Tally, ToldDay


@admin.register(AccountTally)
class AccountTallyAdmin(FactAdmin):
    list_display = ["account", "owner_id", "as_of", "stale_since", "wakes_on"]
    list_select_related = ["account"]
    search_fields = ["account__name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = AccountTally.objects.for_user(request.user)  # type: ignore[arg-type]
        return found


@admin.register(Tally)
class TallyAdmin(FactAdmin):
    list_display = ["measure", "dimension", "value", "owner_id", "currency", "amount"]
    list_filter = ["measure", "dimension"]
    search_fields = ["measure", "value"]


@admin.register(HourTally)
class HourTallyAdmin(FactAdmin):
    list_display = ["measure", "day", "hour", "owner_id", "amount"]
    list_filter = ["measure"]


@admin.register(DayTally)
class DayTallyAdmin(FactAdmin):
    list_display = ["measure", "day", "dimension", "value", "owner_id", "currency", "amount", "told_back"]
    list_filter = ["measure", "dimension"]


@admin.register(ToldDay)
class ToldDayAdmin(FactAdmin):
    list_display = ["measure", "day", "owners"]
    list_filter = ["measure"]


@admin.register(Reckoned)
class ReckonedAdmin(FactAdmin):
    list_display = ["key", "day", "value", "of", "low", "high", "words", "at"]
    list_filter = ["key"]


@admin.register(Moved)
class MovedAdmin(FactAdmin):
    list_display = ["measure", "since"]


@admin.register(Recount)
class RecountAdmin(FactAdmin):
    list_display = ["at", "accounts", "differing", "tallies", "days", "seconds"]
