"""The page on which a customer answers a survey: no sign-in, no cookies, no scripts. Looking changes nothing, whatever the link carries."""

from typing import Any

from csp.decorators import csp
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.core import clock
from apps.core.errors import Refused
from apps.core.strict import STRICT

from .models import Invitation
from .surveys import languages, pages, services, tokens


@csrf_exempt
@never_cache
@csp(STRICT)  # type: ignore[arg-type]  # its hint knows no view with arguments
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """A GET shows the question, with the score of the link chosen beforehand; only the button answers."""
    invitation, now = _invitation(token), clock.now()
    language = languages.for_page(invitation.contact, request.headers.get("Accept-Language", ""))
    if request.method == "POST":
        return _answered(request, invitation, token, language)
    if "sent" in request.GET and (told := pages.thanks(invitation, language, now=now)):
        return _bare("customer/survey_thanks.html", {"told": told, "token": token}, language)
    page = pages.page_of(invitation, language, chosen=_number(request.GET.get("score", "")), now=now)
    return _bare("customer/survey.html", {"page": page}, language)


def _answered(request: HttpRequest, invitation: Invitation, token: str, language: str) -> HttpResponse:
    now, score = clock.now(), _number(request.POST.get("score", ""))
    if score is not None:
        try:
            services.answer(invitation, score=score, comment=request.POST.get("comment", ""), language=language, now=now)
        except Refused as refusal:
            if refusal.code == "closed":
                page = pages.page_of(_invitation(token), language, chosen=None, now=now)
                return _bare("customer/survey.html", {"page": page}, language, status=409)
        else:
            # To the page of thanks, so that a reload repeats nothing.
            return _framed(HttpResponse(status=303, headers={"Location": f"{reverse('survey', args=[token])}?sent=1"}), language)
    page = pages.page_of(invitation, language, chosen=None, now=now)
    flaw = str(languages.words(language)["choose"]) if page.may_answer else ""
    typed = request.POST.get("comment", "")[: services.LONGEST]
    return _bare("customer/survey.html", {"page": page, "flaw": flaw, "typed": typed}, language, status=400)


def _invitation(token: str) -> Invitation:
    found = tokens.invitation_of(token)
    if found is None:
        raise Http404("This link is not complete, or belongs to nobody we know any more. Use the link exactly as it stands in the message.")
    return found


def _number(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 2 else None


def _bare(template: str, told: dict[str, Any], language: str, status: int = 200) -> HttpResponse:
    """Rendered without the request: nothing of the staff's shell, no session, no cookie."""
    words = render_to_string(template, {**told, "language": language, "said": languages.words(language)})
    return _framed(HttpResponse(words, status=status), language)


def _framed(response: HttpResponse, language: str) -> HttpResponse:
    response["Content-Language"] = language
    response["Referrer-Policy"] = "no-referrer"
    response["Vary"] = "Accept-Language"
    return response
