"""The account's page: its head, its story and the tabs beside it, as of now or of any day; what people write on it."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.views.decorators.http import require_GET, require_POST

from apps.accounts import services as accounts
from apps.accounts.models import Account, Contact, Promise
from apps.accounts.types import NoteKind, PromiseState
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.reading import Reading, by_key, gather, read
from apps.milestones import selectors as milestones

from .. import edits, services
from ..selectors import health, past, portfolio, record, since, timeline, usage, voice, why, worth
from ..selectors import people as people_of
from ..selectors.milestones import path
from ..types import Kind
from .actions import do, mine
from .page import StaffRequest, now_for, part, staff_page, whole, zone_of

# Name, label, icon; the first is the page one opens.
TABS = (
    ("story", "Story", "history"),
    ("risk", "Why?", "monitoring"),
    ("path", "Path", "flag"),
    ("people", "People", "groups"),
    ("use", "Use", "bar_chart"),
    ("money", "Money", "payments"),
    ("voice", "Voice", "forum"),
    ("facts", "Facts", "fact_check"),
)
_NARROWS = {"before", "day", "kind", "q", "channel"}
CHANNELS = (("email", "Email"), ("in_app", "In-app"), ("call", "Call"), ("meeting", "Meeting"))


@require_GET
@staff_page
def account_page(request: StaffRequest, account_id: int) -> HttpResponse:
    today = now_for(request.user)
    day = past.day_of(request.GET.get("as_of", ""), today.date())
    now = past.end_of(day, today) if day else today
    tab = request.GET.get("tab", "")
    tab = tab if tab in {name for name, _, _ in TABS} else "story"
    asked = part(request, {"story", "older", "side", "head", "tab"})
    try:
        account = read(by_key(record.found(request.user, account_id, now=now, past=bool(day))))
    except Account.DoesNotExist:
        raise Http404("No such page.") from None
    context = _common(request, account, now, day, tab)
    readers = [] if asked in {"side", "head"} else [_tab(request, account, tab, now, bool(day))]
    if asked not in {"story", "older", "tab"}:
        readers += [_record(request, account, now, bool(day)), _editing(request, context)]
    if asked:
        for told in whole(request, *map(by_key, readers)):
            context |= told
        return render(request, f"dashboards/parts/{f'tab_{tab}' if asked == 'tab' else asked}.html", context)
    readers.append(_health(account, today, now if day else None))
    if not day:
        visit = services.note_visit(request.user, account, now=today)
        plain = tab == "story" and not _NARROWS & set(request.GET)
        readers.append(_since(account, visit, today, with_newest=not plain))
    for told in whole(request, *map(by_key, readers)):
        context |= told
    return render(request, "dashboards/account.html", context | _told_since(context))


def _common(request: StaffRequest, account: Account, now: datetime, day: Any, tab: str) -> dict[str, Any]:
    own = reverse("account", args=[account.pk])
    then = f"&{urlencode({'as_of': day.isoformat()})}" if day else ""
    common = {"title": "Account", "account": account, "now": now, "as_of": day, "tab": tab, "tabs": TABS, "own": own, "then": then}
    # The past is looked at, not worked on.
    return common | {"may_act": request.user.may_act and not day}


def _record(request: StaffRequest, account: Account, now: datetime, past: bool) -> Reading[dict[str, Any]]:
    return {"record": (yield from record.record(request.user, account, now=now, past=past))}


def _health(account: Account, today: datetime, moment: datetime | None) -> Reading[dict[str, Any]]:
    return {"health": (yield from health.card(account, now=today, moment=moment))}


def _editing(request: StaffRequest, context: dict[str, Any]) -> Reading[dict[str, Any]]:
    """What the head needs so that its facts can be typed over."""
    if not context["may_act"]:
        return {}
    account = context["account"]
    editing = yield from portfolio.editing()
    raw = {name: edits.as_told(getattr(account, name)) for name in edits.FITS}
    config = {"id": account.pk, "raw": raw, "labels": edits.LABELS, "url": reverse("edit_accounts")}
    return {"facts": config | editing, "writing": {"kinds": NoteKind.choices}}


def _tab(request: StaffRequest, account: Account, tab: str, now: datetime, then: bool) -> Reading[dict[str, Any]]:
    if tab == "risk":
        return {"why": (yield from why.why(account, now=now, past=then))}
    if tab == "path":
        return _path(request, account, now, then)
    if tab == "people":
        return {"people": (yield from people_of.people_map(account, now=now, past=then))}
    if tab == "use":
        return {"usage": (yield from usage.usage(account, until=now.date()))}
    if tab == "money":
        return {"worth": (yield from worth.worth(account, now=now))}
    if tab == "voice":
        return {"voice": (yield from voice.voice(account, now=now))}
    if tab == "facts":
        return {}
    return (yield from _story(request, account, now))


def _path(request: StaffRequest, account: Account, now: datetime, then: bool) -> dict[str, Any]:
    """The milestones on their way; a link to it as a person of theirs sees it, for those who may give it to them."""
    if not request.user.has_perm("milestones.view_milestone"):
        raise PermissionDenied("Your role does not look at milestones.")
    if then:
        return {"steps": path.then(account, moment=now)}
    link = ""
    if request.user.may_act:
        person = Contact.objects.filter(account=account, departed_on=None).order_by("pk").first()
        link = reverse("path", args=[milestones.path_token(person, now=now, only_look=True)]) if person else ""
    may_change = request.user.may_act and request.user.has_perm("milestones.change_milestone")
    return {"path": path.told(account, now=now, link=link), "may_change": may_change}


def _story(request: StaffRequest, account: Account, now: datetime) -> Reading[dict[str, Any]]:
    """`day` goes to the end of a day, `before` to the next page; both stay within what was known at `now`."""
    start = parse_datetime(request.GET.get("before", "")) if request.GET.get("before") else None
    start = start if start is not None and start.tzinfo is not None else None
    try:
        day = parse_date(request.GET.get("day", ""))
    except ValueError:
        day = None
    if start is None and day is not None:
        start = past.end_of(day, now)
    kind, channel = request.GET.get("kind", ""), request.GET.get("channel", "")
    sought = timeline.Sought(
        kind=kind if kind in Kind.values else "",
        words=request.GET.get("q", "").replace("\x00", "").strip()[:100],
        channel=channel if channel in dict(CHANNELS) else "",
    )
    moments, older = yield from timeline.page(account, before=min(start or now, now), sought=sought)
    return {
        "moments": moments,
        "days": timeline.by_day(moments, zone_of(request.user)),
        "older": older,
        "kind": sought.kind,
        "sought": sought,
        "day": day,
        "kinds": Kind.choices,
        "channels": CHANNELS,
        "continued": start is not None,
    }


def _since(account: Account, visit: datetime | None, now: datetime, *, with_newest: bool) -> Reading[dict[str, Any]]:
    """What was there at the last visit; with the newest of the story where the page shows something else."""
    if visit is None:
        return {"before": None}
    if not with_newest:
        return {"before": (yield from since.before(account, visit, now=now))}
    before, (newest, _) = yield from gather(since.before(account, visit, now=now), timeline.page(account, before=now))
    return {"before": before, "moments": newest}


def _told_since(context: dict[str, Any]) -> dict[str, Any]:
    """What is new since the last visit; a page of the past has none."""
    if "before" not in context:
        return {}
    if context["before"] is None:
        return {"since": None, "first_visit": True}
    known = context["record"]
    return {"since": since.strip(context["before"], risk=known.risk, present=known.health, moments=context["moments"])}


@require_POST
@staff_page
def write_note(request: StaffRequest, account_id: int) -> HttpResponse:
    """One form: the note, up to three promises, the pulse."""
    account = mine(request, Account.objects.all(), account_id)
    now = now_for(request.user)

    def call(actor: Actor) -> str:
        kind = request.POST.get("kind", "")
        people = [int(key) for key in request.POST.getlist("contacts") if key.isascii() and key.isdigit() and len(key) < 18]
        promises = list(promised(request, now))
        pulse = numbered(request.POST.get("pulse", ""), "pulse")
        accounts.write_down(
            account,
            author=request.user,
            kind=NoteKind(kind) if kind in NoteKind.values else NoteKind.NOTE,
            body=request.POST.get("body", ""),
            contacts=list(Contact.objects.filter(account=account, pk__in=people)),
            minutes=numbered(request.POST.get("minutes", ""), "minutes"),
            promises=promises,
            pulse=pulse,
            reason=request.POST.get("reason", ""),
            actor=actor,
            now=clock.now(),
        )
        kept = f", with {len(promises)} promise{'' if len(promises) == 1 else 's'}" if promises else ""
        return f"Saved{kept}{' and your pulse' if pulse is not None else ''}."

    return do(request, call)


def promised(request: StaffRequest, now: datetime) -> Any:
    for text, due, whose in zip(*(request.POST.getlist(name) for name in ("promise", "due", "whose")), strict=False):
        if not text.strip():
            continue
        try:
            day = parse_date(due)
        except ValueError:
            day = None
        if day is None:
            raise Refused("no_day", f"“{text[:60]}” needs a day. Nothing was saved.")
        yield accounts.Promised(text=text, due_on=day, by_customer=whose == "theirs")


def numbered(word: str, what: str) -> int | None:
    word = word.strip()
    if not word:
        return None
    if not (word.isascii() and word.isdigit() and len(word) < 5):
        raise Refused("no_number", f"The {what} must be a whole number. Nothing was saved.")
    return int(word)


@require_POST
@staff_page
def settle_promise(request: StaffRequest, promise_id: int, state: str) -> HttpResponse:
    promise = mine(request, Promise.objects.select_related("account"), promise_id)

    def call(actor: Actor) -> str:
        if state == "open":
            accounts.reopen_promise(promise, actor=actor, now=clock.now())
            return f"Open again: {promise.text}"
        accounts.settle_promise(promise, state=PromiseState(state), actor=actor, now=clock.now())
        return f"{'Kept' if state == PromiseState.KEPT else 'Dropped'}: {promise.text}"

    return do(request, call, "" if state == "open" else reverse("settle_promise", args=[promise.pk, "open"]))
