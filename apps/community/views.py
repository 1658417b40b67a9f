"""Pages for customers: no sign-in, no cookies, no scripts; looking changes nothing."""

from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Contact
from apps.core import clock
from apps.core.actor import Actor
from apps.messaging import selectors as messaging

from . import selectors, services
from .models import NamedConsent
from .sharing import languages
from .types import Surface

STRICT: dict[str, Any] = {
    "default-src": [NONE],
    "style-src": [SELF],
    "img-src": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
}


@csrf_exempt
@never_cache
@csp(STRICT)  # type: ignore[arg-type]  # its hint knows no view with arguments
@require_http_methods(["GET", "HEAD", "POST"])
def sharing(request: HttpRequest, token: str) -> HttpResponse:
    """What a person takes part in, opened by the link of their preferences; only a pressed button changes anything."""
    contact = messaging.contact_of_preferences(token)
    if contact is None or contact.departed_on:
        raise Http404("This link is not complete, or belongs to nobody we know any more. Use the link exactly as it stands in the message.")
    done = _act(request, contact) if request.method == "POST" else ""
    language = languages.for_page(contact, request.headers.get("Accept-Language", ""))
    said = languages.words(language)
    asked = NamedConsent.objects.filter(contact=contact).order_by("-asked_at", "-id")
    told = {
        "said": said,
        "language": language,
        "token": token,
        "done": said[done] if done else "",
        "surfaces": [(one, *said["surfaces"][one.surface]) for one in selectors.standings(contact)],
        "named": asked,
    }
    return bare("customer/sharing.html", told, language)


def _act(request: HttpRequest, contact: Contact) -> str:
    """One of the two forms: all the ticks, or the answer to one thing that would name them."""
    now, actor = clock.now(), Actor.contact(contact.pk)
    if "item" in request.POST:
        row = NamedConsent.objects.filter(contact=contact, item=request.POST["item"][:80]).first()
        if row is None or request.POST.get("answer") not in ("yes", "no"):
            raise Http404("Nobody asked you this.")
        services.answer_naming(consent=row, allowed=request.POST["answer"] == "yes", source="sharing page", actor=actor, now=now)
        return "answered"
    want = set(request.POST.getlist("want"))
    services.choose(contact, {surface: surface in want for surface in Surface.values}, source="sharing page", actor=actor, now=now)
    return "saved"


def bare(template: str, told: dict[str, Any], language: str) -> HttpResponse:
    """Rendered without the request: nothing of the staff's shell, no session, no cookie."""
    response = HttpResponse(render_to_string(template, told))
    response["Content-Language"] = language
    response["Referrer-Policy"] = "no-referrer"
    return response
