"""The bell, one's own notices, how one is told, and channels outside."""

import json
import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_POST

from apps.alerts import services as alerts
from apps.alerts.models import Alert, Notice, OutsideChannel, StaffBrowser
from apps.alerts.types import OutsideKind, Pace, Road
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.messaging import services as messaging

from ..selectors import escalation as reading
from .escalation import may_write, readers_only, writers_only
from .page import StaffRequest, now_for, number, part, staff_page

_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@require_GET
@staff_page
def notices_page(request: StaffRequest) -> HttpResponse:
    if part(request, {"bell"}):
        return render(request, "escalation/bell.html", {"unread": reading.unread(request.user)})
    page = reading.notices(request.user, number=number(request))
    context = {
        "title": "Notices",
        "now": now_for(request.user),
        "page": page,
        "groups": reading.grouped(page.object_list),
        "unread": reading.unread(request.user),
    }
    return render(request, "escalation/notice_rows.html" if part(request, {"list"}) else "escalation/notices.html", context)


@require_POST
@staff_page
def notices_read(request: StaffRequest) -> HttpResponse:
    """All of it, or one account's."""
    account = request.POST.get("account", "")
    alert_ids = None
    if account:
        mine = Notice.objects.for_user(request.user).unread()
        mine = (
            mine.filter(alert__account=int(account))
            if account.isascii() and account.isdigit() and len(account) < 19
            else mine.filter(alert__account=None)
        )
        alert_ids = list(mine.values_list("alert", flat=True))
    count = alerts.telling.read(request.user, now=clock.now(), alert_ids=alert_ids)
    if request.headers.get("HX-Request"):
        words = f"{count} notice{'' if count == 1 else 's'} read."
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"cs:done": {"words": words, "undo": ""}})})
    return redirect("notices")


@require_GET
@staff_page
def told_page(request: StaffRequest) -> HttpResponse:
    wishes = alerts.telling.wishes_of([request.user.pk])[request.user.pk]
    context = {
        "title": "How I am told",
        "now": now_for(request.user),
        "wishes": [wishes[road] for road in (Road.IN_APP, Road.EMAIL, Road.PUSH, Road.SMS)],
        "paces": Pace.choices,
        "browsers": StaffBrowser.objects.filter(user=request.user, ended_at=None).count(),
        "push_key": messaging.browsers.public_key(),
        "texts": messaging.to_staff.texts_are_set_up(),
        "tab": "told",
    }
    return render(request, "escalation/told.html", context)


@require_POST
@staff_page
def told_write(request: StaffRequest) -> HttpResponse:
    said = request.POST
    wishes: dict[str, dict[str, Any]] = {
        road: {
            "is_on": said.get(f"{road}-on") == "yes",
            "pace": said.get(f"{road}-pace", Pace.AT_ONCE),
            "urgent_only": said.get(f"{road}-urgent") == "yes",
            "number": said.get(f"{road}-number", "").strip()[:20],
        }
        for road in (Road.IN_APP, Road.EMAIL, Road.PUSH, Road.SMS)
    }
    try:
        alerts.wishes.wish(request.user, wishes=wishes)
        messages.success(request, "Saved.")
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("told")


@require_POST
@staff_page
def browser_subscribe(request: StaffRequest) -> HttpResponse:
    """A browser of this person agreed to be pushed to, or does no longer."""
    try:
        said = json.loads(request.body[:4000])
        endpoint, keys = str(said["endpoint"]), said.get("keys") or {}
        if said.get("gone"):
            alerts.wishes.unsubscribe(request.user, endpoint=endpoint, now=clock.now())
        else:
            p256dh, auth = str(keys["p256dh"]), str(keys["auth"])
            alerts.wishes.subscribe(request.user, endpoint=endpoint, p256dh=p256dh, auth=auth, now=clock.now())
    except (ValueError, KeyError, TypeError, AttributeError):
        return JsonResponse({"words": "This is no subscription of a browser."}, status=400)
    except Refused as refusal:
        return JsonResponse({"words": refusal.message}, status=409)
    return HttpResponse(status=204)


@require_GET
@cache_control(max_age=3600)
def worker(request: Any) -> HttpResponse:
    """The service worker of staff pages: a browser takes none from elsewhere than the origin's own root."""
    return render(request, "escalation/worker.js", content_type="text/javascript")


@require_GET
@staff_page
def outside_page(request: StaffRequest) -> HttpResponse:
    readers_only(request)
    context = {
        "title": "Channels outside",
        "now": now_for(request.user),
        "channels": list(OutsideChannel.objects.order_by("name", "id")),
        "kinds": [(kind, label, alerts.outside.example(kind)) for kind, label in OutsideKind.choices],
        "may_write": may_write(request),
        "tab": "outside",
    }
    return render(request, "escalation/outside.html", context)


@require_POST
@staff_page
def outside_new(request: StaffRequest) -> HttpResponse:
    writers_only(request)
    said = request.POST
    name = said.get("name", "").strip()[:80]
    key = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]
    try:
        if not _KEY.fullmatch(key) or said.get("kind") not in OutsideKind.values:
            raise Refused("bad_name", "Give it a name of letters and digits, and say what it is.")
        actor, now = Actor.user(request.user), clock.now()
        alerts.outside.create(key=key, name=name, kind=said["kind"], address=said.get("address", ""), actor=actor, now=now)
        messages.success(request, f"“{name}” is there. Try it, then name it in a policy.")
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("outside")


@require_POST
@staff_page
def outside_do(request: StaffRequest, key: str, what: str) -> HttpResponse:
    """One button: on, off, try."""
    writers_only(request)
    channel = OutsideChannel.objects.filter(key=key).first()
    if channel is None or what not in ("on", "off", "try"):
        raise Http404("No such page.")
    if what == "try":
        alert = Alert.objects.for_user(request.user).order_by("-opened_at").first()
        if alert is None:
            messages.error(request, "There is no alert yet that could be told.")
        else:
            alerts.outside.try_it(channel, alert=alert, now=clock.now())
            messages.success(request, f"The newest alert is on its way to “{channel.name}”. Reload to see whether it arrived.")
    else:
        alerts.outside.turn(channel, on=what == "on")
        messages.success(request, f"“{channel.name}” is {what}.")
    return redirect("outside")
