"""Templates: what messages say, per channel and language; tried on a real person before they are saved."""

import json
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Conflict, Refused
from apps.messaging import services as messaging
from apps.messaging.models import Template
from apps.messaging.services import locales
from apps.messaging.types import Channel, Draft, Trouble

from ..selectors import sayings
from .page import StaffRequest, now_for, number, staff_page


@require_GET
@staff_page
def templates_page(request: StaffRequest) -> HttpResponse:
    words = request.GET.get("q", "").strip()[:80]
    page = sayings.listing(request.user, words=words, number=number(request))
    context = {"title": "Templates", "now": now_for(request.user), "page": page, "words": words, "may_change": _may_change(request)}
    return render(request, "dashboards/templates.html", context)


@require_GET
@staff_page
def template_new(request: StaffRequest) -> HttpResponse:
    """The name of a new one leads to its empty page; nothing is stored before it is saved."""
    key = request.GET.get("key", "").strip().lower().replace(" ", "-")
    if not _may_change(request):
        raise PermissionDenied("Only administrators write templates.")
    if not key or len(key) > 80 or not all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in key):
        messages.error(request, "A key is letters, digits, - and _, at most 80: save-fading. Nothing was created.")
        return redirect("templates")
    return redirect("template", key=key)


def _may_change(request: StaffRequest) -> bool:
    return request.user.has_perm("messaging.add_template")


@dataclass(frozen=True)
class Sheet:
    """What stands in the form: the words, the version they began with, and what in them could not even be read."""

    draft: Draft
    seen: int
    unread: tuple[Trouble, ...] = ()


@require_http_methods(["GET", "POST"])
@staff_page
def template_page(request: StaffRequest, key: str) -> HttpResponse:
    row = sayings.of_key(request.user, key)
    if not row.newest and not _may_change(request):
        raise Http404("No such page.")
    if request.method == "GET":
        return _show(request, row, _asked(request.GET, row))
    if not _may_change(request):
        raise PermissionDenied("Only administrators write templates.")
    sheet = _typed(request.POST, key)
    if sheet.unread:
        return _show(request, row, sheet, status=422)
    draft = messaging.templates.tidied(sheet.draft)
    try:
        saved = messaging.templates.write(draft, actor=Actor.user(request.user), now=clock.now(), seen=sheet.seen)
    except Conflict as conflict:
        row = sayings.of_key(request.user, key)
        theirs = _of([one for one in row.newest if one.channel == draft.channel], draft.locale)
        return _show(request, row, replace(sheet, seen=theirs.version if theirs else 0), status=409, refusal=conflict.message)
    except Refused as refusal:
        return _show(request, row, sheet, status=422, refusal=refusal.message)
    if saved.version == sheet.seen:
        messages.info(request, "These are the words of the newest version. Nothing was saved.")
    else:
        messages.success(request, f"Version {saved.version} is saved. Messages written from now on use it.")
    return redirect(f"{reverse('template', args=[key])}?{urlencode({'channel': saved.channel, 'locale': saved.locale})}")


@require_POST
@staff_page
def template_look(request: StaffRequest, key: str) -> HttpResponse:
    """What is wrong with the words as they are typed, and how one person would get them. Nothing is stored and nothing is sent."""
    return render(request, "dashboards/parts/looked.html", {**_looked(request, _typed(request.POST, key)), "now": now_for(request.user)})


def _asked(given: QueryDict, row: sayings.Row) -> Sheet:
    """The words that the address names, else those that readers of the house get."""
    first = next((found for _, found in row.channels), [])
    channel = given.get("channel", "")
    channel = channel if channel in Channel.values else first[0].channel if first else Channel.EMAIL.value
    here = [one for one in row.newest if one.channel == channel]
    locale = locales.normal(given.get("locale", "")) or (locales.house() if not here or _of(here, locales.house()) else here[0].locale)
    newest = _of(here, locale)
    word = given.get("version", "")
    if newest and word.isascii() and word.isdigit() and len(word) < 6 and int(word) != newest.version:
        old = Template.objects.filter(key=row.key, channel=channel, locale=locale, version=int(word)).first()
        if old is None:
            raise Http404("No such page.")
        return Sheet(messaging.templates.draft_of(old), newest.version)
    if newest:
        return Sheet(messaging.templates.draft_of(newest), newest.version)
    # A translation begins with what it translates.
    begun = _of(here, locales.house()) or next(iter(here), None)
    draft = replace(messaging.templates.draft_of(begun), locale=locale, content_sid="") if begun else Draft(row.key, channel, locale, "", "")
    return Sheet(draft, 0)


def _of(templates: list[Template], locale: str) -> Template | None:
    return next((one for one in templates if one.locale == locale), None)


def _typed(given: QueryDict, key: str) -> Sheet:
    unread: list[Trouble] = []
    objects: dict[str, Any] = {}
    for name in ("content_variables", "examples"):
        try:
            objects[name] = json.loads(given.get(name, "").strip() or "{}")
        except (ValueError, RecursionError):
            objects[name] = {}
            unread.append(Trouble(name, 1, "no_json", 'This is no JSON. Write {"name": "value"}.'))
    texts: dict[str, Any] = {name: given.get(name, "") for name in ("channel", "locale", "subject", "body", "topic", "content_sid")}
    word = given.get("seen", "")
    return Sheet(Draft(key=key, **texts, **objects), int(word) if word.isascii() and word.isdigit() and len(word) < 6 else 0, tuple(unread))


def _show(request: StaffRequest, row: sayings.Row, sheet: Sheet, *, status: int = 200, refusal: str = "") -> HttpResponse:
    draft = sheet.draft
    context = {
        "title": "Templates",
        "now": now_for(request.user),
        "row": row,
        "sheet": sheet,
        "draft": draft,
        "as_json": {name: json.dumps(value, ensure_ascii=False, indent=1) if value else "" for name, value in _objects(draft).items()},
        "versions": sayings.versions(row.key, draft.channel, draft.locale) if sheet.seen else [],
        "shown": request.GET.get("version", ""),
        "here": f"{draft.channel}:{draft.locale}",
        "channels": Channel.choices,
        "names": list(messaging.catalogue.names(messaging.catalogue.EXAMPLES)),
        "may_change": _may_change(request),
        "refusal": refusal,
        **_looked(request, sheet),
    }
    return render(request, "dashboards/template.html", context, status=status)


def _objects(draft: Draft) -> dict[str, Any]:
    return {"content_variables": draft.content_variables, "examples": draft.examples}


def _looked(request: StaffRequest, sheet: Sheet) -> dict[str, Any]:
    """What is wrong, and the preview where nothing is."""
    given = request.POST if request.method == "POST" else request.GET
    words, chosen = given.get("who", "").strip()[:80], given.get("contact", "")
    draft = messaging.templates.tidied(sheet.draft)
    found = [*sheet.unread, *messaging.templates.check(draft)]
    people = sayings.people(request.user, words=words, channel=draft.channel, locale=draft.locale)
    reader = sayings.person(request.user, chosen, people)
    told: dict[str, Any] = {"troubles": found, "errors": sum(one.error for one in found), "people": people, "reader": reader, "who": words}
    if told["errors"] or reader is None:
        return told
    try:
        return {**told, "preview": messaging.preview.of(draft, reader)}
    except Refused as refusal:
        return {**told, "unshown": refusal.message}
