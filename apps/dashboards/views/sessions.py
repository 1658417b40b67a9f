"""Coaching sessions: the list, one session that several people write in at once, its calendar entry, and the lead's view."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.views.decorators.http import require_GET, require_POST

from apps.accounts import selectors as accounts
from apps.accounts.models import Account, Contact, User
from apps.coaching import services
from apps.coaching.models import Session
from apps.coaching.selectors import calendar
from apps.coaching.types import Agreed, Measure, Mode, SessionState
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Conflict, Refused

from .. import presence
from ..selectors import sessions as shown
from .actions import do, mine
from .page import StaffRequest, now_for, number, part, staff_page, whole

_PAGE = 30
_PARTS = {"head": "sessions/head.html", "goal": "sessions/goal.html", "promises": "sessions/promises.html", "after": "sessions/after.html"}


def _session(request: StaffRequest, session_id: int) -> Session:
    found: Session = mine(request, Session.objects.select_related("account", "coach", "contact__account", "strategy", "goal"), session_id)
    return found


def _subject(session: Session) -> str:
    return f"account:{session.account_id}"


@require_GET
@staff_page
def sessions_page(request: StaffRequest) -> HttpResponse:
    view = request.GET.get("view", "waiting")
    view = view if view in dict(shown.VIEWS) else "waiting"
    everyone = request.GET.get("whose") == "all" or not request.user.may_act
    page = Paginator(shown.rows(request.user, view, everyone=everyone), _PAGE).get_page(number(request))
    listed = [(row, shown.tone(row)) for row in page]
    context = {
        "title": "Sessions",
        "now": now_for(request.user),
        "views": shown.VIEWS,
        "view": view,
        "everyone": everyone,
        "page": page,
        "listed": listed,
    }
    return render(request, "sessions/rows.html" if part(request, {"list"}) else "sessions/list.html", context)


@staff_page
def session_new(request: StaffRequest) -> HttpResponse:
    """Plan a talk with an account; without one, find it first."""
    if not request.user.may_act:
        raise PermissionDenied("Viewers look.")
    key = request.GET.get("account", "")
    context: dict[str, Any] = {"title": "Plan a session", "now": now_for(request.user), "modes": Mode.choices}
    if not (key.isascii() and key.isdigit() and len(key) < 18):
        words = request.GET.get("q", "")[:80]
        return render(request, "sessions/new.html", context | {"words": words, "found": accounts.search(request.user, words)})
    account = mine(request, Account.objects.select_related("owner"), int(key))
    if request.method == "POST":
        return _plan(request, account)
    (offered,) = whole(request, shown.planning(account))
    return render(request, "sessions/new.html", context | {"account": account, **offered})


def _plan(request: StaffRequest, account: Account) -> HttpResponse:
    said, made = request.POST, []

    def call(actor: Actor) -> str:
        chosen = said.get("contact", "")
        contact = (
            Contact.objects.filter(account=account, pk=int(chosen)).first() if chosen.isascii() and chosen.isdigit() and len(chosen) < 18 else None
        )
        mode, minutes = said.get("mode", ""), said.get("minutes", "")
        session = services.propose(
            account,
            coach=request.user,
            topic=said.get("topic", ""),
            contact=contact,
            strategy=said.get("strategy", "")[:40],
            mode=Mode(mode) if mode in Mode.values else Mode.VIDEO,
            minutes=int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 4 else 30,
            points=said.get("points", "").splitlines()[:6],
            actor=actor,
            now=clock.now(),
        )
        made.append(session)
        return f"Planned: {session.topic}. Its agenda is made of what is known of {account.name}."

    answer = do(request, call)
    return redirect("session", made[0].pk) if made else answer


@require_GET
@staff_page
def session_page(request: StaffRequest, session_id: int) -> HttpResponse:
    session, now = _session(request, session_id), now_for(request.user)
    told, offered = whole(request, shown.one(session, now=now), shown.choices())
    context = {"title": session.topic, "now": now, "told": told, "session": session, "account": session.account, "modes": Mode.choices, **offered}
    name = part(request, _PARTS)
    return render(request, _PARTS[name] if name else "sessions/page.html", context)


@require_GET
@staff_page
def session_notes(request: StaffRequest, session_id: int) -> HttpResponse:
    """The notes as they stand: what a page that was told of a change fetches."""
    session = _session(request, session_id)
    return JsonResponse({"notes": session.notes, "confidence": session.confidence, "version": session.version, **_may(request, session)})


def _may(request: StaffRequest, session: Session) -> dict[str, bool]:
    """Whether the notes are written in, and whether what was agreed can still be changed."""
    writable = request.user.may_act and session.state in shown.WAITING
    return {"writable": writable, "agreeable": writable and session.state != SessionState.HELD}


@require_POST
@staff_page
def session_write(request: StaffRequest, session_id: int) -> HttpResponse:
    """Save notes or confidence; 409 with both words where somebody else wrote meanwhile."""
    if not request.user.may_act:
        raise PermissionDenied("Viewers look.")
    session, said = _session(request, session_id), request.POST
    changes: dict[str, Any] = {}
    seen: dict[str, Any] = {}
    if "notes" in said:
        # A form sends line ends as CRLF; what is kept has LF.
        changes["notes"], seen["notes"] = (said.get(name, "").replace("\r\n", "\n") for name in ("notes", "seen"))
    if "confidence" in said:
        word = said["confidence"]
        changes["confidence"] = int(word) if word.isascii() and word.isdigit() and len(word) < 3 else None
    try:
        services.write(session, changes=changes, seen=seen, actor=Actor.user(request.user), now=clock.now())
    except Conflict as conflict:
        return JsonResponse({"words": conflict.message, "fields": conflict.fields}, status=409)
    except Refused as refusal:
        return JsonResponse({"words": refusal.message, "fields": {}}, status=409)
    session.refresh_from_db()
    return JsonResponse({"notes": session.notes, "confidence": session.confidence, "version": session.version})


@require_POST
@staff_page
def session_here(request: StaffRequest, session_id: int) -> HttpResponse:
    """Somebody has the page open, or closes it (`gone`); who else has it open."""
    session = _session(request, session_id)
    note = presence.leave if request.POST.get("gone") else presence.enter
    ids = note(f"session:{session.pk}", request.user, subject=_subject(session))
    people = User.objects.filter(pk__in=ids).order_by("full_name", "id")
    return JsonResponse({"people": [{"name": str(one), "you": one.pk == request.user.pk} for one in people]})


@require_POST
@staff_page
def session_do(request: StaffRequest, session_id: int, what: str) -> HttpResponse:
    """One button: the same services as everywhere."""
    session = _session(request, session_id)
    if what not in _BUTTONS:
        raise Http404("No such page.")

    def call(actor: Actor) -> str:
        return _BUTTONS[what](request, session, actor, clock.now())

    return do(request, call)


def _accept(request: StaffRequest, session: Session, actor: Actor, now: datetime) -> str:
    services.accept(session, actor=actor, now=now)
    return "They want it. Now it needs a time."


def _schedule(request: StaffRequest, session: Session, actor: Actor, now: datetime) -> str:
    try:
        at = parse_datetime(request.POST.get("starts_at", ""))
    except ValueError:
        at = None
    if at is None:
        raise Refused("no_time", "Say a day and an hour. Nothing was changed.")
    minutes = request.POST.get("minutes", "")
    services.schedule(
        session,
        # Typed without a zone it is the reader's own.
        starts_at=at if timezone.is_aware(at) else timezone.make_aware(at),
        place=request.POST.get("place"),
        minutes=int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 4 else None,
        actor=actor,
        now=now,
    )
    return "The time is set; they are invited and reminded a day before."


def _begin(request: StaffRequest, session: Session, actor: Actor, now: datetime) -> str:
    services.begin(session, actor=actor, now=now)
    return "The session runs."


def _hold(request: StaffRequest, session: Session, actor: Actor, now: datetime) -> str:
    services.hold(session, author=request.user, actor=actor, now=now)
    return "The session is over and stands in the account's story. Write to them what was agreed."


def _follow_up(request: StaffRequest, session: Session, actor: Actor, now: datetime) -> str:
    services.follow_up(session, words=request.POST.get("words", ""), actor=actor, now=now)
    return "Followed up. The goal is read on its 7th and 30th day."


def _no_show(request: StaffRequest, session: Session, actor: Actor, now: datetime) -> str:
    services.note_no_show(session, actor=actor, now=now)
    return "Nobody came: another time is offered, and it is on your list."


def _call_off(request: StaffRequest, session: Session, actor: Actor, now: datetime) -> str:
    services.call_off(session, because=request.POST.get("because", ""), actor=actor, now=now)
    return "Called off; nothing of it is sent any more."


def _agree(request: StaffRequest, session: Session, actor: Actor, now: datetime) -> str:
    said = request.POST
    measure = said.get("measure", "")
    if measure not in Measure.values:
        raise Refused("no_measure", "Say by what one will see it. Nothing was saved.")
    try:
        target = float(said.get("target", "").replace(",", ".") or 1)
    except ValueError:
        raise Refused("no_target", "The goal needs a number. Nothing was saved.") from None
    name = said.get("step" if measure == Measure.MILESTONE else "activity", "")[:160]
    agreed = Agreed(said.get("action", ""), Measure(measure), target, name, 7 if said.get("within") == "7" else 30)
    services.agree(session, agreed, actor=actor, now=now)
    return "Agreed. It is read from what they do."


def _promise(request: StaffRequest, session: Session, actor: Actor, now: datetime) -> str:
    try:
        day = parse_date(request.POST.get("due", ""))
    except ValueError:
        day = None
    if day is None:
        raise Refused("no_day", "A promise needs a day. Nothing was saved.")
    theirs = request.POST.get("whose") == "theirs"
    services.promise(session, text=request.POST.get("promise", ""), due_on=day, by_customer=theirs, author=request.user, actor=actor, now=now)
    return "Their promise stands in the story." if theirs else "The promise is on your list of tasks."


_BUTTONS: dict[str, Callable[[StaffRequest, Session, Actor, datetime], str]] = {
    "accept": _accept,
    "schedule": _schedule,
    "begin": _begin,
    "hold": _hold,
    "follow-up": _follow_up,
    "no-show": _no_show,
    "call-off": _call_off,
    "agree": _agree,
    "promise": _promise,
}


@require_GET
@staff_page
def session_calendar(request: StaffRequest, session_id: int) -> HttpResponse:
    return _entry(_session(request, session_id), for_customer=False)


@require_GET
def customer_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The customer's calendar entry, by the signed address of their invitation."""
    key = calendar.session_of(token)
    session = Session.objects.select_related("account", "coach").filter(pk=key).first() if key else None
    if session is None:
        raise Http404("No such page.")
    return _entry(session, for_customer=True)


def _entry(session: Session, *, for_customer: bool) -> HttpResponse:
    try:
        words = calendar.entry(session, for_customer=for_customer, now=clock.now())
    except ValueError as error:
        raise Http404("No such page.") from error
    headers = {"Content-Disposition": f'attachment; filename="session-{session.pk}.ics"', "Cache-Control": "private, no-store"}
    return HttpResponse(words, content_type="text/calendar; charset=utf-8", headers=headers)


@require_GET
@staff_page
def team_page(request: StaffRequest) -> HttpResponse:
    """Coverage, what waits and what came of it, for whoever looks after several books."""
    now = now_for(request.user)
    (told,) = whole(request, shown.team(request.user, now=now))
    return render(request, "sessions/team.html", {"title": "Coaching in the team", "now": now, **told, "back": reverse("sessions")})
