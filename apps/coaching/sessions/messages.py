"""What the customer gets of a session, through the governor: the invitation with its calendar entry, a reminder, the follow-up, another time."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime
from django.conf import settings

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.events.models import Event
from apps.messaging import services as messaging
from apps.messaging.models import Message
from apps.messaging.types import RECALLABLE, Channel, Lane

from ..models import Session
from . import calendar, goals

INVITATION, REMINDER, FOLLOW_UP, MISSED = "coaching-invitation", "coaching-reminder", "coaching-follow-up", "coaching-missed"
_DAY_BEFORE, _HOUR_BEFORE = timedelta(hours=24), timedelta(hours=1)


def invite(session: Session, *, actor: Actor, now: datetime) -> None:
    """Tell the agreed time, and again a day before it (an hour before, where it is nearer). What said an older time is taken back."""
    assert session.starts_at is not None
    take_back(session, because="The session has another time.", actor=actor, now=now)
    _compose(session, INVITATION, due_at=now, expires_at=session.starts_at, actor=actor, now=now)
    remind_at = next((session.starts_at - ahead for ahead in (_DAY_BEFORE, _HOUR_BEFORE) if session.starts_at - ahead > now), None)
    if remind_at is not None:
        _compose(session, REMINDER, due_at=remind_at, expires_at=session.starts_at, actor=actor, now=now)


def follow_up(session: Session, *, words: str, actor: Actor, now: datetime) -> None:
    goal = getattr(session, "goal", None)
    agreed = f"You wanted to: {goal.action}" if goal else ""
    context = {"agreed": agreed, "words": words.strip()}
    _compose(session, FOLLOW_UP, due_at=now, expires_at=now + timedelta(days=3), actor=actor, now=now, **context)


def missed(session: Session, *, actor: Actor, now: datetime) -> None:
    _compose(session, MISSED, due_at=now, expires_at=now + timedelta(days=3), actor=actor, now=now)


def take_back(session: Session, *, because: str, actor: Actor, now: datetime) -> None:
    waiting = of(session).filter(state__in=RECALLABLE).values_list("pk", flat=True)
    messaging.cancel_waiting(message_ids=list(waiting), reason=because, actor=actor, now=now)


def of(session: Session) -> Any:
    """The messages of a session, oldest first."""
    return Message.objects.filter(account=session.account_id, idem_key__startswith=f"coaching:{session.pk}:").order_by("id")


def _compose(session: Session, key: str, *, due_at: datetime, expires_at: datetime, actor: Actor, now: datetime, **more: str) -> None:
    """Nobody is written to who has no address or has left; the page of the session says so."""
    contact = reachable(session, now=now)
    if contact is None:
        return
    about = {"topic": session.topic, "minutes": str(session.minutes), "place": session.place or session.get_mode_display()}
    about |= {"when": when(session, contact) if session.starts_at else "", "calendar_link": link(session)}
    messaging.compose(
        contact=contact,
        channel=Channel.EMAIL,
        template_key=key,
        # An appointment that both agreed on is no campaign: it waits for no free hour, but it counts, and a no to it is a no.
        lane=Lane.TRANSACTIONAL,
        idem_key=f"coaching:{session.pk}:{key}:{session.times_set}",
        context={**about, **more, "csm": {"name": str(session.coach)} if session.coach else {}},
        due_at=due_at,
        expires_at=expires_at,
        actor=actor,
        now=now,
        cause=cause_of(session),
    )


def reachable(session: Session, *, now: datetime) -> Contact | None:
    contact = session.contact
    if contact is None or not contact.email or (contact.departed_on is not None and contact.departed_on <= now.date()):
        return None
    return contact


def cause_of(session: Session) -> Event | None:
    """The newest event about this session, so that a message's chain leads back to what was done."""
    rows = Event.objects.filter(subject=f"account:{session.account_id}", type__startswith="coaching.", payload__session_id=session.pk)
    return rows.order_by("-id").first()


def link(session: Session) -> str:
    return f"{settings.BASE_URL.rstrip('/')}{calendar.path(session)}"


def when(session: Session, contact: Contact) -> str:
    """The time where the customer is, in their language: Thursday, 12 March 2026 at 14:00 (Europe/Berlin)."""
    assert session.starts_at is not None
    try:
        zone = ZoneInfo(contact.zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    try:
        language = Locale.parse((contact.locale or contact.account.locale or "en").replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        language = Locale("en")
    told = format_datetime(session.starts_at.astimezone(zone), "EEEE, d MMMM y, HH:mm", locale=language)
    return f"{told} ({zone.key})"


def agreed_words(session: Session) -> str:
    goal = getattr(session, "goal", None)
    return goals.in_words(goal) if goal else ""
