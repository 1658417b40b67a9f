"""The customer's own path as a page: no sign-in, no cookies; it works without scripts, and may stand in a frame of the origins that are set."""

import secrets
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Contact
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused

from . import languages, own_rewards, pages, services, tokens
from .types import Level

_GONE = "This link is not complete, or older than three months. Ask for a new one where you found it."


def _policy(request: HttpRequest) -> dict[str, list[str]]:
    """Our own style and script, a socket to ourselves, nothing else; in a frame only where PATH_FRAME_ORIGINS says so."""
    socket = f"{'wss' if request.is_secure() else 'ws'}://{request.get_host()}"
    return {
        "default-src": ["'none'"],
        "style-src": ["'self'"],
        "script-src": ["'self'"],
        "connect-src": ["'self'", socket],
        "img-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": list(settings.PATH_FRAME_ORIGINS) or ["'none'"],
        "base-uri": ["'none'"],
    }


def _contact(token: str, *, to_act: bool = False) -> Contact:
    found = tokens.contact_of(token, now=clock.now(), to_act=to_act)
    if found is None:
        raise Http404(_GONE)
    return found


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD"])
def path_page(request: HttpRequest, token: str) -> HttpResponse:
    """The whole page, or with `part` what moves on it: the path, or the rewards."""
    contact, asked = _contact(token), request.GET.get("lang", "")[:12]
    language = languages.for_page(contact, request.headers.get("Accept-Language", ""), asked)
    context = {
        "page": pages.page_of(contact, language),
        "said": languages.words(language),
        "language": language,
        "token": token,
        "asked": asked,
        "told": _told(request.GET.get("told", ""), language),
        "may_act": tokens.contact_of(token, now=clock.now(), to_act=True) is not None,
        # Pressed twice it asks once; a page that was fetched anew may ask again.
        "once": secrets.token_urlsafe(12),
    }
    part = request.GET.get("part", "")
    return _framed(request, HttpResponse(render_to_string(_PARTS.get(part, "customer/path.html"), context)), language)


_PARTS = {"path": "customer/path_part.html", "rewards": "customer/rewards_part.html"}


def _told(word: str, language: str) -> str:
    """What came of the button that led here."""
    said = languages.words(language)
    if word in ("chosen", "asked"):
        return str(said[f"done_{word}"])
    return str(said["refusals"].get(word, said["refusals"][""])) if word else ""


@csrf_exempt
@never_cache
@require_http_methods(["POST"])
def path_choose(request: HttpRequest, token: str) -> HttpResponse:
    """How far the person lets their name be seen, from now on."""
    contact = _contact(token, to_act=True)
    level = request.POST.get("level", "")
    if level not in Level.values:
        return _back(request, token, "unknown")
    actor = Actor.contact(contact.pk)
    services.choose_recognition(contact=contact, level=level, by_name=request.POST.get("by_name") == "yes", actor=actor, now=clock.now())
    return _back(request, token, "chosen")


@csrf_exempt
@never_cache
@require_http_methods(["POST"])
def path_redeem(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for one thing of the catalogue in the name of the account; the same press twice asks once."""
    contact = _contact(token, to_act=True)
    item = own_rewards.item_offered(request.POST.get("item", "")[:60])
    if item is None:
        return _back(request, token, "withdrawn")
    key = f"path:{contact.pk}:{request.POST.get('once', '')[:40]}"
    actor = Actor.contact(contact.pk)
    try:
        services.redeem(account=contact.account, item=item, idem_key=key, actor=actor, now=clock.now(), contact=contact)
    except Refused as refusal:
        return _back(request, token, refusal.code)
    return _back(request, token, "asked")


def _back(request: HttpRequest, token: str, told: str) -> HttpResponse:
    """To the page, so that a reload repeats nothing."""
    asked = request.POST.get("lang", "")[:12]
    told_in = urlencode({"told": told, **({"lang": asked} if asked else {})})
    answer = HttpResponse(status=303, headers={"Location": f"{reverse('path', args=[token])}?{told_in}#told-now"})
    return _framed(request, answer, "en")


def _framed(request: HttpRequest, response: HttpResponse, language: str) -> HttpResponse:
    """With the page's own policy instead of the staff's, in frames as far as settings allow."""
    response._csp_config = _policy(request)  # type: ignore[attr-defined]
    if settings.PATH_FRAME_ORIGINS:
        response.xframe_options_exempt = True
    response["Content-Language"] = language
    response["Referrer-Policy"] = "no-referrer"
    response["Vary"] = "Accept-Language"
    return response
