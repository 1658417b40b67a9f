"""How a session moves: one conditional UPDATE over the allowed moves, so that of two who press at once one is told no."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from apps.accounts import services as accounts
from apps.accounts.models import Account, Contact, User
from apps.accounts.types import NoteKind, Stage
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.reading import read
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import CoachingChanged, CoachingHeld
from apps.interventions import services as interventions

from ..models import GoalReading, Session
from ..session_types import SESSION_MOVES, Mode, SessionState
from . import agenda as agendas
from . import goals, messages, strategies

# What a note in the story is called for each mode.
_NOTE = {Mode.VIDEO: NoteKind.MEETING, Mode.CALL: NoteKind.CALL, Mode.ON_SITE: NoteKind.MEETING}
_LONGEST_TOPIC, _LONGEST_PLACE, _LONGEST_WHY = 160, 250, 250
REBOOK, HOW_WAS_IT = "coaching_rebook", "coaching_how_was_it"
# So long after its planned end somebody is asked how a session went that nobody began.
GRACE = timedelta(hours=2)


def propose(
    account: Account,
    *,
    coach: User | None,
    topic: str,
    contact: Contact | None = None,
    strategy: str = "",
    mode: Mode = Mode.VIDEO,
    minutes: int = 30,
    tip: str = "",
    points: Sequence[str] = (),
    actor: Actor,
    now: datetime,
    cause: Event | None = None,
) -> Session:
    """Plan a talk. Without a `strategy` the one is taken that helped most; `points` are put before the agenda that is made of what is known."""
    topic = " ".join(topic.split())[:_LONGEST_TOPIC]
    if not topic:
        raise Refused("no_topic", "A session needs a topic. Nothing was planned.")
    if account.stage == Stage.CHURNED:
        raise Refused("left", f"{account.name} has left; nobody there is coached.")
    if contact is not None and contact.account_id != account.pk:
        raise Refused("somebody_elses", f"{contact} is no contact of {account.name}.")
    if not 5 <= minutes <= 240:
        raise Refused("odd_length", "A session takes 5 to 240 minutes. Nothing was planned.")
    with transaction.atomic():
        taken = strategies.choose(account, key=strategy, actor=actor, now=now)
        own = [{"words": words.strip()[:250], "because": "asked for", "about": ""} for words in points if words.strip()]
        session = Session.objects.create(
            account=account,
            coach=coach,
            contact=contact,
            strategy=taken.strategy,
            decision=taken.decision,
            tip=tip[:40],
            topic=topic,
            agenda=[*own, *read(agendas.agenda(account, now=now))][: agendas.MOST],
            mode=mode,
            minutes=minutes,
            proposed_at=now,
        )
        _announce(session, actor=actor, now=now, cause=cause)
    return session


def accept(session: Session, *, actor: Actor, now: datetime) -> None:
    """They want it."""
    with transaction.atomic():
        _move(session, SessionState.ACCEPTED, actor=actor, now=now)


def schedule(session: Session, *, starts_at: datetime, actor: Actor, now: datetime, place: str | None = None, minutes: int | None = None) -> None:
    """Set the time, or another one. The customer is invited, with a calendar entry, and reminded; what said an older time is taken back."""
    if starts_at <= now:
        raise Refused("in_the_past", "That time is over. Choose one that is still to come.")
    values: dict[str, Any] = {"starts_at": starts_at, "times_set": F("times_set") + 1}
    if place is not None:
        values["place"] = " ".join(place.split())[:_LONGEST_PLACE]
    if minutes is not None:
        if not 5 <= minutes <= 240:
            raise Refused("odd_length", "A session takes 5 to 240 minutes. Nothing was changed.")
        values["minutes"] = minutes
    with transaction.atomic():
        _move(session, SessionState.SCHEDULED, actor=actor, now=now, **values)
        messages.invite(session, actor=actor, now=now)


def begin(session: Session, *, actor: Actor, now: datetime) -> None:
    """The talk begins: its clock runs."""
    with transaction.atomic():
        _move(session, SessionState.LIVE, actor=actor, now=now, begun_at=now)
        messages.take_back(session, because="The session has begun.", actor=actor, now=now)


def hold(session: Session, *, author: User | None, actor: Actor, now: datetime) -> None:
    """The talk is over: it goes into the story, and the days are set on which its goal is read."""
    with transaction.atomic():
        _move(session, SessionState.HELD, actor=actor, now=now, ended_at=now)
        goal = getattr(session, "goal", None)
        minutes = session.took or 0
        accounts.write_down(
            session.account,
            author=author,
            kind=_NOTE[Mode(session.mode)],
            body=_story(session),
            actor=actor,
            now=now,
            contacts=[session.contact] if session.contact else [],
            minutes=min(minutes, 32_000),
        )
        if goal is not None:
            GoalReading.objects.bulk_create(goals.readings(goal, ended_at=now), ignore_conflicts=True)
        else:
            # Without a goal nobody can say later whether it helped.
            strategies.forget(session.decision)
        events.publish(
            CoachingHeld(account_id=session.account_id, session_id=session.pk, strategy=session.strategy.key, minutes=minutes), actor=actor, now=now
        )


def _story(session: Session) -> str:
    goal = getattr(session, "goal", None)
    lines = [f"Coaching: {session.topic}", session.notes.strip()]
    if goal is not None:
        lines.append(f"Agreed: {goal.action}. {goals.in_words(goal)}.")
    if session.confidence is not None:
        lines.append(f"They are {session.confidence} of 10 sure that they will do it.")
    return "\n\n".join(line for line in lines if line)


def follow_up(session: Session, *, words: str = "", actor: Actor, now: datetime) -> None:
    """Write to them what was agreed."""
    with transaction.atomic():
        _move(session, SessionState.FOLLOW_UP, actor=actor, now=now)
        messages.follow_up(session, words=words[:2000], actor=actor, now=now)


def note_no_show(session: Session, *, actor: Actor, now: datetime) -> None:
    """Nobody came: another time is offered, and the coach has it on the list."""
    if session.starts_at is not None and session.starts_at > now:
        raise Refused("too_early", "The session has not begun yet, so nobody can have missed it.")
    with transaction.atomic():
        _move(session, SessionState.NO_SHOW, actor=actor, now=now, begun_at=None)
        messages.take_back(session, because="Nobody came to the session.", actor=actor, now=now)
        messages.missed(session, actor=actor, now=now)
        interventions.open_task(
            account=session.account,
            title=f"Offer {session.contact or session.account} another time: {session.topic}"[:200],
            why="Nobody came to the coaching session.",
            minutes=5,
            due_at=now + timedelta(days=2),
            actor=actor,
            now=now,
            reason=REBOOK,
            name=str(session.pk),
            owner=session.coach,
        )


def call_off(session: Session, *, because: str, actor: Actor, now: datetime) -> None:
    """It will not take place; nothing of it is sent any more."""
    words = " ".join(because.split())[:_LONGEST_WHY] or "no reason given"
    with transaction.atomic():
        _move(session, SessionState.CALLED_OFF, actor=actor, now=now, ended_because=words)
        messages.take_back(session, because="The session was called off.", actor=actor, now=now)
        strategies.forget(session.decision)


def ask_how_it_went(*, actor: Actor, now: datetime) -> int:
    """Sessions whose time is over and that nobody began: the coach is asked, once, because nothing says whether they took place. Returns how many."""
    asked = 0
    for session in Session.objects.missed(now, GRACE).select_related("account", "coach").order_by("starts_at")[:500]:
        assert session.starts_at is not None
        interventions.open_task(
            account=session.account,
            title=f"Say how the session went: {session.topic}"[:200],
            why=f"It was set for {session.starts_at:%-d %b %H:%M} UTC and was neither begun nor called off.",
            minutes=5,
            due_at=now + timedelta(days=1),
            actor=actor,
            now=now,
            reason=HOW_WAS_IT,
            name=f"{session.pk}.{session.times_set}",
            owner=session.coach,
        )
        asked += 1
    return asked


def _move(session: Session, to: SessionState, *, actor: Actor, now: datetime, **values: Any) -> None:
    """Raises Refused where it may not move there from where it is by now; `session` shows the row as it is afterwards."""
    froms = [state for state, targets in SESSION_MOVES.items() if to in targets]
    moved = Session.objects.filter(pk=session.pk, state__in=froms).update(state=to, version=F("version") + 1, **values)
    session.refresh_from_db()
    if not moved:
        raise Refused("not_possible", f"“{session.topic}” is {session.get_state_display()}: it cannot become “{to.label}”.")
    _announce(session, actor=actor, now=now)


def _announce(session: Session, *, actor: Actor, now: datetime, cause: Event | None = None) -> None:
    said = CoachingChanged(account_id=session.account_id, session_id=session.pk, state=session.state)
    events.publish(said, actor=actor, now=now, cause=cause)


def told(session: Session, *, actor: Actor, now: datetime) -> None:
    """Something in it was written down."""
    _announce(session, actor=actor, now=now)
