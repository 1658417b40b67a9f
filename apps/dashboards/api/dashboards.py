"""Dashboards: which there are, what stands on them, what they show to the caller, and how a program arranges them."""

from typing import Annotated, Any

import django_filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.core import clock
from apps.core.api.fields import Rows, by_email
from apps.core.api.items import Item
from apps.core.api.problem import Problem, invalid
from apps.core.api.views import ReadViews
from apps.core.api.writing import ActViews, CreateViews, button

from ..boards import layout, reading, saving, showing
from ..boards.kinds import FILTERS
from ..models import Dashboard
from ..types import Audience

_WIDGETS = Annotated[list[dict[str, Any]], Meta(max_length=30)]
_NAME = Annotated[str, Meta(min_length=1, max_length=80)]
_WHY = Annotated[str, Meta(max_length=200)]


class DashboardRow(Rows):
    owner = by_email()
    version = serializers.IntegerField(read_only=True, help_text="The number of the version in force.")
    widgets = serializers.SerializerMethodField(help_text="docs/dashboards.md says what each holds.")
    select = ("owner", "current")

    class Meta:
        model = Dashboard
        fields = ["id", "key", "name", "why", "owner", "sees", "edits", "team", "version", "widgets", "created_at", "changed_at"]

    def get_widgets(self, row: Dashboard) -> list[dict[str, Any]]:
        return row.current.says["widgets"] if row.current else []


class DashboardFilters(django_filters.FilterSet):
    key = django_filters.CharFilter(label="Of a shipped one.")
    sees = django_filters.ChoiceFilter(choices=Audience.choices, label="For whom it is.")


class NewDashboard(Item):
    """A dashboard with its first version. One that a key of nobody makes is the house's and is seen by everybody."""

    name: _NAME
    widgets: _WIDGETS
    why: _WHY = ""


class NextArrangement(Item):
    """What stands on it from now on. `seen` is the version that the change began with."""

    name: _NAME
    widgets: _WIDGETS
    seen: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    why: _WHY = ""
    note: _WHY = ""


class DashboardViews(CreateViews, ActViews, ReadViews):
    """Dashboards that the caller sees: own ones, the team's, and those for everybody."""

    scope = "dashboards"
    queryset = Dashboard.objects.filter(archived_at=None)
    serializer_class = DashboardRow
    filterset_class = DashboardFilters
    orderings = ("pk", "-pk")
    item = NewDashboard

    def make(self, item: NewDashboard) -> Dashboard:
        says = {"name": item.name, "why": item.why, "widgets": item.widgets}
        user = self.caller if isinstance(self.caller, User) else None
        return saving.create(user, says, now=clock.now(), sees=Audience.OWNER if user else Audience.EVERYBODY)

    @button(NextArrangement)
    def save_version(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The next version; the same again makes none. Refused with `board_moved` where somebody else saved after `seen`."""

        def save(row: Dashboard, said: NextArrangement) -> None:
            user = self.caller if isinstance(self.caller, User) else None
            theirs = row.owner_id is not None or row.sees != Audience.EVERYBODY if user is None else not row.may_be_changed_by(user)
            if theirs:
                raise Problem(403, "not_yours", "Its owner changes it. Make a dashboard of your own.")
            says = {"name": said.name, "why": said.why, "widgets": said.widgets}
            saving.save(row, says, user=user, seen=said.seen, note=said.note, now=clock.now())

        return self.act(request, NextArrangement, save)

    @extend_schema(
        parameters=[
            OpenApiParameter("only", str, description="Ids of widgets with commas between; without it all."),
            *(OpenApiParameter(name, str, description="Comes before the widgets' own filter.") for name in FILTERS),
        ],
        responses={200: OpenApiTypes.OBJECT},
    )
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def data(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What its widgets show to the caller, by their ids."""
        row = self.get_object()
        if unknown := sorted(set(request.query_params) - {"only", *FILTERS}):
            raise invalid({name[:80]: ["There is no such parameter here."] for name in unknown})
        wanted = set(request.query_params.get("only", "").split(",")) - {""}
        says, now = row.current.says if row.current else layout.EMPTY, clock.now()
        listed = [one for one in showing.widgets(says) if not wanted or one["id"] in wanted]
        found = reading.data(self.caller, listed, now=now, over=reading.asked_over(request.query_params))
        return Response({"at": now.isoformat(), "version": row.version, "widgets": found})


ROUTES: dict[str, Any] = {"dashboards": DashboardViews}
