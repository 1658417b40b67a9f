"""Pages for customers: no sign-in, no cookies, no scripts."""

from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.core import clock
from apps.core.errors import Refused

from . import selectors, services
from .consents import Choice
from .types import Channel

_STRICT: dict[str, Any] = {
    "default-src": [NONE],
    "style-src": [SELF],
    "img-src": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
}


@csrf_exempt
@never_cache
@csp(_STRICT)  # type: ignore[arg-type]  # its hint knows no view with arguments
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """RFC 8058: a POST without cookies unsubscribes, a GET (link scanners follow it) only asks."""
    meaning = selectors.meaning_of_unsubscribe(token)
    if meaning is None:
        raise Http404("This link is not complete. Use the link exactly as it stands in the email.")
    done = request.method == "POST"
    if done:
        one_click = request.POST.get("List-Unsubscribe") == "One-Click"
        try:
            services.unsubscribe(token_or_contact=token, source="one-click" if one_click else "unsubscribe page", now=clock.now())
        except Refused as refusal:
            raise Http404(refusal.message) from refusal
    told = {"done": done, "channel": Channel(meaning[1]).label, "topic": meaning[2], "preferences": selectors.preferences_token(meaning[0])}
    return _bare("customer/unsubscribe.html", told)


@csrf_exempt
@never_cache
@csp(_STRICT)  # type: ignore[arg-type]
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """What a customer wants to hear about and where: looking changes nothing, saving says yes or no to each."""
    contact = selectors.contact_of_preferences(token)
    if contact is None:
        raise Http404("This link is not complete, or belongs to nobody we know any more. Use the link exactly as it stands in the message.")
    saved = request.method == "POST"
    if saved:
        services.choose(contact, set(request.POST.getlist("want")), source="preferences page", now=clock.now())
    groups: dict[str, list[Choice]] = {}
    for choice in services.choices(contact):
        groups.setdefault(choice.topic, []).append(choice)
    return _bare("customer/preferences.html", {"contact": contact, "groups": groups, "saved": saved})


@csrf_exempt
@never_cache
@csp(_STRICT)  # type: ignore[arg-type]
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a double opt-in: looking changes nothing, the button says yes."""
    now = clock.now()
    meaning = selectors.meaning_of_confirm(token, now=now)
    if meaning is None:
        raise Http404("This link is not complete, or older than a week. Ask for a new one.")
    done = request.method == "POST"
    if done:
        try:
            services.confirm_consent(token, now=now)
        except Refused as refusal:
            raise Http404(refusal.message) from refusal
    told = {"done": done, "channel": Channel(meaning[1]).label, "topic": meaning[2], "preferences": selectors.preferences_token(meaning[0])}
    return _bare("customer/confirm.html", told)


def _bare(template: str, told: dict[str, Any]) -> HttpResponse:
    """Rendered without the request: nothing of the staff's shell, no session, no cookie."""
    response = HttpResponse(render_to_string(template, told))
    response["Referrer-Policy"] = "no-referrer"
    return response
