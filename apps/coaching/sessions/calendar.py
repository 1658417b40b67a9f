"""A session as a calendar file (RFC 5545), for staff and, by a signed address, for the customer."""

from datetime import datetime, timedelta

from django.core import signing
from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from ..models import Session
from ..session_types import SessionState

_SIGNED = signing.Signer(salt="coaching.calendar")
_PRODUCT = "-//CS Platform//Coaching//EN"
_REMIND = timedelta(minutes=-15)


def token(session: Session) -> str:
    return _SIGNED.sign(str(session.pk))


def path(session: Session) -> str:
    """Where the customer fetches it; apps/dashboards/urls.py answers there."""
    return f"/c/session/{token(session)}.ics"


def session_of(signed: str) -> int | None:
    """The session that a signed address means; None where it is not ours."""
    try:
        return int(_SIGNED.unsign(signed))
    except (signing.BadSignature, ValueError):
        return None


def entry(session: Session, *, for_customer: bool, now: datetime) -> bytes:
    """One entry that replaces the one before (same UID, higher sequence). The customer's holds nothing but topic, time, place and who calls.

    `session` with coach, contact and account. Raises ValueError where no time is set.
    """
    if session.starts_at is None or session.ends_at is None:
        raise ValueError("A session without a time is in no calendar.")
    off = session.state in (SessionState.CALLED_OFF, SessionState.NO_SHOW)
    event = Event()
    event.add("uid", f"coaching-session-{session.pk}@cs-platform")
    event.add("dtstamp", now)
    event.add("dtstart", session.starts_at)
    event.add("dtend", session.ends_at)
    event.add("sequence", session.times_set + int(off))
    event.add("status", "CANCELLED" if off else "CONFIRMED")
    event.add("summary", session.topic if for_customer else f"{session.account.name}: {session.topic}")
    if session.place:
        event.add("location", session.place)
    if session.coach is not None:
        organiser = vCalAddress(f"MAILTO:{session.coach.email}")
        organiser.params["cn"] = vText(str(session.coach))
        event["organizer"] = organiser
    if not for_customer:
        event.add("description", "\n".join(f"- {point['words']} ({point['because']})" for point in session.agenda))
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", session.topic)
    alarm.add("trigger", _REMIND)
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if off else "PUBLISH")
    calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made
