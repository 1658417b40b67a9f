from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from apps.core import clock
from apps.core.actor import Actor
from apps.core.admin import FactAdmin, FactInline, ModelAdmin, each, told
from apps.core.errors import Refused
from apps.milestones import selectors, services
from apps.milestones.models import AccountAbility, DifficultyChoice, MilestoneDifficulty, MilestoneValue, OrderReading, PathChoice, WinningRules


class _OfAccount(FactAdmin):
    search_fields = ["account__name"]
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: Any = self.model._default_manager
        found: QuerySet[Any] = rows.for_user(request.user)
        return found


@admin.register(WinningRules)
class WinningRulesAdmin(ModelAdmin):
    """One row. What is offered from now on follows it; what was offered keeps its variant."""

    fields = ["target_percent", "fits", "learned_order", "least_accounts", "target_met", "told", "realised", "outcomes", "bias", "tuned_at"]
    readonly_fields = ["target_met", "told", "realised", "outcomes", "bias", "tuned_at"]
    list_display = ["__str__", "fits", "learned_order", "realised", "outcomes", "tuned_at"]

    @admin.display(description="Is it met?")
    def target_met(self, row: WinningRules) -> str:
        return selectors.target_words()

    def has_add_permission(self, request: HttpRequest) -> bool:
        # The row is made when the product is prepared.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: WinningRules | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: WinningRules, form: "ModelForm[WinningRules]", change: bool) -> None:
        said = {name: form.cleaned_data[name] for name in form.changed_data}
        try:
            saved = services.change_rules(actor=Actor.user(request.user), now=clock.now(), **said)
        except Refused as refusal:
            messages.error(request, refusal.message)
            return
        obj.pk, obj.version = saved.pk, saved.version


@admin.register(AccountAbility)
class AccountAbilityAdmin(_OfAccount):
    list_display = ["account", "mean", "variance", "outcomes", "successes", "as_written", "at_risk", "as_of"]
    list_filter = ["as_written", "at_risk"]
    list_select_related = ["account"]
    actions = ["take_as_written", "fit_again"]

    @admin.action(description="Give these accounts every milestone as it is written", permissions=["work"])
    def take_as_written(self, request: HttpRequest, queryset: QuerySet[AccountAbility]) -> None:
        self._set(request, queryset, True, "get milestones as they are written")

    @admin.action(description="Let variants fit these accounts again", permissions=["work"])
    def fit_again(self, request: HttpRequest, queryset: QuerySet[AccountAbility]) -> None:
        self._set(request, queryset, False, "get variants that fit")

    def _set(self, request: HttpRequest, queryset: QuerySet[AccountAbility], as_written: bool, done: str) -> None:
        each(
            request,
            queryset,
            lambda row, actor: services.take_as_written(account_id=row.account_id, as_written=as_written, actor=actor, now=clock.now()),
            done,
        )


@admin.register(MilestoneDifficulty)
class MilestoneDifficultyAdmin(FactAdmin):
    list_display = ["milestone", "variant", "mean", "variance", "outcomes", "successes", "as_of"]
    list_filter = ["milestone"]
    list_select_related = ["milestone"]


@admin.register(DifficultyChoice)
class DifficultyChoiceAdmin(_OfAccount):
    list_display = ["account", "milestone", "variant", "reason", "chance_before", "chance", "target", "struggles", "at", "reached", "ended_at"]
    list_filter = ["reason", "reached", "milestone"]
    list_select_related = ["account", "milestone"]
    raw_id_fields = ["account", "progress", "version"]


@admin.register(PathChoice)
class PathChoiceAdmin(_OfAccount):
    list_display = ["account", "milestone", "rule", "arm", "chance", "value", "score", "at", "actor"]
    list_filter = ["rule", "milestone"]
    list_select_related = ["account", "milestone"]
    raw_id_fields = ["account", "progress"]


class MilestoneValueInline(FactInline):
    model = MilestoneValue
    fields = ["milestone", "points", "low", "high", "shrunk", "reached", "usual_week"]
    readonly_fields = fields


@admin.register(OrderReading)
class OrderReadingAdmin(FactAdmin):
    list_display = ["as_of", "accounts", "stayed", "early_days", "stay_days", "refused"]
    inlines = [MilestoneValueInline]
    actions = ["confirm"]

    @admin.action(description="Let an experiment confirm the learned order", permissions=["work"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[OrderReading]) -> None:
        """Whichever reading is ticked: the newest one is in force."""
        with told(request) as actor:
            experiment = services.start_order_trial(actor=actor, now=clock.now())
            messages.success(request, f"“{experiment.name}” runs, with {experiment.planned_size:,} accounts planned per group.")


@admin.register(MilestoneValue)
class MilestoneValueAdmin(FactAdmin):
    list_display = ["milestone", "reading", "points", "low", "high", "shrunk", "reached", "usual_week"]
    list_filter = ["milestone"]
    list_select_related = ["milestone", "reading"]
