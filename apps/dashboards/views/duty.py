"""The on-duty calendar: weeks of a rota, people who stand in, and the order of turns."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.models import Team, User
from apps.alerts import services as alerts
from apps.alerts.models import DutyOverride, DutyRota
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused

from ..selectors import escalation as reading
from .escalation import may_write, readers_only, writers_only
from .page import StaffRequest, now_for, staff_page

_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_TAKEN = ("new",)


def the_rota(key: str) -> DutyRota:
    rota = DutyRota.objects.select_related("team").filter(key=key).first()
    if rota is None:
        raise Http404("No such page.")
    return rota


@require_GET
@staff_page
def duty_page(request: StaffRequest) -> HttpResponse:
    readers_only(request)
    context = {
        "title": "On duty",
        "now": now_for(request.user),
        "duty": reading.duty(now=clock.now()),
        "may_write": may_write(request),
        "tab": "duty",
    }
    return render(request, "escalation/duty.html", context)


@require_GET
@staff_page
def rota_page(request: StaffRequest, key: str) -> HttpResponse:
    readers_only(request)
    rota, now = the_rota(key), clock.now()
    today = now.astimezone(ZoneInfo(rota.zone)).date()
    start = _day(request.GET.get("from", "")) or today
    context = {
        "title": "On duty",
        "now": now_for(request.user),
        "rota": rota,
        "weeks": reading.calendar(rota, start=start, now=now),
        "before": start - timedelta(weeks=4),
        "after": start + timedelta(weeks=4),
        "moved": start != today,
        "person": alerts.rotas.on_duty(rota, at=now),
        "members": list(rota.members.select_related("user").order_by("position")),
        "overrides": list(rota.overrides.filter(ends_at__gt=now).select_related("user").order_by("starts_at")),
        "people": reading.people(),
        "may_write": may_write(request),
        "tab": "duty",
    }
    return render(request, "escalation/rota.html", context)


def _day(word: str) -> date | None:
    try:
        found = date.fromisoformat(word)
    except ValueError:
        return None
    return found if 2000 < found.year < 2200 else None


@require_http_methods(["GET", "POST"])
@staff_page
def rota_new(request: StaffRequest) -> HttpResponse:
    return _write(request, None)


@require_http_methods(["GET", "POST"])
@staff_page
def rota_edit(request: StaffRequest, key: str) -> HttpResponse:
    return _write(request, the_rota(key))


def _write(request: StaffRequest, rota: DutyRota | None) -> HttpResponse:
    writers_only(request)
    today = now_for(request.user).date()
    said: Any = request.POST
    flaw = ""
    if request.method == "POST":
        try:
            return _written(request, rota, said)
        except Refused as refusal:
            flaw = refusal.message
    elif rota is not None:
        order = rota.members.order_by("position").values_list("user__email", flat=True)
        said = {"name": rota.name, "zone": rota.zone, "starts_on": rota.starts_on.isoformat(), "handover_at": f"{rota.handover_at:%H:%M}"}
        said |= {"turn_days": str(rota.turn_days), "team": rota.team.name if rota.team else "", "order": "\n".join(order)}
    else:
        monday = today - timedelta(days=today.weekday())
        said = {"zone": request.user.time_zone or "UTC", "starts_on": monday.isoformat(), "handover_at": "09:00", "turn_days": "7"}
    context = {
        "title": "On duty",
        "now": now_for(request.user),
        "rota": rota,
        "said": said,
        "flaw": flaw,
        "teams": list(Team.objects.order_by("name")),
        "people": reading.people(),
    }
    return render(request, "escalation/rota_form.html", context, status=409 if flaw else 200)


def _written(request: StaffRequest, rota: DutyRota | None, said: Any) -> HttpResponse:
    name = said.get("name", "").strip()[:80]
    key = rota.key if rota else re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]
    if not name or not _KEY.fullmatch(key) or key in _TAKEN:
        raise Refused("bad_name", "Give it a name of letters and digits.")
    starts_on, handover = _day(said.get("starts_on", "")), _clock(said.get("handover_at", ""))
    if starts_on is None or handover is None:
        raise Refused("bad_start", "Say on which day the first turn begins, and at what time it is handed over.")
    days = said.get("turn_days", "")
    found = alerts.rotas.write(
        rota,
        key=key,
        name=name,
        team=Team.objects.filter(name=said.get("team", "")).first(),
        zone=said.get("zone", "").strip()[:60],
        starts_on=starts_on,
        handover_at=handover,
        turn_days=int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0,
        order=_order(said.get("order", "")),
        now=clock.now(),
    )
    messages.success(request, f"“{found.name}” is saved.")
    return redirect("rota", key=found.key)


def _order(words: str) -> list[User]:
    """People by their addresses, one a line. Raises Refused."""
    found = []
    for line in words.splitlines():
        if not (email := line.strip()):
            continue
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None:
            raise Refused("nobody", f"Nobody of the staff has the address {email[:80]}.")
        found.append(user)
    return found


def _clock(word: str) -> time | None:
    try:
        return time.fromisoformat(word)
    except ValueError:
        return None


@require_POST
@staff_page
def rota_stand_in(request: StaffRequest, key: str) -> HttpResponse:
    """Somebody takes over, between two moments on the wall of the rota's zone."""
    writers_only(request)
    rota, said = the_rota(key), request.POST
    try:
        person = User.objects.filter(email__iexact=said.get("person", ""), is_active=True).first()
        starts, ends = _moment(said.get("starts_at", ""), rota), _moment(said.get("ends_at", ""), rota)
        if person is None or starts is None or ends is None:
            raise Refused("bad_override", "Say who stands in, from when and until when. Nothing was changed.")
        why = said.get("why", "").strip()
        alerts.rotas.stand_in(rota, user=person, starts_at=starts, ends_at=ends, why=why, actor=Actor.user(request.user), now=clock.now())
        messages.success(request, f"{person} stands in.")
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("rota", key=key)


def _moment(word: str, rota: DutyRota) -> datetime | None:
    try:
        found = datetime.fromisoformat(word)
    except ValueError:
        return None
    return found.replace(tzinfo=ZoneInfo(rota.zone)) if found.tzinfo is None and 2000 < found.year < 2200 else None


@require_POST
@staff_page
def rota_take_back(request: StaffRequest, key: str, override_id: int) -> HttpResponse:
    writers_only(request)
    override = DutyOverride.objects.filter(rota=the_rota(key), pk=override_id).first()
    if override is None:
        raise Http404("No such page.")
    try:
        alerts.rotas.take_back(override, now=clock.now())
        messages.success(request, "Nobody stands in then any more.")
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect(reverse("rota", args=[key]))
