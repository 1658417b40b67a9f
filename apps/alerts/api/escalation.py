"""Escalation policies, climbs of alerts, and who is on duty."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Literal

import django_filters
from drf_spectacular.utils import extend_schema_field
from msgspec import UNSET, Meta, UnsetType
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response as Answer

from apps.accounts.models import Team, User
from apps.accounts.types import Role
from apps.alerts import services
from apps.alerts.models import Climb, DutyOverride, DutyRota, EscalationPolicy
from apps.alerts.types import ClimbState
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import Rows, by_email
from apps.core.api.filters import IdFilter, TrueFalseFilter, during
from apps.core.api.items import Email, Item, Misfit, Moment
from apps.core.api.problem import Problem
from apps.core.api.views import ReadViews, SharedViews
from apps.core.api.writing import ActViews, CreateViews, EditViews, button
from apps.core.errors import Refused

_WRITERS = {Role.ADMINISTRATOR, Role.TEAM_LEAD}
Key = Annotated[str, Meta(pattern="^[a-z0-9-]{1,60}$")]
Words = Annotated[str, Meta(max_length=250)]
Name = Annotated[str, Meta(min_length=1, max_length=80)]


def may_write(caller: Any) -> bool:
    """Administrators and team leads, and keys that belong to nobody in particular."""
    return bool(caller.is_superuser or caller.roles & _WRITERS) if isinstance(caller, User) else bool(caller.sees_everything)


def refuse_readers(caller: Any) -> None:
    if not may_write(caller):
        raise Problem(403, "forbidden", "This is written by administrators and team leads, or with a key that belongs to nobody in particular.")


def staff(email: str, field: str) -> User:
    found = User.objects.filter(email__iexact=email, is_active=True).first()
    if found is None:
        raise Misfit(field, f"Nobody of the staff has the address {email}.")
    return found


class PolicyRow(Rows):
    head = by_email()
    in_words = serializers.SerializerMethodField()
    select = ("head",)

    class Meta:
        model = EscalationPolicy
        fields = [
            *("id", "key", "name", "why", "steps", "in_words", "repeat", "least_severity", "large_arr", "head", "is_default", "is_active", "version"),
            *("changed_at", "changed_by"),
        ]

    def get_in_words(self, row: EscalationPolicy) -> list[str]:
        return [services.policy_steps.in_words(step) for step in row.steps]


class PolicyItem(Item):
    """Who is told in what order; docs/escalation.md describes the steps."""

    key: Key
    name: Name
    steps: Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=20)]
    why: Words = ""
    repeat: Annotated[int, Meta(ge=0, le=2)] = 1
    least_severity: Literal["info", "warning", "urgent"] = "warning"
    large_arr: Decimal = Decimal(50_000)
    head: Email | None = None


class PolicyChange(Item):
    name: Name | UnsetType = UNSET
    why: Words | UnsetType = UNSET
    steps: Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=20)] | UnsetType = UNSET
    repeat: Annotated[int, Meta(ge=0, le=2)] | UnsetType = UNSET
    least_severity: Literal["info", "warning", "urgent"] | UnsetType = UNSET
    large_arr: Decimal | UnsetType = UNSET
    head: Email | None | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


class PolicyFilters(django_filters.FilterSet):
    is_active = TrueFalseFilter()
    key = django_filters.CharFilter()


class Pressed(Item):
    """The button says it all."""


def _headed(said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "head": staff(said["head"], "head")} if said.get("head") else said


class PolicyViews(SharedViews, CreateViews, EditViews, ActViews):
    """Who is told of an alert that nobody takes on. A change touches future climbs only."""

    scope = "work"
    queryset = EscalationPolicy.objects.all()
    serializer_class = PolicyRow
    filterset_class = PolicyFilters
    item = PolicyItem
    edited = PolicyChange

    def make(self, item: PolicyItem) -> EscalationPolicy:
        refuse_readers(self.caller)
        return services.policies.create(**_headed(item.said()), actor=actor_of(self.request), now=clock.now())

    def edit(self, row: Any, said: dict[str, Any], *, version: int | None) -> None:
        refuse_readers(self.caller)
        services.policies.change(row, said=_headed(said), actor=actor_of(self.request), now=clock.now(), version=version)

    @button(Pressed)
    def usual(self, request: Request, *args: Any, **kwargs: Any) -> Answer:
        """Alerts of rules that name no policy climb by this one from now on."""

        def do(row: EscalationPolicy, _: Pressed) -> None:
            refuse_readers(self.caller)
            services.policies.make_usual(row, actor=actor_of(request), now=clock.now())

        return self.act(request, Pressed, do)


class ClimbRow(Rows):
    account = serializers.IntegerField(source="alert.account_id", read_only=True, allow_null=True)
    policy = serializers.SlugRelatedField(slug_field="key", read_only=True)  # type: ignore[var-annotated]
    taken = serializers.SerializerMethodField()
    select = ("alert", "policy")
    prefetch = ("taken__people",)

    class Meta:
        model = Climb
        fields = ["id", "alert", "account", "policy", "steps", "repeat", "large", "state", "started_at", "paused_at", "ended_at", "ended_by", "taken"]

    def get_taken(self, row: Climb) -> list[dict[str, Any]]:
        return [
            {
                "position": step.position,
                "kind": step.kind,
                "due_at": step.due_at,
                "done_at": step.done_at,
                "people": sorted(user.email for user in step.people.all()),
                "what": step.what,
            }
            for step in sorted(row.taken.all(), key=lambda step: step.position)
        ]


class ClimbFilters(django_filters.FilterSet):
    alert = IdFilter(field_name="alert_id")
    state = django_filters.ChoiceFilter(choices=ClimbState.choices)
    since, until = during("started_at").values()


class ClimbViews(ReadViews):
    """Climbs of alerts: who was told, when and why, and what ended them. Those of tasks are under `escalations`."""

    scope = "work"
    queryset = Climb.objects.all()
    serializer_class = ClimbRow
    filterset_class = ClimbFilters
    orderings = ("pk", "-started_at")


class RotaRow(Rows):
    team = serializers.SlugRelatedField(slug_field="name", read_only=True, allow_null=True)  # type: ignore[var-annotated]
    people = serializers.SerializerMethodField()
    on_duty = serializers.SerializerMethodField()
    overrides = serializers.SerializerMethodField()
    # The rota's own clock time: what JSON Schema calls a time would name a zone.
    handover_at = serializers.RegexField(r"^\d\d:\d\d:\d\d$", read_only=True)
    select = ("team",)
    prefetch = ("members__user", "overrides__user")

    class Meta:
        model = DutyRota
        fields = ["id", "key", "name", "team", "zone", "starts_on", "handover_at", "turn_days", "people", "on_duty", "overrides", "changed_at"]

    def get_people(self, row: DutyRota) -> list[str]:
        return [member.user.email for member in row.members.all()]

    @extend_schema_field(serializers.EmailField(allow_null=True))
    def get_on_duty(self, row: DutyRota) -> str | None:
        person = services.rotas.who(row, at=clock.now())
        return person.email if person else None

    def get_overrides(self, row: DutyRota) -> list[dict[str, Any]]:
        now = clock.now()
        return [
            {"id": one.pk, "person": one.user.email, "starts_at": one.starts_at, "ends_at": one.ends_at, "why": one.why}
            for one in row.overrides.all()
            if one.ends_at > now
        ]


class RotaItem(Item):
    """The whole rota; people in the order of their turns."""

    key: Key
    name: Name
    people: Annotated[list[Email], Meta(min_length=1, max_length=30)]
    starts_on: date
    zone: Annotated[str, Meta(max_length=60)] = "UTC"
    handover_at: time = time(9)
    turn_days: Annotated[int, Meta(ge=1, le=28)] = 7
    team: Annotated[str, Meta(max_length=80)] | None = None


class StandIn(Item):
    person: Email
    starts_at: Moment
    ends_at: Moment
    why: Annotated[str, Meta(max_length=120)] = ""


class Back(Item):
    override: Annotated[int, Meta(ge=1, le=2**63 - 1)]


class RotaFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()


class RotaViews(SharedViews, CreateViews, ActViews):
    """Who is on duty when."""

    scope = "work"
    queryset = DutyRota.objects.all()
    serializer_class = RotaRow
    filterset_class = RotaFilters
    item = RotaItem

    def make(self, item: RotaItem) -> DutyRota:
        refuse_readers(self.caller)
        said = item.said()
        people = [staff(email, "people") for email in said.pop("people")]
        team = Team.objects.filter(name=said["team"]).first() if said.get("team") else None
        if said.pop("team") and team is None:
            raise Misfit("team", "There is no such team.")
        try:
            services.rotas.check_zone(item.zone)
        except Refused as refusal:
            raise Misfit("zone", refusal.message) from refusal
        if said["handover_at"].tzinfo is not None:
            raise Misfit("handover_at", "Give the time on the wall of the rota's zone, without an offset.")
        return services.rotas.write(None, **said, team=team, order=people, now=clock.now())

    @button(StandIn)
    def stand_in(self, request: Request, *args: Any, **kwargs: Any) -> Answer:
        """Somebody takes over for a while."""

        def do(row: DutyRota, said: StandIn) -> None:
            refuse_readers(self.caller)
            person = staff(said.person, "person")
            starts, ends = said.starts_at, said.ends_at
            services.rotas.stand_in(row, user=person, starts_at=starts, ends_at=ends, why=said.why, actor=actor_of(request), now=_now())

        return self.act(request, StandIn, do)

    @button(Back)
    def take_back(self, request: Request, *args: Any, **kwargs: Any) -> Answer:
        """Nobody stands in any more."""

        def do(row: DutyRota, said: Back) -> None:
            refuse_readers(self.caller)
            override = DutyOverride.objects.filter(rota=row, pk=said.override).first()
            if override is None:
                raise Misfit("override", "There is no such override of this rota.")
            services.rotas.take_back(override, now=_now())

        return self.act(request, Back, do)


def _now() -> datetime:
    return clock.now()


ROUTES = {"escalation-policies": PolicyViews, "alert-escalations": ClimbViews, "duty": RotaViews}
