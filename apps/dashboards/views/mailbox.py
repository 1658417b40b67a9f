"""The demo's mailbox: what customers got, and a way to answer in their name. It does not exist outside the demo."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.messaging import services as messaging

from .page import StaffRequest, now_for, part, staff_page

NEWEST = 60


def _only_in_demo() -> None:
    if not settings.DEMO:
        raise Http404("No such page.")


@require_GET
@staff_page
def mailbox_page(request: StaffRequest) -> HttpResponse:
    _only_in_demo()
    return _show(request, request.GET.get("open", ""))


@require_GET
@staff_page
def mail_page(request: StaffRequest, key: str) -> HttpResponse:
    _only_in_demo()
    return _show(request, key)


def _show(request: StaffRequest, key: str) -> HttpResponse:
    mails = messaging.stored.newest(NEWEST)
    context = {"title": "Mailbox", "now": now_for(request.user), "mails": mails, "open": key or (mails[0].id if mails else "")}
    if part(request, {"list"}):
        return render(request, "dashboards/parts/mails.html", context)
    context["mail"] = messaging.stored.get(key) if key else (mails[0] if mails else None)
    return render(request, "dashboards/mailbox.html", context, status=404 if key and context["mail"] is None else 200)


@require_POST
@staff_page
def reply(request: StaffRequest, key: str) -> HttpResponse:
    _only_in_demo()
    if not request.user.may_act:
        raise PermissionDenied("Your role is Viewer: you can look at everything and change nothing.")
    text = request.POST.get("text", "").strip()
    if not text:
        messages.error(request, "The reply is empty. Nothing was sent.")
        return redirect("mail", key=key)
    try:
        messaging.stored.reply(key, text, now=clock.now())
        messages.success(request, "The reply is on its way, as the customer's own would be.")
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("mail", key=key)
