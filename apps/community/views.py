"""Pages for customers: no sign-in, no cookies, no scripts; looking changes nothing."""

from datetime import datetime
from typing import Any

from csp.constants import NONE
from csp.decorators import csp
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Contact
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.strict import STRICT
from apps.messaging import selectors as messaging

from . import pages, selectors, services
from .models import Challenge, NamedConsent, Statement
from .sharing import languages
from .types import AskKind, ChallengeState, Surface


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


@csrf_exempt
@never_cache
@csp(STRICT)  # type: ignore[arg-type]
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, token: str) -> HttpResponse:
    """One question and two buttons; whoever only opens the link, or scans it, has answered nothing."""
    row = selectors.ask_of(token)
    if row is None:
        raise Http404("This link is not complete, or belongs to nobody we know any more. Use the link exactly as it stands in the message.")
    if request.method == "POST":
        word = request.POST.get("answer")
        if word not in ("yes", "no"):
            raise Http404("Answer by one of the two buttons.")
        services.answer_ask(ask=row, agreed=word == "yes", actor=Actor.contact(row.contact_id), now=clock.now())
        row.refresh_from_db(fields=["state"])
    language = languages.for_page(row.contact, request.headers.get("Accept-Language", ""))
    said = languages.words(language)
    review = services.rules_now().review_url if row.kind == AskKind.REVIEW else ""
    told = {
        "said": said,
        "language": language,
        "question": said["ask"][row.kind],
        "ask": row,
        "review": review,
        "token": messaging.preferences_token(row.contact_id),
    }
    return bare("customer/ask.html", told, language)


@csrf_exempt
@never_cache
@csp(STRICT)  # type: ignore[arg-type]
@require_http_methods(["GET", "HEAD", "POST"])
def challenges(request: HttpRequest, token: str) -> HttpResponse:
    """The challenges among comparable accounts, one's own count, and a button to join or leave each."""
    contact = messaging.contact_of_preferences(token)
    if contact is None or contact.departed_on:
        raise Http404("This link is not complete, or belongs to nobody we know any more. Use the link exactly as it stands in the message.")
    now, done = clock.now(), ""
    if request.method == "POST":
        row = Challenge.objects.exclude(state=ChallengeState.DRAFT).filter(key=request.POST.get("challenge", "")[:60]).first()
        word = request.POST.get("word")
        if row is None or word not in ("join", "leave"):
            raise Http404("There is no such challenge.")
        done = _take_part(row, contact, word, now)
    language = languages.for_page(contact, request.headers.get("Accept-Language", ""))
    told = {
        "said": languages.words(language),
        "language": language,
        "token": token,
        "done": languages.words(language).get(done, ""),
        "may": contact.pk in selectors.may([contact.pk], Surface.BOARDS),
        "challenges": pages.challenges_of(contact, language, now=now),
    }
    return bare("customer/challenges.html", told, language)


def _take_part(row: Challenge, contact: Contact, word: str, now: datetime) -> str:
    actor = Actor.contact(contact.pk)
    if word == "leave":
        services.leave(challenge=row, contact=contact, actor=actor, now=now)
        return "left"
    try:
        services.join(challenge=row, contact=contact, actor=actor, now=now)
    except Refused as refusal:
        return "challenges_choose" if refusal.code == "did_not_choose" else "challenge_over"
    return "joined"


@csp(STRICT)  # type: ignore[arg-type]
@require_http_methods(["GET", "HEAD"])
def proof(request: HttpRequest, key: str) -> HttpResponse:
    """A statement and how it is made; gone while its number may not be shown."""
    statement = Statement.objects.select_related("milestone").filter(key=key).first()
    language = languages.for_page(None, request.headers.get("Accept-Language", ""))
    shown = selectors.told(statement, language, now=clock.now()) if statement else None
    if shown is None:
        raise Http404("There is no such statement just now.")
    response = bare("customer/proof.html", {"language": language, "told": shown}, language)
    # The number is of the day; nobody learns more by asking more often.
    response["Cache-Control"], response["Vary"] = "public, max-age=3600", "Accept-Language"
    return response


@csp({"default-src": [NONE]})  # type: ignore[arg-type]
@require_http_methods(["GET", "HEAD"])
def card(request: HttpRequest, token: str) -> HttpResponse:
    """A picture to share, without anything of a person or an account."""
    picture = selectors.card(token)
    if picture is None:
        raise Http404("There is no such picture.")
    response = HttpResponse(picture, content_type="image/svg+xml")
    response["Cache-Control"] = "public, max-age=86400"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def bare(template: str, told: dict[str, Any], language: str) -> HttpResponse:
    """Rendered without the request: nothing of the staff's shell, no session, no cookie."""
    response = HttpResponse(render_to_string(template, told))
    response["Content-Language"] = language
    response["Referrer-Policy"] = "no-referrer"
    return response
