"""The pages of referrals: no sign-in, no scripts; looking changes nothing, buttons do. A cookie is set only by the button that says so."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

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
from apps.milestones import selectors as milestones

from ..models import Advocate, ReferralProgram
from . import clicking, inviting, joining, languages, links, pages

COOKIE = "cs_ref"
_GONE = "This link is not complete, or not ours. Use it exactly as it stands in the message."
_GONE_OWN = "This link is not complete, or older than three months. Ask for a new one where you found it."


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def landing(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a recommendation: a GET shows the offer and leaves nothing, the button counts a click and leads on to the product."""
    meaning = links.meaning_of_link(token)
    advocate = Advocate.objects.select_related("program__current").filter(code=meaning.code).first() if meaning else None
    if meaning is None or advocate is None:
        raise Http404(_GONE)
    language = languages.for_page(None, request.headers.get("Accept-Language", ""), request.GET.get("lang", "")[:12])
    offer = pages.offer_of(advocate, language)
    if offer is not None and request.method == "POST":
        earlier, address = request.COOKIES.get(COOKIE, "")[:300], str(request.META.get("REMOTE_ADDR", ""))
        touch = clicking.click(advocate, invite_id=meaning.invite_id, earlier=earlier, address=address, now=clock.now())
        answer = _strict(HttpResponse(status=303, headers={"Location": _with(offer.goes_to, touch)}), language, offer.goes_to)
        answer.set_cookie(COOKIE, touch, max_age=offer.days * 86_400, path="/c/r/", secure=request.is_secure(), httponly=True, samesite="Lax")
        return answer
    said = languages.words(language)
    context = {"offer": offer, "said": said, "language": language, "measured": said["measured"].format(days=offer.days) if offer else ""}
    response = HttpResponse(render_to_string("customer/referral.html", context), status=200 if offer else 410)
    return _strict(response, language, offer.goes_to if offer else "")


def _with(address: str, touch: str) -> str:
    """The product's address, with what it is to tell us when somebody signs up."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query=urlencode([*parse_qsl(parts.query, keep_blank_values=True), ("ref", touch)])))


def _strict(response: HttpResponse, language: str, goes_to: str = "") -> HttpResponse:
    """Our own style and nothing else; a form may lead to ourselves, and on to where the program says."""
    parts = urlsplit(goes_to)
    on = [f"{parts.scheme}://{parts.netloc}"] if goes_to else []
    response._csp_config = {  # type: ignore[attr-defined]
        "default-src": ["'none'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "form-action": ["'self'", *on],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
    response["Content-Language"] = language
    response["Referrer-Policy"] = "no-referrer"
    response["Vary"] = "Accept-Language"
    return response


def _contact(token: str, *, to_act: bool = False) -> Contact:
    found = milestones.contact_of_path(token, now=clock.now(), to_act=to_act)
    if found is None:
        raise Http404(_GONE_OWN)
    return found


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD"])
def own_page(request: HttpRequest, token: str) -> HttpResponse:
    """A customer's own page: their link, an invitation, and how their recommendations stand. The link of their path opens it."""
    contact, asked = _contact(token), request.GET.get("lang", "")[:12]
    language = languages.for_page(contact, request.headers.get("Accept-Language", ""), asked)
    said = languages.words(language)
    word = request.GET.get("told", "")
    context = {
        "page": pages.own_page(contact, language, now=clock.now()),
        "said": said,
        "language": language,
        "token": token,
        "asked": asked,
        "told": (said["told"].get(word) or said["told"][""]) if word else "",
        "may_act": milestones.contact_of_path(token, now=clock.now(), to_act=True) is not None,
    }
    return _strict(HttpResponse(render_to_string("customer/recommend.html", context)), language)


@csrf_exempt
@never_cache
@require_http_methods(["POST"])
def own_join(request: HttpRequest, token: str, key: str) -> HttpResponse:
    """They want their link."""
    contact = _contact(token, to_act=True)
    actor = Actor.contact(contact.pk)
    return _do(request, token, "joined", lambda: joining.join(_program(key), contact=contact, actor=actor, now=clock.now()))


@csrf_exempt
@never_cache
@require_http_methods(["POST"])
def own_invite(request: HttpRequest, token: str, key: str) -> HttpResponse:
    """They want somebody to be invited."""
    contact = _contact(token, to_act=True)
    actor, address, language = Actor.contact(contact.pk), request.POST.get("email", "")[:254], request.POST.get("language", "")
    locale = language if language in languages.LANGUAGES else "en"

    def call() -> object:
        advocate = joining.join(_program(key), contact=contact, actor=actor, now=clock.now())
        return inviting.invite(advocate, address=address, locale=locale, actor=actor, now=clock.now())

    return _do(request, token, "invited", call)


def _program(key: str) -> ReferralProgram:
    program = ReferralProgram.objects.select_related("current").filter(key=key).first()
    if program is None:
        raise Http404(_GONE_OWN)
    return program


def _do(request: HttpRequest, token: str, done: str, call: Callable[[], object]) -> HttpResponse:
    """One service call, then back to the page, so that a reload repeats nothing."""
    try:
        call()
        word = done
    except Refused as refusal:
        word = refusal.code
    asked = request.POST.get("lang", "")[:12]
    told = urlencode({"told": word, **({"lang": asked} if asked else {})})
    return _strict(HttpResponse(status=303, headers={"Location": f"{reverse('recommend', args=[token])}?{told}#told-now"}), "en")
