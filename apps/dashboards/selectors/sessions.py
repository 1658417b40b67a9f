"""Coaching sessions for people: what waits, one session with all that is written in it, and the lead's view of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, Value, When

from apps.accounts.models import Account, Contact, EventName, User
from apps.coaching.models import GoalReading, Session, Strategy
from apps.coaching.selectors import goals, messages_of, reachable, strategies
from apps.coaching.types import TOOK_PLACE, WAITING, Measure, SessionState
from apps.core.reading import Reading
from apps.experiments.selectors import Arm, wilson
from apps.milestones.models import Milestone
from apps.milestones.types import MilestoneState

VIEWS = (("waiting", "Waiting"), ("awaited", "Effect awaited"), ("done", "Done"), ("off", "Called off"))
_STATES: dict[str, tuple[SessionState, ...]] = {
    "waiting": WAITING,
    "awaited": (SessionState.FOLLOW_UP,),
    "done": (SessionState.DONE,),
    "off": (SessionState.CALLED_OFF,),
}
# What waits for a person comes first: a talk under way, a follow-up that was not written, somebody who did not come, then by time.
_FIRST = (SessionState.LIVE, SessionState.HELD, SessionState.NO_SHOW, SessionState.ACCEPTED, SessionState.SCHEDULED, SessionState.PROPOSED)
_TONES = {
    SessionState.LIVE: "good",
    SessionState.HELD: "warn",
    SessionState.NO_SHOW: "warn",
    SessionState.ACCEPTED: "info",
    SessionState.SCHEDULED: "info",
    SessionState.FOLLOW_UP: "info",
    SessionState.DONE: "good",
}
_COVERED = timedelta(days=90)
# With fewer readings a share is drawn with its interval, but no word is said of it.
_FEW = 20


def tone(session: Session) -> str:
    return _TONES.get(SessionState(session.state), "calm")


def rows(user: User, view: str, *, everyone: bool) -> Any:
    """Sessions of one's own book, or only those that one coaches."""
    order = Case(*(When(state=state, then=Value(place)) for place, state in enumerate(_FIRST)), default=Value(9), output_field=IntegerField())
    found = Session.objects.for_user(user).filter(state__in=_STATES[view]).select_related("account", "coach", "contact", "strategy", "goal")
    if not everyone:
        found = found.filter(coach=user)
    return found.order_by(order, F("starts_at").asc(nulls_last=True), "-id") if view == "waiting" else found.order_by("-ended_at", "-id")


@dataclass(frozen=True)
class Told:
    """One session with everything on its page."""

    session: Session
    tone: str
    because: str
    goal: Any
    goal_words: str
    readings: list[GoalReading]
    promises: list[Any]
    messages: list[Any]
    reachable: bool
    past: list[Session]

    @property
    def may_write(self) -> bool:
        return self.session.state in WAITING

    @property
    def reached(self) -> list[tuple[GoalReading, str]]:
        return [(row, "" if row.value is None else str(goals.Told(row.value, row.goal.measure))) for row in self.readings]


def one(session: Session, *, now: datetime) -> Reading[Told]:
    """`session` with account, coach, contact, strategy and goal."""
    goal = getattr(session, "goal", None)
    readings = GoalReading.objects.filter(goal__session=session).select_related("goal").order_by("days")
    promises = session.promises.select_related("owner").order_by("due_on", "id")
    past = Session.objects.filter(account=session.account_id, state__in=TOOK_PLACE).exclude(pk=session.pk).select_related("goal", "strategy")
    past = past.order_by("-ended_at")[:3]
    sent = messages_of(session).select_related("template")
    yield readings, promises, past, sent
    return Told(
        session=session,
        tone=tone(session),
        because=strategies.words_of(session.decision),
        goal=goal,
        goal_words=goals.in_words(goal) if goal else "",
        readings=list(readings),
        promises=list(promises),
        messages=list(sent),
        reachable=reachable(session, now=now) is not None,
        past=list(past),
    )


def choices() -> Reading[dict[str, Any]]:
    """What a goal may be measured by, as the form offers it."""
    names = EventName.objects.order_by("-events_28", "name").values_list("name", flat=True)[:60]
    steps = Milestone.objects.filter(state=MilestoneState.LIVE).order_by("position", "id").values_list("key", "name")
    yield names, steps
    return {"measures": Measure.choices, "activities": list(names), "steps": list(steps)}


def planning(account: Account) -> Reading[dict[str, Any]]:
    """What the form for a new session offers."""
    people = Contact.objects.filter(account=account).filter(Q(departed_on__isnull=True)).order_by("name", "id")[:200]
    ways = Strategy.objects.filter(offered=True).order_by("position", "id")
    yield people, ways
    return {"people": list(people), "ways": list(ways)}


@dataclass(frozen=True)
class Reached:
    """How many goals were reached of those that were read, with the interval of their share."""

    name: str
    n: int
    reached: int

    @property
    def low(self) -> float:
        return 100 * wilson(Arm(self.n, self.reached))[0]

    @property
    def high(self) -> float:
        return 100 * wilson(Arm(self.n, self.reached))[1]

    @property
    def middle(self) -> float:
        return 100 * self.reached / self.n if self.n else 0.0

    @property
    def enough(self) -> bool:
        return self.n >= _FEW


@dataclass(frozen=True)
class Covered:
    """A coach's book: how many customers, how many of them talked with within 90 days, and what waits. No figure of what came of it."""

    name: str
    accounts: int
    covered: int
    waiting: int


def team(user: User, *, now: datetime) -> Reading[dict[str, Any]]:
    """Coverage, what waits and what came of sessions, for whoever looks after several books. By name, never ranked."""
    book = Account.objects.for_user(user).at_risk()
    owned = book.filter(owner__isnull=False).order_by().values_list("owner__full_name", "owner__email").annotate(n=Count("pk"))
    talked = (
        Session.objects.for_user(user)
        .filter(state__in=TOOK_PLACE, ended_at__gte=now - _COVERED, account__in=book)
        .order_by()
        .values_list("account__owner__email")
        .annotate(n=Count("account", distinct=True))
    )
    waits = Session.objects.for_user(user).filter(state__in=WAITING).order_by().values_list("coach__email").annotate(n=Count("pk"))
    counted = GoalReading.objects.for_user(user).filter(read_at__isnull=False, days=F("goal__within_days")).order_by()
    by_way = counted.values_list("goal__session__strategy__name").annotate(n=Count("pk"), reached=Count("pk", filter=Q(reached=True)))
    by_state = Session.objects.for_user(user).filter(state__in=WAITING).order_by().values_list("state").annotate(n=Count("pk"))
    yield owned, talked, waits, by_way, by_state
    return _team(list(owned), dict(talked), dict(waits), list(by_way), dict(by_state))


def _team(owned: list[Any], talked: dict[str, int], waits: dict[str, int], by_way: list[Any], by_state: dict[str, int]) -> dict[str, Any]:
    people = [Covered(name or email, n, talked.get(email, 0), waits.get(email, 0)) for name, email, n in owned]
    ways = [Reached(name, n, reached) for name, n, reached in by_way]
    return {
        "people": sorted(people, key=lambda one: one.name.casefold()),
        "accounts": sum(one.accounts for one in people),
        "covered": sum(one.covered for one in people),
        "waiting": [(SessionState(state).label, by_state[state]) for state in _FIRST if by_state.get(state)],
        "ways": sorted(ways, key=lambda one: one.name),
        "whole": Reached("All sessions", sum(one.n for one in ways), sum(one.reached for one in ways)),
    }
