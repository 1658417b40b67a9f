"""Alerts, incidents and what reaches whom."""

from typing import Annotated, Any, Literal

import django_filters
from django.db.models import QuerySet
from msgspec import UNSET, Meta, UnsetType
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.alerts import services
from apps.alerts.models import Alert, AlertMoment, AlertRule, AlertSubscription, Incident
from apps.alerts.types import AlertState, Severity, Whose
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import OfAccount, Rows, by_email
from apps.core.api.filters import OfAccountFilters, TrueFalseFilter, during
from apps.core.api.items import Item, Misfit, Moment
from apps.core.api.views import SharedViews
from apps.core.api.writing import ActViews, CreateViews, button


class AlertMomentRow(Rows):
    class Meta:
        model = AlertMoment
        fields = ["at", "deed", "actor", "words", "enrolment", "task"]


class AlertRow(OfAccount):
    rule: Any = serializers.SlugRelatedField(slug_field="key", read_only=True, allow_null=True)
    owner = by_email()
    useful_by = by_email()
    story = AlertMomentRow(source="moments", many=True, read_only=True)
    select = ("account", "rule", "owner", "useful_by")
    prefetch = ("moments",)

    class Meta:
        model = Alert
        fields = [
            *("id", "account", "account_external_id", "incident", "rule", "kind", "severity", "title", "why", "facts", "state", "seen"),
            *("opened_at", "last_seen_at", "owner", "acknowledged_at", "acknowledged_by", "snoozed_until", "snooze_reason"),
            *("resolved_at", "resolved_by", "by_itself", "useful", "useful_by", "useful_at", "acted_at", "story"),
        ]


class AlertFilters(OfAccountFilters):
    kind = django_filters.CharFilter()
    rule = django_filters.CharFilter(field_name="rule__key", label="The rule's key.")
    incident = django_filters.NumberFilter(min_value=1, max_value=2**63 - 1)
    severity = django_filters.ChoiceFilter(choices=Severity.choices)
    state = django_filters.ChoiceFilter(choices=AlertState.choices)
    owner = django_filters.CharFilter(field_name="owner__email", lookup_expr="iexact", label="Who has it, by email address.")
    useful = TrueFalseFilter(label="What was said of it.")
    since, until = during("opened_at").values()


class Nothing(Item):
    """The button says it all."""


class Sleep(Item):
    """Until when, within 14 days, and why it can wait."""

    until: Moment
    reason: Annotated[str, Meta(min_length=1, max_length=250)]


class Give(Item):
    """Whom to give it to, by email address; null: nobody."""

    to: Annotated[str, Meta(max_length=254)] | None


class Words(Item):
    words: Annotated[str, Meta(min_length=1, max_length=2_000)]


class Useful(Item):
    """Was it useful? null takes back what was said."""

    useful: bool | None


def _person(email: str) -> User:
    found = User.objects.filter(email__iexact=email).first()
    if found is None:
        raise Misfit("to", "Nobody of the staff has this address.")
    return found


class AlertViews(ActViews):
    """What needs a person's eyes."""

    scope = "work"
    queryset = Alert.objects.all()
    serializer_class = AlertRow
    filterset_class = AlertFilters
    orderings = ("pk", "-opened_at")

    @button(Nothing)
    def acknowledge(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """I have seen it and it is mine."""
        return self.act(request, Nothing, lambda row, _: services.acknowledge(row, actor=actor_of(request), now=clock.now()))

    @button(Sleep)
    def snooze(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """It can wait: it wakes by itself."""

        def do(row: Alert, said: Sleep) -> None:
            services.snooze(row, until=said.until, reason=said.reason, actor=actor_of(request), now=clock.now())

        return self.act(request, Sleep, do)

    @button(Nothing)
    def wake(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take its sleep back: it is again what it was before."""
        return self.act(request, Nothing, lambda row, _: services.wake(row, actor=actor_of(request), now=clock.now()))

    @button(Give)
    def assign(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Give it to somebody who looks after it."""

        def do(row: Alert, said: Give) -> None:
            services.assign(row, to=_person(said.to) if said.to else None, actor=actor_of(request), now=clock.now())

        return self.act(request, Give, do)

    @button(Nothing)
    def resolve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The matter is settled."""
        return self.act(request, Nothing, lambda row, _: services.resolve(row, actor=actor_of(request), now=clock.now()))

    @button(Nothing)
    def reopen(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take back an acknowledgement, a sleep or a resolution."""
        return self.act(request, Nothing, lambda row, _: services.reopen(row, actor=actor_of(request), now=clock.now()))

    @button(Words)
    def comment(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Words for its story."""
        return self.act(request, Words, lambda row, said: services.comment(row, said.words, actor=actor_of(request), now=clock.now()))

    @button(Useful)
    def useful(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Was it useful?"""

        def do(row: Alert, said: Useful) -> None:
            # A key speaks for nobody in particular; the story names it.
            by = request.user if not request.auth and isinstance(request.user, User) else None
            services.judge(row, useful=said.useful, by=by, actor=actor_of(request), now=clock.now())

        return self.act(request, Useful, do)


class IncidentRow(OfAccount):
    alerts: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    prefetch = ("alerts",)

    class Meta:
        model = Incident
        fields = ["id", "account", "account_external_id", "opened_at", "closed_at", "alerts"]


class IncidentFilters(OfAccountFilters):
    open = TrueFalseFilter(field_name="closed_at", lookup_expr="isnull", label="Whether something of it is unresolved.")
    since, until = during("opened_at").values()


class IncidentViews(ActViews):
    """What is the matter with one account at one time: its alerts together."""

    scope = "work"
    queryset = Incident.objects.all()
    serializer_class = IncidentRow
    filterset_class = IncidentFilters
    orderings = ("pk", "-opened_at")

    @button(Nothing)
    def acknowledge(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take on what is open of it, together."""
        return self.act(request, Nothing, lambda row, _: services.acknowledge_incident(row, actor=actor_of(request), now=clock.now()))

    @button(Nothing)
    def resolve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All of it is over."""
        return self.act(request, Nothing, lambda row, _: services.resolve_incident(row, actor=actor_of(request), now=clock.now()))


class AlertSubscriptionRow(Rows):
    user = by_email()
    rule: Any = serializers.SlugRelatedField(slug_field="key", read_only=True, allow_null=True)
    select = ("user", "rule")

    class Meta:
        model = AlertSubscription
        fields = ["id", "user", "severity", "rule", "whose", "email", "push", "sms", "chat", "changed_at"]


class AlertSubscriptionFilters(django_filters.FilterSet):
    user = django_filters.CharFilter(field_name="user__email", lookup_expr="iexact", label="Whose, by email address.")
    rule = django_filters.CharFilter(field_name="rule__key", label="The rule's key.")
    severity = django_filters.ChoiceFilter(choices=Severity.choices)
    whose = django_filters.ChoiceFilter(choices=Whose.choices)


_How = Literal["off", "digest", "at_once"]


class AlertChoice(Item):
    """What somebody hears of alerts of a severity, or of one rule; a channel that is not named is off. Said again, it is changed."""

    user: Annotated[str, Meta(min_length=3, max_length=254)]
    severity: Literal["info", "warning", "urgent"] | UnsetType = UNSET
    rule: Annotated[str, Meta(min_length=1, max_length=60)] | UnsetType = UNSET
    whose: Literal["mine", "team", "all"] = "mine"
    email: _How = "off"
    push: _How = "off"
    sms: _How = "off"
    chat: _How = "off"


class AlertSubscriptionViews(CreateViews, ActViews, SharedViews):
    """What people chose to hear of alerts; who chose nothing has the usual. Staff see their own, programs and administrators everybody's."""

    scope = "work"
    queryset = AlertSubscription.objects.all()
    serializer_class = AlertSubscriptionRow
    filterset_class = AlertSubscriptionFilters
    item = AlertChoice

    def rows(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().rows()
        return rows if self._for_all() else rows.filter(user=self.request.user.pk)

    def _for_all(self) -> bool:
        return bool(self.request.auth) or bool(self.caller.sees_everything and self.caller.may_act)

    def make(self, item: AlertChoice) -> AlertSubscription:
        user = User.objects.filter(email__iexact=item.user, is_active=True).first()
        if user is None or not (self._for_all() or user.pk == self.request.user.pk):
            raise Misfit("user", "Nobody of the staff has this address, or you may not choose for them.")
        rule = None
        if item.rule is not UNSET:
            rule = AlertRule.objects.filter(key=item.rule).first()
            if rule is None:
                raise Misfit("rule", "There is no rule with this key.")
        how = {"email": item.email, "push": item.push, "sms": item.sms, "chat": item.chat}
        severity = "" if item.severity is UNSET else item.severity
        return services.choose(user, severity=severity, rule=rule, whose=item.whose, how=how, now=clock.now())

    @button(Nothing)
    def forget(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Back to the usual."""
        self.carry_out(request, Nothing, lambda row, _: services.forget_choice(row.user, severity=row.severity, rule=row.rule))
        return Response(status=204)


ROUTES = {"alerts": AlertViews, "incidents": IncidentViews, "alert-subscriptions": AlertSubscriptionViews}
