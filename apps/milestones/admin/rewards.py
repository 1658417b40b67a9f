from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from apps.core import clock
from apps.core.actor import Actor
from apps.core.admin import FactAdmin, ModelAdmin, each, told
from apps.milestones import services
from apps.milestones.models import (
    Badge,
    BadgeAward,
    Board,
    BoardPlace,
    CatalogueItem,
    RecognitionChoice,
    Redemption,
    RewardBalance,
    RewardBudget,
    RewardClaim,
    RewardMovement,
    RewardRule,
    Streak,
    StreakPause,
    Tier,
    TierStanding,
)
from apps.milestones.types import RuleState


class Written(ModelAdmin):
    """What staff write goes through its service, which counts the versions."""

    write: Any = None

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        with told(request) as actor:
            fields = {name: value for name, value in form.cleaned_data.items() if name != "key"}
            obj.pk = type(self).write(key=obj.key, fields=fields, actor=actor, now=clock.now()).pk

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # A key is what others hold on to.
        return ["key"] if obj else []


@admin.register(RewardRule)
class RewardRuleAdmin(Written):
    write = staticmethod(services.write_rule)
    list_display = ["name", "key", "on", "amount", "unit", "currency", "daily_cap", "usual_acts", "state"]
    list_filter = ["state", "on", "unit"]
    search_fields = ["name", "key"]
    raw_id_fields = ["milestone"]
    actions = ["let_pay", "pause"]

    @admin.action(description="Let these pay", permissions=["change"])
    def let_pay(self, request: HttpRequest, queryset: QuerySet[RewardRule]) -> None:
        each(request, queryset, lambda row, actor: services.turn_rule(row, state=RuleState.LIVE, actor=actor, now=clock.now()), "live")

    @admin.action(description="Pause these", permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[RewardRule]) -> None:
        each(request, queryset, lambda row, actor: services.turn_rule(row, state=RuleState.PAUSED, actor=actor, now=clock.now()), "paused")


@admin.register(Tier)
class TierAdmin(Written):
    write = staticmethod(services.write_tier)
    list_display = ["name", "key", "threshold"]
    search_fields = ["name", "key"]


@admin.register(Badge)
class BadgeAdmin(Written):
    write = staticmethod(services.write_badge)
    list_display = ["name", "key", "given_for", "at_least", "milestone", "tier", "live"]
    list_filter = ["given_for"]
    list_select_related = ["milestone"]
    search_fields = ["name", "key"]
    raw_id_fields = ["milestone"]


@admin.register(CatalogueItem)
class CatalogueItemAdmin(Written):
    write = staticmethod(services.write_item)
    list_display = ["name", "key", "cost", "unit", "currency", "stock", "tier", "needs_approval", "state"]
    list_filter = ["state", "unit"]
    search_fields = ["name", "key"]


@admin.register(Board)
class BoardAdmin(Written):
    write = staticmethod(services.write_board)
    list_display = ["name", "key", "circle", "cohort", "days", "least", "live"]
    list_filter = ["circle"]
    search_fields = ["name", "key"]


@admin.register(StreakPause)
class StreakPauseAdmin(ModelAdmin):
    """Days on which rhythms rest. A pause that begins is not edited; enter another."""

    list_display = ["reason", "account", "starts_on", "ends_on", "actor"]
    list_select_related = ["account"]
    search_fields = ["reason", "account__name"]
    raw_id_fields = ["account"]
    exclude = ["actor"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        with told(request) as actor:
            obj.pk = services.pause_streak(**form.cleaned_data, actor=actor, now=clock.now()).pk


class OfBook(FactAdmin):
    """Rows of the reader's own book."""

    list_select_related = ["account"]
    search_fields = ["account__name"]
    raw_id_fields = ["account"]
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: Any = self.model._default_manager
        found: QuerySet[Any] = rows.for_user(request.user)
        return found


@admin.register(RewardBudget)
class RewardBudgetAdmin(FactAdmin):
    """Planned on the Rewards page, where one sees how the month goes."""

    list_display = ["__str__", "amount", "multiplier", "paced_at", "unit_worth"]
    list_filter = ["unit"]


@admin.register(RewardClaim)
class RewardClaimAdmin(OfBook):
    list_display = ["account", "rule", "cause", "state", "asked", "amount", "at", "decided_by"]
    list_filter = ["state", "rule"]
    list_select_related = ["account", "rule"]
    actions = ["approve", "reverse"]

    @admin.action(description="Approve what waits", permissions=["work"])
    def approve(self, request: HttpRequest, queryset: QuerySet[RewardClaim]) -> None:
        each(request, queryset, lambda row, actor: services.approve(row, actor=actor, now=clock.now()), "approved")

    @admin.action(description="Take back what was granted", permissions=["work"])
    def reverse(self, request: HttpRequest, queryset: QuerySet[RewardClaim]) -> None:
        def do(row: RewardClaim, actor: Actor) -> None:
            services.reverse(row, reason="Taken back in the admin", actor=actor, now=clock.now())

        each(request, queryset, do, "taken back")


@admin.register(RewardMovement)
class RewardMovementAdmin(OfBook):
    list_display = ["id", "kind", "source", "target", "amount", "unit", "currency", "account", "reason", "at", "actor"]
    list_filter = ["kind", "unit"]
    raw_id_fields = ["account", "budget", "claim", "redemption", "reverses"]


@admin.register(RewardBalance)
class RewardBalanceAdmin(OfBook):
    list_display = ["account", "budget", "book", "amount", "unit", "currency"]
    list_filter = ["book", "unit"]
    list_select_related = ["account", "budget"]


@admin.register(Redemption)
class RedemptionAdmin(OfBook):
    list_display = ["account", "item", "cost", "unit", "state", "asked_at", "decided_by"]
    list_filter = ["state"]
    list_select_related = ["account", "item"]
    raw_id_fields = ["account", "contact"]
    actions = ["hand_over"]

    @admin.action(description="Handed over", permissions=["work"])
    def hand_over(self, request: HttpRequest, queryset: QuerySet[Redemption]) -> None:
        each(request, queryset, lambda row, actor: services.hand_over(row, actor=actor, now=clock.now()), "handed over")


@admin.register(TierStanding)
class TierStandingAdmin(OfBook):
    list_display = ["account", "tier", "points", "since", "judged_at"]


@admin.register(Streak)
class StreakAdmin(OfBook):
    list_display = ["account", "step", "length", "best", "through", "judged_on"]
    list_filter = ["step"]


@admin.register(BadgeAward)
class BadgeAwardAdmin(OfBook):
    list_display = ["account", "badge", "at"]
    list_filter = ["badge"]
    list_select_related = ["account", "badge"]


@admin.register(BoardPlace)
class BoardPlaceAdmin(OfBook):
    list_display = ["board", "contact", "account", "points", "as_of"]
    list_filter = ["board"]
    list_select_related = ["board", "contact", "account"]


@admin.register(RecognitionChoice)
class RecognitionChoiceAdmin(FactAdmin):
    """Chosen by the person; nobody chooses for them here."""

    list_display = ["contact", "level", "by_name", "chosen_at", "actor"]
    list_filter = ["level"]
    list_select_related = ["contact"]
    search_fields = ["contact__name"]
    raw_id_fields = ["contact"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RecognitionChoice]:
        return RecognitionChoice.objects.for_user(request.user)
