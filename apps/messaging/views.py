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
    # Rendered without the request: nothing of the staff's shell, no session, no cookie.
    response = HttpResponse(render_to_string("customer/unsubscribe.html", {"done": done, "channel": Channel(meaning[1]).label, "topic": meaning[2]}))
    response["Referrer-Policy"] = "no-referrer"
    return response
