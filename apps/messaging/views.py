"""Pages for customers: no sign-in, no cookies, no scripts."""

from typing import Any

from csp.decorators import csp
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Contact
from apps.core import clock
from apps.core.errors import Refused
from apps.core.strict import STRICT

from . import guests, languages, selectors, services
from .consents import Choice
from .rendering import one_line


@csrf_exempt
@never_cache
@csp(STRICT)  # type: ignore[arg-type]  # its hint knows no view with arguments
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
    contact_id, channel, topic = meaning
    contact = Contact.objects.select_related("account").filter(pk=contact_id).first()
    language = languages.for_page(contact, request.headers.get("Accept-Language", ""))
    sentence = languages.about(language, "left_words" if done else "leave_words", topic_name=topic, channel=channel)
    return _bare("customer/unsubscribe.html", {"done": done, "sentence": sentence, "preferences": selectors.preferences_token(contact_id)}, language)


@csrf_exempt
@never_cache
@csp(STRICT)  # type: ignore[arg-type]
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """What a customer wants to hear about and where: looking changes nothing, saving says yes or no to each."""
    contact = selectors.contact_of_preferences(token)
    if contact is None:
        raise Http404("This link is not complete, or belongs to nobody we know any more. Use the link exactly as it stands in the message.")
    saved = request.method == "POST"
    if saved:
        services.choose(contact, set(request.POST.getlist("want")), source="preferences page", now=clock.now())
    language = languages.for_page(contact, request.headers.get("Accept-Language", ""))
    said = languages.words(language)
    groups: dict[str, list[tuple[Choice, str]]] = {}
    for choice in services.choices(contact):
        groups.setdefault(languages.topic(language, choice.topic), []).append((choice, said["channels"][choice.channel.value]))
    greeting = said["choose_named"].format(name=one_line(contact.name)) if contact.name.strip() else said["choose"]
    return _bare("customer/preferences.html", {"token": token, "groups": groups, "saved": saved, "greeting": greeting}, language)


@csrf_exempt
@never_cache
@csp(STRICT)  # type: ignore[arg-type]
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
    contact_id, channel, topic, _ = meaning
    contact = Contact.objects.select_related("account").filter(pk=contact_id).first()
    language = languages.for_page(contact, request.headers.get("Accept-Language", ""))
    names = ["confirmed_words"] if done else ["confirm_question", "confirm_button"]
    told = {name: languages.about(language, name, topic_name=topic, channel=channel) for name in names}
    return _bare("customer/confirm.html", {**told, "done": done, "preferences": selectors.preferences_token(contact_id)}, language)


@csrf_exempt
@never_cache
@csp(STRICT)  # type: ignore[arg-type]
@require_http_methods(["GET", "HEAD", "POST"])
def never(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody who is no contact was invited and wants it never again, from nobody: a POST says so, a GET only asks (RFC 8058)."""
    if guests.key_of_never(token) is None:
        raise Http404("This link is not complete. Use the link exactly as it stands in the email.")
    done = request.method == "POST"
    if done:
        services.never_again(token, now=clock.now())
    return _bare("customer/never.html", {"done": done}, languages.for_page(None, request.headers.get("Accept-Language", "")))


def _bare(template: str, told: dict[str, Any], language: str) -> HttpResponse:
    """Rendered without the request: nothing of the staff's shell, no session, no cookie."""
    response = HttpResponse(render_to_string(template, {**told, "language": language, "said": languages.words(language)}))
    response["Content-Language"] = language
    response["Referrer-Policy"] = "no-referrer"
    return response
