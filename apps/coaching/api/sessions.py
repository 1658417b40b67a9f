"""Coaching sessions, their goals and what came of them, and the strategies they go by."""

from datetime import date
from typing import Annotated, Any, Literal

import django_filters
from msgspec import UNSET, Meta, UnsetType
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Account, Contact, User
from apps.coaching import services
from apps.coaching.models import GoalReading, Session, Strategy
from apps.coaching.sessions import goals
from apps.coaching.types import Agreed, Measure, Mode, SessionState
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.fields import OfAccount, Rows, by_email
from apps.core.api.filters import IdFilter, OfAccountFilters, during
from apps.core.api.items import Email, Id, Item, Misfit, Moment
from apps.core.api.views import ReadViews, SharedViews
from apps.core.api.writing import ActViews, CreateViews, EditViews, button

_Minutes = Annotated[int, Meta(ge=5, le=240)]


class SessionRow(OfAccount):
    coach = by_email()
    strategy: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(slug_field="key", read_only=True)
    goal = serializers.SerializerMethodField()
    select = ("account", "coach", "strategy", "goal")
    prefetch = ("goal__readings", "promises")

    class Meta:
        model = Session
        fields = [
            *("id", "account", "account_external_id", "coach", "contact", "strategy", "tip", "topic", "agenda", "mode", "place", "state"),
            *("minutes", "proposed_at", "starts_at", "begun_at", "ended_at", "notes", "confidence", "promises", "ended_because", "goal", "version"),
        ]

    def get_goal(self, row: Session) -> dict[str, Any] | None:
        goal = getattr(row, "goal", None)
        if goal is None:
            return None
        readings = sorted(goal.readings.all(), key=lambda one: one.days)
        told = [{"days": one.days, "due_at": one.due_at, "read_at": one.read_at, "value": one.value, "reached": one.reached} for one in readings]
        return {
            "action": goal.action,
            "measure": goal.measure,
            "name": goal.name,
            "target": goal.target,
            "within_days": goal.within_days,
            "baseline": goal.baseline,
            "words": goals.in_words(goal),
            "readings": told,
        }


class SessionFilters(OfAccountFilters):
    state = django_filters.ChoiceFilter(choices=SessionState.choices)
    strategy = django_filters.CharFilter(field_name="strategy__key")
    coach = django_filters.CharFilter(field_name="coach__email", lookup_expr="iexact")
    starts_from, starts_until = during("starts_at").values()


class NewSession(Item):
    """A talk that is proposed. Without a strategy the one is taken that helped most; without a coach it is the account's owner."""

    account_external_id: Id
    topic: Annotated[str, Meta(min_length=1, max_length=160)]
    contact_external_id: Annotated[str, Meta(max_length=120)] = ""
    coach: Annotated[str, Meta(max_length=254)] = ""
    strategy: Annotated[str, Meta(max_length=40)] = ""
    mode: Literal["video", "call", "on_site"] = "video"
    minutes: _Minutes = 30
    tip: Annotated[str, Meta(max_length=40)] = ""
    points: Annotated[list[Annotated[str, Meta(min_length=1, max_length=250)]], Meta(max_length=6)] = []


class EditedSession(Item):
    notes: Annotated[str, Meta(max_length=20_000)] | UnsetType = UNSET
    confidence: Annotated[int, Meta(ge=0, le=10)] | None | UnsetType = UNSET


class Nothing(Item):
    """Nothing needs to be said."""


class Time(Item):
    starts_at: Moment
    minutes: _Minutes | None = None
    place: Annotated[str, Meta(max_length=250)] | None = None


class Why(Item):
    because: Annotated[str, Meta(min_length=1, max_length=250)]


class Words(Item):
    words: Annotated[str, Meta(max_length=2000)] = ""


class Goal(Item):
    """What they will do, and how one will see it 7 or 30 days after the session."""

    action: Annotated[str, Meta(min_length=1, max_length=250)]
    measure: Literal["activity", "actions", "days", "seats", "milestone"]
    target: Annotated[float, Meta(ge=0.01, le=1_000_000)] = 1.0
    name: Annotated[str, Meta(max_length=160)] = ""
    within_days: Literal[7, 30] = 30


class Promised(Item):
    """One of ours becomes a task of the person named, or else of the coach."""

    text: Annotated[str, Meta(min_length=1, max_length=250)]
    due_on: date
    by_customer: bool = False
    owner: Email | None = None


class SessionViews(CreateViews, EditViews, ActViews):
    """Talks with customers about how they work."""

    scope = "work"
    queryset = Session.objects.all()
    serializer_class = SessionRow
    filterset_class = SessionFilters
    orderings = ("pk", "-starts_at")
    item = NewSession
    edited = EditedSession

    def make(self, item: NewSession) -> Session:
        account = Account.objects.for_user(self.caller).select_related("owner").filter(external_id=item.account_external_id).first()
        if account is None:
            raise Misfit("account_external_id", "There is no such account in your book.")
        contact = None
        if item.contact_external_id:
            contact = Contact.objects.filter(account=account, external_id=item.contact_external_id).first()
            if contact is None:
                raise Misfit("contact_external_id", "This account has no such contact.")
        return services.propose(
            account,
            coach=_staff("coach", item.coach) if item.coach else account.owner,
            topic=item.topic,
            contact=contact,
            strategy=item.strategy,
            mode=Mode(item.mode),
            minutes=item.minutes,
            tip=item.tip,
            points=item.points,
            actor=actor_of(self.request),
            now=clock.now(),
        )

    def edit(self, row: Session, said: dict[str, Any], *, version: int | None) -> None:
        services.write(row, changes=said, seen={}, version=version, actor=actor_of(self.request), now=clock.now())

    @button(Nothing)
    def accept(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The customer wants it."""
        return self.act(request, Nothing, lambda row, _: services.accept(row, actor=actor_of(request), now=clock.now()))

    @button(Time)
    def schedule(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set the time, or another one; the customer is invited and reminded."""

        def do(row: Session, said: Time) -> None:
            services.schedule(row, starts_at=said.starts_at, place=said.place, minutes=said.minutes, actor=actor_of(request), now=clock.now())

        return self.act(request, Time, do)

    @button(Nothing)
    def begin(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The talk begins."""
        return self.act(request, Nothing, lambda row, _: services.begin(row, actor=actor_of(request), now=clock.now()))

    @button(Goal)
    def agree(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set what they will do; it can be changed until the session is over."""

        def do(row: Session, said: Goal) -> None:
            agreed = Agreed(said.action, Measure(said.measure), said.target, said.name, said.within_days)
            services.agree(row, agreed, actor=actor_of(request), now=clock.now())

        return self.act(request, Goal, do)

    @button(Promised)
    def promise(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Keep a promise; one of ours is a task at once."""

        def do(row: Session, said: Promised) -> None:
            author = _staff("owner", said.owner) if said.owner else row.coach
            if author is None:
                raise Misfit("owner", "The session has no coach: say whose promise it is.")
            services.promise(
                row, text=said.text, due_on=said.due_on, by_customer=said.by_customer, author=author, actor=actor_of(request), now=clock.now()
            )

        return self.act(request, Promised, do)

    @button(Nothing)
    def hold(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The talk is over: it goes into the account's story, and the days are set on which its goal is read."""
        return self.act(request, Nothing, lambda row, _: services.hold(row, author=row.coach, actor=actor_of(request), now=clock.now()))

    @button(Words)
    def follow_up(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write to the customer what was agreed."""
        return self.act(request, Words, lambda row, said: services.follow_up(row, words=said.words, actor=actor_of(request), now=clock.now()))

    @button(Nothing)
    def no_show(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Nobody came."""
        return self.act(request, Nothing, lambda row, _: services.note_no_show(row, actor=actor_of(request), now=clock.now()))

    @button(Why)
    def call_off(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """It will not take place; nothing of it is sent any more."""
        return self.act(request, Why, lambda row, said: services.call_off(row, because=said.because, actor=actor_of(request), now=clock.now()))


def _staff(field: str, email: str) -> User:
    found = User.objects.filter(email__iexact=email, is_active=True).first()
    if found is None:
        raise Misfit(field, "Nobody of the staff has this address.")
    return found


class StrategyRow(Rows):
    class Meta:
        model = Strategy
        fields = ["id", "key", "name", "words", "position", "offered"]


class StrategyFilters(django_filters.FilterSet):
    key = django_filters.CharFilter()
    offered = django_filters.BooleanFilter()


class StrategyViews(SharedViews):
    """Ways to coach."""

    scope = "work"
    queryset = Strategy.objects.all()
    serializer_class = StrategyRow
    filterset_class = StrategyFilters


class OutcomeRow(Rows):
    session = serializers.IntegerField(source="goal.session_id", read_only=True)
    account = serializers.IntegerField(source="goal.session.account_id", read_only=True)
    strategy = serializers.CharField(source="goal.session.strategy.key", read_only=True)
    action = serializers.CharField(source="goal.action", read_only=True)
    target = serializers.FloatField(source="goal.target", read_only=True)
    select = ("goal__session__strategy",)

    class Meta:
        model = GoalReading
        fields = ["id", "session", "account", "strategy", "action", "target", "days", "due_at", "read_at", "value", "reached"]


class OutcomeFilters(django_filters.FilterSet):
    session = IdFilter(field_name="goal__session_id")
    days = django_filters.ChoiceFilter(choices=[(7, "7"), (30, "30")])
    reached = django_filters.BooleanFilter()
    read_from, read_until = during("read_at").values()


class OutcomeViews(ReadViews):
    """Goals as they stand 7 and 30 days after their session; empty until their day has come."""

    scope = "work"
    queryset = GoalReading.objects.all()
    serializer_class = OutcomeRow
    filterset_class = OutcomeFilters
    orderings = ("pk", "due_at")


ROUTES: dict[str, Any] = {"coaching-sessions": SessionViews, "coaching-strategies": StrategyViews, "coaching-outcomes": OutcomeViews}
