"""Alert rules: what they say, whether they are watched, and what they would have done."""

from typing import Annotated, Any, ClassVar

import django_filters
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.alerts import services
from apps.alerts.models import AlertRule, RuleTrial
from apps.alerts.types import RuleKind, RuleState, Severity, TrialState
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import Rows
from apps.core.api.filters import IdFilter
from apps.core.api.items import Item
from apps.core.api.problem import Problem, invalid
from apps.core.api.views import WholeViews
from apps.core.api.writing import ActViews, CreateViews, button

Words = Annotated[str, Meta(max_length=250)]
Loud = Annotated[str, Meta(pattern=f"^({'|'.join(Severity.values)})$")]


class AlertRuleRow(Rows):
    number = serializers.IntegerField(source="current.number", read_only=True, allow_null=True, help_text="The version in force.")
    says = serializers.JSONField(source="current.says", read_only=True, allow_null=True, help_text="docs/alert-rules.md; empty for notices.")
    words = serializers.SerializerMethodField(help_text="The rule as a sentence.")
    select = ("current",)

    class Meta:
        model = AlertRule
        fields = ["id", "key", "name", "why", "kind", "state", "severity", "digest", "score", "number", "says", "words", "live_at", "changed_at"]

    def get_words(self, row: AlertRule) -> str:
        return services.rules.in_words(services.rules.read(row.current.says)) if row.current else row.why


class AlertRuleFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    kind = django_filters.ChoiceFilter(choices=RuleKind.choices)
    state = django_filters.ChoiceFilter(choices=RuleState.choices)


class NewRule(Item):
    """A draft with its first version."""

    key: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,59}$")]
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    says: dict[str, Any]
    why: Words = ""
    severity: Loud = Severity.WARNING.value
    note: Words = ""


class NextRuleVersion(Item):
    """What it says from now on."""

    says: dict[str, Any]
    note: Words = ""


class RuleDescription(Item):
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    severity: Loud
    why: Words = ""


class RuleTurn(Item):
    """Draft, live, off."""

    state: Annotated[str, Meta(pattern="^(live|off)$")]


class NewTrial(Item):
    """A definition to try; it need not be saved. With `rule`, what people said of that rule's alerts counts."""

    says: dict[str, Any]
    days: Annotated[int, Meta(ge=1, le=366)] = 90
    rule: Annotated[str, Meta(max_length=60)] = ""


class Nothing(Item):
    """The button says it all."""


def refuse_flaws(error: Any) -> Problem:
    """Each flaw at its place, under `says`."""
    found: dict[str, list[str]] = {}
    for place, words in error.flaws:
        found.setdefault(place if place in ("key", "name") else f"says.{place}" if place else "says", []).append(words)
    return invalid(found)


class AlertRuleViews(CreateViews, ActViews):
    """What is watched, and the matters that the product raises by itself; docs/alert-rules.md says how a rule is written."""

    scope = "work"
    queryset = AlertRule.objects.all()
    serializer_class = AlertRuleRow
    filterset_class = AlertRuleFilters
    orderings = ("pk", "-pk")
    item = NewRule

    def rows(self) -> Any:
        return AlertRule.objects.all()

    def make(self, item: NewRule) -> AlertRule:
        self._may_write()
        try:
            return services.rules.create(**item.said(), by=self._person(), actor=actor_of(self.request), now=clock.now())
        except services.rules.Flaws as error:
            raise refuse_flaws(error) from error

    @button(NextRuleVersion)
    def save_version(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The next version; the same words again make none. A live rule goes on with what it remembers."""
        self._may_write()

        def save(row: AlertRule, said: NextRuleVersion) -> None:
            try:
                services.rules.save_version(row, **said.said(), by=self._person(), actor=actor_of(request), now=clock.now())
            except services.rules.Flaws as error:
                raise refuse_flaws(error) from error

        return self.act(request, NextRuleVersion, save)

    @button(RuleDescription)
    def describe(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What it is called and for, and how loud it is."""
        self._may_write()
        return self.act(
            request, RuleDescription, lambda row, said: services.rules.describe(row, **_told(said), actor=actor_of(request), now=clock.now())
        )

    @button(RuleTurn)
    def turn(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Live: watched from now on, what holds already is no news. Off: it forgets."""
        self._may_write()

        def turned(row: AlertRule, said: RuleTurn) -> None:
            try:
                services.rules.turn(row, said.state, actor=actor_of(request), now=clock.now())
            except services.rules.Flaws as error:
                raise refuse_flaws(error) from error

        return self.act(request, RuleTurn, turned)

    def _may_write(self) -> None:
        if not self.caller.sees_everything:
            raise Problem(403, "own_book_only", "A rule is for every account; whoever sees only some of them does not write it.")

    def _person(self) -> Any:
        return self.caller if hasattr(self.caller, "email") else None


def _told(said: RuleDescription) -> dict[str, str]:
    return {"name": said.name, "why": said.why, "severity": said.severity}


class RuleTrialRow(Rows):
    rule_key = serializers.CharField(source="rule.key", read_only=True, allow_null=True, default=None)
    useful_words = serializers.SerializerMethodField(help_text="What counts as useful.")
    select = ("rule",)

    class Meta:
        model = RuleTrial
        fields: ClassVar[list[str]] = [
            *("id", "rule", "rule_key", "says", "state", "first", "last", "done", "total", "asked_at", "ended_at", "result", "error", "useful_words")
        ]

    def get_useful_words(self, row: RuleTrial) -> str:
        return services.rules.USEFUL_WORDS


class RuleTrialFilters(django_filters.FilterSet):
    rule = IdFilter(field_name="rule_id", label="The rule's id.")
    state = django_filters.ChoiceFilter(choices=TrialState.choices)


class RuleTrialViews(WholeViews, CreateViews, ActViews):
    """A definition tried on past days: what it would have raised, and what became of it."""

    scope = "work"
    queryset = RuleTrial.objects.all()
    serializer_class = RuleTrialRow
    filterset_class = RuleTrialFilters
    orderings = ("pk", "-pk")
    item = NewTrial

    def make(self, item: NewTrial) -> RuleTrial:
        if not self.caller.sees_everything:
            raise Problem(403, "own_book_only", "A try looks at every account; whoever sees only some of them does not ask for it.")
        rule = AlertRule.objects.filter(key=item.rule).select_related("current").first() if item.rule else None
        if item.rule and rule is None:
            raise invalid({"rule": [f"There is no rule {item.rule!r}."]})
        try:
            return services.rules.try_out(rule=rule, says=item.says, days=item.days, actor=actor_of(self.request), now=clock.now())
        except services.rules.Flaws as error:
            raise refuse_flaws(error) from error

    @button(Nothing)
    def stop(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """End it; nothing is kept of it."""
        return self.act(request, Nothing, lambda row, _: services.rules.stop_trial(row, now=clock.now()))


ROUTES: dict[str, Any] = {"alert-rules": AlertRuleViews, "alert-rule-trials": RuleTrialViews}
