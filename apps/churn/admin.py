from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from apps.core import clock
from apps.core.actor import Actor
from apps.core.admin import FactAdmin, ModelAdmin, each, told

from . import definitions, services
from .counts import counts
from .models import AccountRisk, Care, Check, ChurnDefinition, ModelVersion, Prediction, ShadowScore, TrainingRun
from .scoring import rule
from .types import ModelKind

_MEANING = ("kind", "horizon_days", "inactive_days", "least_percent", "leave_unpaid_apart")


class DefinitionForm(forms.ModelForm):
    use_as_default = forms.BooleanField(
        required=False, widget=UnfoldBooleanSwitchWidget, help_text="Pages, plays and alerts speak of this one. To leave it, choose another."
    )

    class Meta:
        model = ChurnDefinition
        fields = ["name", *_MEANING]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        meaning: dict[str, Any] = {field: found.get(field) for field in _MEANING}
        problem = definitions.problem_with(**meaning)
        if not self.errors and problem:
            raise forms.ValidationError(problem)
        return found


@admin.register(ChurnDefinition)
class ChurnDefinitionAdmin(ModelAdmin):
    form = DefinitionForm
    list_display = ["name", "kind", "in_words", "revision", "is_default"]
    list_filter = ["kind"]
    search_fields = ["name"]
    actions = ["train_now", "score_now"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        settled = obj is not None and obj.is_default
        counted = ["counted", "revision"] if obj else []
        return ["name", *_MEANING, "is_default" if settled else "use_as_default", *counted]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["name", "is_default", "counted", "revision"] if obj else []

    @admin.display(description="What there is to learn from")
    def counted(self, obj: ChurnDefinition) -> str:
        return counts(obj, now=clock.now()).words

    def save_model(self, request: HttpRequest, obj: ChurnDefinition, form: forms.ModelForm, change: bool) -> None:
        made = services.define(
            name=obj.name,
            **{field: getattr(obj, field) for field in _MEANING},
            make_default=obj.is_default or form.cleaned_data.get("use_as_default", False),
            actor=Actor.user(request.user),
            now=clock.now(),
        )
        obj.pk = made.pk

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Scores of the past stand on it."""
        return False

    @admin.action(description="Train now", permissions=["work"])
    def train_now(self, request: HttpRequest, queryset: QuerySet[ChurnDefinition]) -> None:
        each(request, queryset, lambda row, actor: services.ask_for_training(row, actor=actor, now=clock.now()), "asked to train; see the churn desk")

    @admin.action(description="Score all accounts now", permissions=["work"])
    def score_now(self, request: HttpRequest, queryset: QuerySet[ChurnDefinition]) -> None:
        each(request, queryset, lambda row, actor: services.ask_for_scores(row, actor=actor), "asked to score every account")


class WeightsForm(forms.ModelForm):
    """The weights of the rule, one field per term; everything else of a version is a fact."""

    class Meta:
        model = ModelVersion
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        weights = self.instance.parameters.get("weights", {})
        for term in rule.TERMS:
            if term.key in self.fields:
                self.fields[term.key].initial = weights.get(term.key)

    def weights(self) -> dict[str, float]:
        return {term.key: self.cleaned_data[term.key] for term in rule.TERMS}

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors and (problem := rule.problem_with({term.key: found[term.key] for term in rule.TERMS})):
            raise forms.ValidationError(problem)
        return found


_WEIGHTS = {term.key: forms.FloatField(label=term.words, min_value=0, max_value=1, widget=UnfoldAdminTextInputWidget) for term in rule.TERMS}
_RuleForm = type("RuleForm", (WeightsForm,), dict(_WEIGHTS))


@admin.register(ModelVersion)
class ModelVersionAdmin(ModelAdmin):
    list_display = ["definition", "number", "kind", "is_live", "trained_as_of", "decision"]
    list_filter = ["definition", "kind", "is_live"]
    list_select_related = ["definition"]
    readonly_fields = ["definition", "number", "kind", "is_live", "decision", "metrics", "parameters", "trained_as_of", "created_at"]
    actions = ["put_to_work"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None and obj.kind == ModelKind.RULE and self.has_change_permission(request, obj):
            return _RuleForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        facts = (None, {"fields": self.readonly_fields})
        if obj is not None and obj.kind == ModelKind.RULE and self.has_change_permission(request, obj):
            words = "They sum to 1. Saving makes a new version; what was scored before keeps its weights."
            return [("Weights of the rule", {"fields": list(_WEIGHTS), "description": words}), facts]
        return [facts]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ModelVersion, form: Any, change: bool) -> None:
        if not isinstance(form, WeightsForm):
            return
        with told(request) as actor:
            made = services.weigh(obj, weights=form.weights(), actor=actor, now=clock.now())
            messages.info(request, f"The new weights are {made}.")

    @admin.action(description="Put to work", permissions=["work"])
    def put_to_work(self, request: HttpRequest, queryset: QuerySet[ModelVersion]) -> None:
        each(request, queryset, lambda row, actor: services.put_to_work(row, actor=actor, now=clock.now()), "put to work")


class OfAccountFacts(FactAdmin):
    """Facts about accounts of one's own book."""

    list_select_related = ["account"]
    search_fields = ["account__name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.model._default_manager.for_user(request.user)


@admin.register(Prediction)
class PredictionAdmin(OfAccountFacts):
    list_display = ["account", "probability", "band", "model", "as_of"]
    list_filter = ["band"]
    list_select_related = ["account", "model"]
    raw_id_fields = ["account", "model"]


@admin.register(AccountRisk)
class AccountRiskAdmin(OfAccountFacts):
    list_display = ["account", "probability", "band", "source", "as_of", "before", "stale_since"]
    list_filter = ["band"]
    raw_id_fields = ["account", "prediction", "stale_cause"]


@admin.register(TrainingRun)
class TrainingRunAdmin(FactAdmin):
    list_display = ["definition", "state", "why", "asked_by", "asked_at", "step", "done", "version"]
    list_filter = ["state", "definition"]
    list_select_related = ["definition", "version"]


@admin.register(Check)
class CheckAdmin(FactAdmin):
    list_display = ["model", "kind", "as_of", "alarm", "verdict"]
    list_filter = ["kind", "alarm"]
    list_select_related = ["model"]


@admin.register(ShadowScore)
class ShadowScoreAdmin(OfAccountFacts):
    list_display = ["account", "model", "probability", "as_of"]
    list_select_related = ["account", "model"]
    raw_id_fields = ["account", "model"]


@admin.register(Care)
class CareAdmin(OfAccountFacts):
    list_display = ["account", "kind", "since", "until"]
    list_filter = ["kind"]
    raw_id_fields = ["account", "event"]
