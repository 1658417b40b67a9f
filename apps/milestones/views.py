"""The customer's own path as a page: no sign-in, no cookies; it works without scripts, and may stand in a frame of the origins that are set."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Contact
from apps.core import clock

from . import languages, pages, tokens

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


def _contact(token: str) -> Contact:
    found = tokens.contact_of(token, now=clock.now())
    if found is None:
        raise Http404(_GONE)
    return found


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD"])
def path_page(request: HttpRequest, token: str) -> HttpResponse:
    """The whole page, or with `part=path` what moves on it."""
    contact, asked = _contact(token), request.GET.get("lang", "")[:12]
    language = languages.for_page(contact, request.headers.get("Accept-Language", ""), asked)
    context = {"page": pages.page_of(contact, language), "said": languages.words(language), "language": language, "token": token, "asked": asked}
    template = "customer/path_part.html" if request.GET.get("part") == "path" else "customer/path.html"
    return _framed(request, HttpResponse(render_to_string(template, context)), language)


def _framed(request: HttpRequest, response: HttpResponse, language: str) -> HttpResponse:
    """With the page's own policy instead of the staff's, in frames as far as settings allow."""
    response._csp_config = _policy(request)  # type: ignore[attr-defined]
    if settings.PATH_FRAME_ORIGINS:
        response.xframe_options_exempt = True
    response["Content-Language"] = language
    response["Referrer-Policy"] = "no-referrer"
    response["Vary"] = "Accept-Language"
    return response
