"""What is written down while a session runs: notes by several hands, the agreed action, how sure they are, promises."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import EventName, Promise, User
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.interventions import selectors as people
from apps.interventions import services as interventions
from apps.interventions.types import SourceKind
from apps.milestones.models import Milestone

from ..models import Goal, Session
from ..session_types import Agreed, Measure, SessionState
from . import flow, goals

_LONGEST_NOTES = 20_000
_PROMISE, _PROMISE_MINUTES = "promise", 15
# While it may still be written in: what was held is history, but for the hours until the follow-up is written.
_OPEN = (SessionState.PROPOSED, SessionState.ACCEPTED, SessionState.SCHEDULED, SessionState.LIVE, SessionState.HELD, SessionState.NO_SHOW)
_MAY_BE_SET = {"notes", "confidence"}


def write(
    session: Session, *, changes: Mapping[str, Any], seen: Mapping[str, Any], actor: Actor, now: datetime, version: int | None = None
) -> list[str]:
    """Save notes or confidence; returns what really changed. `seen` is what the writer had before, `version` the row that was edited: Conflict tells
    both where somebody else wrote meanwhile.
    """
    if set(changes) - _MAY_BE_SET:
        raise Refused("not_editable", "Only notes and confidence are written here. Nothing was saved.")
    wanted = dict(changes)
    if "notes" in wanted:
        wanted["notes"] = str(wanted["notes"]).replace("\x00", "").replace("\r\n", "\n")
        if len(wanted["notes"]) > _LONGEST_NOTES:
            raise Refused("long_notes", f"The notes have {len(wanted['notes']):,} characters; {_LONGEST_NOTES:,} fit. Nothing was saved.")
    if wanted.get("confidence") is not None and not 0 <= wanted.get("confidence", 0) <= 10:
        raise Refused("off_scale", "Confidence runs from 0 to 10. Nothing was saved.")
    with transaction.atomic():
        _still_open(session)
        really = events.edit(session, changes=wanted, seen=seen, version=version, actor=actor, now=now)
        if really:
            flow.told(session, actor=actor, now=now)
    return really


def agree(session: Session, agreed: Agreed, *, actor: Actor, now: datetime) -> Goal:
    """Set what they will do and how one will see it. It may be changed until the session is over; then it is what it is judged by."""
    action = " ".join(agreed.action.split())[:250]
    if not action:
        raise Refused("no_action", "What will they do? Nothing was saved.")
    if not agreed.target > 0 or agreed.target > 1_000_000:
        raise Refused("no_target", "The goal needs a number above nought. Nothing was saved.")
    if agreed.within_days not in (7, 30):
        raise Refused("no_such_day", "A goal is read 7 or 30 days after the session. Nothing was saved.")
    name = agreed.name.strip() if agreed.measure in (Measure.ACTIVITY, Measure.MILESTONE) else ""
    if agreed.measure == Measure.ACTIVITY and not EventName.objects.filter(name=name).exists():
        raise Refused("no_such_activity", f"Nobody has ever done {name!r}, so it could not be read. Choose an activity that is known.")
    if agreed.measure == Measure.MILESTONE and not Milestone.objects.filter(key=name).exists():
        raise Refused("no_such_milestone", f"There is no milestone {name!r}. Nothing was saved.")
    if agreed.measure == Measure.SEATS and not session.account.seats:
        raise Refused("no_seats", f"It is not known how many seats {session.account} has bought, so the share could not be read.")
    with transaction.atomic():
        state = _still_open(session)
        if state == SessionState.HELD:
            raise Refused("over", "The session is over: what was agreed stands.")
        values = {
            "action": action,
            "measure": agreed.measure,
            "name": name,
            "target": 1.0 if agreed.measure == Measure.MILESTONE else agreed.target,
            "within_days": agreed.within_days,
            "baseline": goals.baseline(session.account, agreed.measure, name, now=now),
            "agreed_at": now,
        }
        goal, fresh = Goal.objects.get_or_create(session=session, defaults=values)
        if not fresh:
            events.edit(goal, changes=values, actor=actor, now=now)
        flow.told(session, actor=actor, now=now)
    session.goal = goal
    return goal


def promise(session: Session, *, text: str, due_on: date, by_customer: bool, author: User, actor: Actor, now: datetime) -> Promise:
    """Keep a promise; one of ours is a task of its author by its day at once, one of theirs waits in the account's story."""
    words = " ".join(text.split())[:250]
    if not words:
        raise Refused("empty_promise", "A promise needs words. Nothing was saved.")
    with transaction.atomic():
        _still_open(session)
        made = accounts.promise(account=session.account, text=words, due_on=due_on, by_customer=by_customer, owner=author, actor=actor, now=now)
        session.promises.add(made)
        if not by_customer:
            zone = ZoneInfo(people.calendars.zone_of(author))
            interventions.open_task(
                account=session.account,
                title=words,
                why=f"We promised it on {now.astimezone(zone):%-d %b}, in the session “{session.topic}”.",
                minutes=_PROMISE_MINUTES,
                due_at=max(datetime.combine(due_on, time(9), zone), now + timedelta(minutes=1)),
                actor=actor,
                now=now,
                reason=_PROMISE,
                name=str(made.pk),
                owner=author,
                source=(SourceKind.PERSON, f"session:{session.pk}"),
            )
        flow.told(session, actor=actor, now=now)
    return made


def _still_open(session: Session) -> str:
    state: str = Session.objects.select_for_update(of=("self",)).values_list("state", flat=True).get(pk=session.pk)
    if state not in _OPEN:
        raise Refused("over", f"“{session.topic}” is {SessionState(state).label}: nothing is written in it any more.")
    return state
