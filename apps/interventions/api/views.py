"""Plays and their runs; tasks are in tasks.py."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

import django_filters
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Account, User
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import OfAccount, Rows
from apps.core.api.filters import IdFilter, OfAccountFilters, during
from apps.core.api.items import Id, Item, Misfit
from apps.core.api.problem import Problem
from apps.core.api.views import ReadViews, SharedViews
from apps.core.api.writing import ActViews, CreateViews, button
from apps.interventions import services
from apps.interventions.definition import Flaws
from apps.interventions.models import Enrolment, PassedOver, Play
from apps.interventions.types import Arm, EnrolmentState, NotEntered, PlayState

from .tasks import EscalationViews, TaskViews


class PlayRow(Rows):
    version = serializers.IntegerField(source="current.number", read_only=True)
    definition = serializers.JSONField(source="current.definition", read_only=True)
    select = ("current",)

    class Meta:
        model = Play
        fields = [
            "id",
            "key",
            "name",
            "why",
            "state",
            "version",
            "definition",
        ]


class PlayFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    state = django_filters.ChoiceFilter(choices=PlayState.choices)


class PlayFile(Item):
    """A play as a file has it; `docs/plays.md` says how a definition is written."""

    key: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,59}$")]
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    why: Annotated[str, Meta(min_length=1, max_length=2_000)]
    definition: dict[str, Any]
    tests: Annotated[list[dict[str, Any]], Meta(max_length=100)] = []
    note: Annotated[str, Meta(max_length=250)] = ""


class NextVersion(Item):
    """What the play says from now on; runs in progress finish on theirs."""

    definition: dict[str, Any]
    tests: Annotated[list[dict[str, Any]], Meta(max_length=100)] = []
    note: Annotated[str, Meta(max_length=250)] = ""


class Turn(Item):
    state: Literal["draft", "testing", "live", "paused", "archived"]


class PlayViews(CreateViews, ActViews, SharedViews):
    """Designed reactions: who enters, what happens, what counts as success.

    A definition with flaws is a 400 whose `fields` name each by its place, such as `definition.steps[2].minutes`.
    """

    scope = "work"
    queryset = Play.objects.all()
    serializer_class = PlayRow
    filterset_class = PlayFilters
    item = PlayFile

    def make(self, item: PlayFile) -> Play:
        self._check_writer()
        said = item.said()
        with _told_by_place():
            return services.create_play(says=said.pop("definition"), **said, actor=actor_of(self.request), now=clock.now())

    @button(NextVersion)
    def version(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Save the next version; the same words again change nothing."""

        def save(row: Play, said: NextVersion) -> None:
            self._check_writer()
            services.save_version(row, says=said.definition, tests=said.tests, note=said.note, actor=actor_of(request), now=clock.now())

        with _told_by_place():
            return self.act(request, NextVersion, save)

    @button(Turn)
    def turn(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Move it to another state: testing, live, paused, archived, or back to draft."""

        def turned(row: Play, said: Turn) -> None:
            self._check_writer()
            services.turn(row, said.state, actor=actor_of(request), now=clock.now())

        return self.act(request, Turn, turned)

    def _check_writer(self) -> None:
        caller = self.caller
        if not (caller.has_perm("interventions.add_play") if isinstance(caller, User) else caller.sees_everything):
            raise Problem(403, "forbidden", "Administrators write plays, or a key that belongs to nobody in particular.")


@contextmanager
def _told_by_place() -> Iterator[None]:
    try:
        yield
    except Flaws as refusal:
        fields: dict[str, list[str]] = {}
        for place, words in refusal.flaws:
            fields.setdefault(f"definition.{place}".rstrip("."), []).append(words)
        raise Problem(400, "invalid", "The definition has flaws. Nothing was saved.", fields=fields) from refusal


class EnrolmentRow(OfAccount):
    version = serializers.IntegerField(source="version.number", read_only=True)
    select = ("account", "version")

    class Meta:
        model = Enrolment
        fields = [
            "id",
            "play",
            "account",
            "account_external_id",
            "contact",
            "arm",
            "version",
            "position",
            "state",
            "due_at",
            "entered_at",
            "window_ends_at",
            "goal_met_at",
            "replied_at",
            "exit_reason",
            "ended_at",
        ]


class EnrolmentFilters(OfAccountFilters):
    play = IdFilter(field_name="play_id")
    arm = django_filters.ChoiceFilter(choices=Arm.choices)
    state = django_filters.ChoiceFilter(choices=EnrolmentState.choices)
    since, until = during("entered_at").values()


class Start(Item):
    """A program starts a play for an account (its id in your own systems). The same `key` again gives the first run."""

    play: Annotated[str, Meta(min_length=1, max_length=60)]
    account: Id
    key: Annotated[str, Meta(max_length=120)] = ""


class Nothing(Item):
    """The button says it all."""


class EnrolmentViews(CreateViews, ActViews):
    """Runs of plays."""

    scope = "work"
    queryset = Enrolment.objects.all()
    serializer_class = EnrolmentRow
    filterset_class = EnrolmentFilters
    orderings = ("pk", "-entered_at")
    item = Start

    def make(self, item: Start) -> Enrolment:
        play = Play.objects.select_related("current").filter(key=item.play).first()
        if play is None:
            raise Misfit("play", "There is no such play.")
        account = Account.objects.for_user(self.caller).filter(external_id=item.account).first()
        if account is None:
            raise Misfit("account", "There is no such account in your book.")
        return services.start_by_api(play, account_id=account.pk, key=item.key, actor=actor_of(self.request), now=clock.now())

    @button(Nothing)
    def let_in(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let a candidate in: its run begins now."""
        return self.act(request, Nothing, lambda row, _: services.let_in(row, actor=actor_of(request), now=clock.now()))

    @button(Nothing)
    def refuse(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Do not let a candidate in."""
        return self.act(request, Nothing, lambda row, _: services.refuse_entry(row, actor=actor_of(request), now=clock.now()))

    @button(Nothing)
    def stop(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Stop the run; what it had queued is not sent."""
        return self.act(request, Nothing, lambda row, _: services.stop(row, actor=actor_of(request), now=clock.now()))


class PassedOverRow(OfAccount):
    select = ("account",)

    class Meta:
        model = PassedOver
        fields = ["id", "play", "account", "account_external_id", "reason", "on", "at"]


class PassedOverFilters(OfAccountFilters):
    play = IdFilter(field_name="play_id")
    reason = django_filters.ChoiceFilter(choices=NotEntered.choices)


class PassedOverViews(ReadViews):
    """Accounts that a play's trigger named and that did not enter, each with the reason; once a day and reason."""

    scope = "work"
    queryset = PassedOver.objects.all()
    serializer_class = PassedOverRow
    filterset_class = PassedOverFilters


ROUTES = {"tasks": TaskViews, "escalations": EscalationViews, "plays": PlayViews, "enrolments": EnrolmentViews, "passed-over": PassedOverViews}
