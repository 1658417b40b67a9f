"""Tips with their versions, the rules of dose and hold-back, and what was recommended."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core import clock
from apps.core.actor import Actor
from apps.core.admin import FactAdmin, FactInline, ModelAdmin, each

from .. import definition, services
from ..models import CoachingRules, Recommendation, Slate, Tip, TipAnswerRow, TipVersion
from ..types import TipState


class TipForm(forms.ModelForm):
    """What the tip says, as JSON; saving it writes the next version."""

    says = forms.JSONField(
        label="Definition", widget=forms.Textarea(attrs={"rows": 24, "cols": 110}), help_text="docs/coaching.md says how it is written."
    )
    note = forms.CharField(max_length=250, required=False, help_text="What changed and why.")

    class Meta:
        model = Tip
        fields = ["key", "name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.current is not None:
            self.fields["says"].initial = self.instance.current.definition

    def clean_says(self) -> Any:
        try:
            return definition.plain(definition.read(self.cleaned_data["says"]))
        except definition.Flaws as flaws:
            raise ValidationError(flaws.message) from flaws


class TipVersionInline(FactInline):
    model = TipVersion
    fk_name = "tip"
    fields = ["number", "note", "created_at", "created_by"]
    readonly_fields = fields
    ordering = ["-number"]


@admin.register(Tip)
class TipAdmin(ModelAdmin):
    form = TipForm
    list_display = ["name", "key", "state", "current"]
    list_filter = ["state"]
    list_select_related = ["current"]
    search_fields = ["name", "key"]
    inlines = [TipVersionInline]
    actions = ["put_to_work", "retire"]

    def get_readonly_fields(self, request: HttpRequest, obj: Tip | None = None) -> list[str]:
        return ["key", "state"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Tip | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Tip, form: Any, change: bool) -> None:
        says, note, actor, now = form.cleaned_data["says"], form.cleaned_data["note"], Actor.user(request.user), clock.now()
        obj.save(update_fields=["name"] if change else None)
        version = services.save_tip_version(obj, says=says, note=note, actor=actor, now=now)
        messages.info(request, f"Version {version.number} is what new recommendations take.")

    @admin.action(description="Put to work", permissions=["work"])
    def put_to_work(self, request: HttpRequest, queryset: QuerySet[Tip]) -> None:
        each(request, queryset, lambda row, actor: services.turn_tip(row, TipState.LIVE, actor=actor, now=clock.now()), "put to work")

    @admin.action(description="Retire", permissions=["work"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Tip]) -> None:
        each(request, queryset, lambda row, actor: services.turn_tip(row, TipState.RETIRED, actor=actor, now=clock.now()), "retired")


@admin.register(TipVersion)
class TipVersionAdmin(FactAdmin):
    list_display = ["tip", "number", "note", "created_at", "created_by"]
    list_filter = ["tip"]
    list_select_related = ["tip"]
    search_fields = ["tip__name", "tip__key", "note"]


@admin.register(CoachingRules)
class CoachingRulesAdmin(ModelAdmin):
    """One row: how many tips, how often, how many are held back."""

    list_display = ["__str__", "slots", "per_week", "held_percent", "window_days", "rest_days", "later_days"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        # The row is made when the product is prepared.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OfBook(FactAdmin):
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).for_user(request.user)


@admin.register(Slate)
class SlateAdmin(OfBook):
    list_display = ["account", "pattern", "at"]
    list_select_related = ["account", "pattern"]
    search_fields = ["account__name"]
    raw_id_fields = ["account"]


class AnswerInline(FactInline):
    model = TipAnswerRow
    fields = ["answer", "note", "by", "at"]
    readonly_fields = fields


@admin.register(Recommendation)
class RecommendationAdmin(OfBook):
    list_display = ["account", "tip", "slot", "state", "expected", "propensity", "before", "after", "moved", "at"]
    list_filter = ["state", "tip"]
    list_select_related = ["account", "tip"]
    search_fields = ["account__name"]
    raw_id_fields = ["account", "slate", "version"]
    inlines = [AnswerInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Held-back ones appear once their effect is read: then nobody can spoil the comparison."""
        return super().get_queryset(request).exclude(held_back=True, read_at__isnull=True)
