"""Dashboards to arrange: the builder, its drafts and previews, and the buttons of a dashboard."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core import clock
from apps.core.errors import Refused
from apps.core.reading import gather, read

from ..boards import choices, layout, links, reading, saving, showing
from ..boards.kinds import DAYS, REFRESH
from ..models import Dashboard
from ..selectors import dashboards
from .dashboards import says_of, the_board
from .page import StaffRequest, now_for, staff_page, to_page


@require_http_methods(["GET", "POST"])
@staff_page
def dashboard_new(request: StaffRequest) -> HttpResponse:
    return _build(request, None)


@require_http_methods(["GET", "POST"])
@staff_page
def dashboard_edit(request: StaffRequest, board_id: int) -> HttpResponse:
    return _build(request, _mine(request, board_id))


def _mine(request: StaffRequest, board_id: int) -> Dashboard:
    board, _ = the_board(request, board_id)
    if not board.may_be_changed_by(request.user):
        raise PermissionDenied("Others may look at this dashboard; its owner changes it. Duplicate it to have your own.")
    return board


def _build(request: StaffRequest, board: Dashboard | None) -> HttpResponse:
    if not request.user.may_act:
        raise PermissionDenied("Your role looks at dashboards; it does not arrange them.")
    if request.method == "POST":
        return _saved(request, board)
    user, now = request.user, clock.now()
    draft = dashboards.draft_of(user, board)
    says = draft.says if draft else says_of(board) if board else layout.EMPTY
    seen = draft.seen if draft else board.version if board else 0
    (offered,) = read(gather(choices.filters(user)))
    config = {
        "board": board.pk if board else None,
        "seen": seen,
        "says": says,
        "kinds": choices.widgets(),
        "catalogue": choices.catalogue(user),
        "filters": offered,
        "names": choices.NAMES,
        "days": DAYS,
        "refresh": REFRESH,
        "drafted": bool(draft),
        "urls": {
            "preview": reverse("dashboard_preview"),
            "draft": reverse("dashboard_draft"),
            "save": request.path,
            "back": reverse("dashboard", args=[board.pk]) if board else reverse("dashboards"),
        },
    }
    context: dict[str, Any] = {
        "title": "Dashboards",
        "now": now_for(user),
        "board": board,
        "draft": draft,
        "behind": bool(draft and board and draft.seen != board.version),
        "others": dashboards.others_writing(user, board, now=now) if board else [],
        "config": config,
        "rows": showing.rows(says),
    }
    return render(request, "boards/edit.html", context)


def _saved(request: StaffRequest, board: Dashboard | None) -> JsonResponse:
    body, now = _body(request), clock.now()
    try:
        if board is None:
            board = saving.create(request.user, body.get("says"), now=now)
            return JsonResponse({"url": f"{reverse('dashboard', args=[board.pk])}?saved=1"})
        version = saving.save(board, body.get("says"), user=request.user, seen=_whole(body.get("seen")), note=str(body.get("note") or ""), now=now)
    except Refused as refusal:
        found = {"code": refusal.code, "words": refusal.message}
        if board is not None and refusal.code == "board_moved":
            board.refresh_from_db()
            found["seen"] = board.version  # type: ignore[assignment]
        return JsonResponse(found, status=409)
    return JsonResponse({"url": f"{reverse('dashboard', args=[board.pk])}?saved={version.number}"})


@require_POST
@staff_page
def dashboard_draft(request: StaffRequest) -> JsonResponse:
    """Keep how far somebody got, while they arrange."""
    body = _body(request)
    board = _mine(request, _whole(body.get("board"))) if body.get("board") else None
    if not request.user.may_act:
        raise PermissionDenied("Your role looks at dashboards; it does not arrange them.")
    if body.get("drop") is True:
        saving.drop_draft(request.user, board)
        return JsonResponse({"dropped": True})
    try:
        row = saving.keep_draft(request.user, board, body.get("says"), seen=_whole(body.get("seen")), now=clock.now())
    except Refused as refusal:
        return JsonResponse({"code": refusal.code, "words": refusal.message}, status=409)
    return JsonResponse({"at": row.changed_at.isoformat()})


@require_POST
@staff_page
def dashboard_preview(request: StaffRequest) -> JsonResponse:
    """What widgets would show to this reader. Nothing is stored."""
    now = clock.now()
    try:
        said = layout.read({"widgets": _body(request).get("widgets")}, complete=False)
    except Refused as refusal:
        return JsonResponse({"code": refusal.code, "words": refusal.message}, status=409)
    return JsonResponse({"at": now.isoformat(), "widgets": reading.data(request.user, said["widgets"], now=now)})


@require_GET
@staff_page
def dashboard_history(request: StaffRequest, board_id: int) -> HttpResponse:
    board, _ = the_board(request, board_id)
    context = {
        "title": "Dashboards",
        "now": now_for(request.user),
        "board": board,
        "versions": dashboards.versions(board),
        "may_change": board.may_be_changed_by(request.user),
    }
    return render(request, "boards/history.html", context)


@require_POST
@staff_page
def dashboard_do(request: StaffRequest, board_id: int, what: str) -> HttpResponse:
    """One button of a dashboard."""
    if what == "back":
        return _brought_back(request, board_id)
    board, _ = the_board(request, board_id)
    if what not in _DEEDS:
        raise Http404("No such page.")
    deed, right = _DEEDS[what]
    allowed = {"make": request.user.may_act, "change": board.may_be_changed_by(request.user), "own": _owns(request, board)}[right]
    if not allowed:
        raise PermissionDenied("Its owner does that. Nothing was changed.")
    try:
        door = deed(request, board)
    except Refused as refusal:
        messages.error(request, refusal.message)
        door = reverse("dashboard", args=[board.pk])
    return to_page(request, door)


def _owns(request: StaffRequest, board: Dashboard) -> bool:
    return board.owner_id == request.user.pk or (board.may_be_changed_by(request.user) and request.user.is_superuser)


def _duplicate(request: StaffRequest, board: Dashboard) -> str:
    made = saving.duplicate(board, user=request.user, now=clock.now())
    messages.success(request, "This one is yours: change it as you like.")
    return reverse("dashboard_edit", args=[made.pk])


def _restore(request: StaffRequest, board: Dashboard) -> str:
    version = saving.restore(
        board, _whole_of(request.POST.get("number")), user=request.user, seen=_whole_of(request.POST.get("seen")), now=clock.now()
    )
    return f"{reverse('dashboard', args=[board.pk])}?saved={version.number}"


def _share(request: StaffRequest, board: Dashboard) -> str:
    saving.share(board, sees=request.POST.get("sees", ""), edits=request.POST.get("edits", ""), now=clock.now())
    messages.success(request, "Saved who sees it and who changes it. Everybody sees their own book in it.")
    return reverse("dashboard", args=[board.pk])


def _link(request: StaffRequest, board: Dashboard) -> str:
    links.make(board, user=request.user, days=_whole_of(request.POST.get("days")), now=clock.now())
    return f"{reverse('dashboard', args=[board.pk])}#share"


def _revoke(request: StaffRequest, board: Dashboard) -> str:
    links.revoke(board, _whole_of(request.POST.get("link")), now=clock.now())
    messages.success(request, "The link is closed. Whoever has it open loses it at the next look.")
    return f"{reverse('dashboard', args=[board.pk])}#share"


def _archive(request: StaffRequest, board: Dashboard) -> str:
    saving.archive(board, now=clock.now())
    return f"{reverse('dashboards')}?archived={board.pk}"


def _brought_back(request: StaffRequest, board_id: int) -> HttpResponse:
    board = Dashboard.objects.filter(pk=board_id, owner=request.user).first()
    if board is None:
        raise Http404("No such page.")
    saving.bring_back(board)
    return to_page(request, reverse("dashboard", args=[board.pk]))


_DEEDS: dict[str, tuple[Callable[[StaffRequest, Dashboard], str], str]] = {
    "duplicate": (_duplicate, "make"),
    "restore": (_restore, "change"),
    "share": (_share, "own"),
    "link": (_link, "own"),
    "revoke": (_revoke, "own"),
    "archive": (_archive, "own"),
}


def _body(request: StaffRequest) -> dict[str, Any]:
    """The JSON object that was posted; anything else is an empty one."""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else 0


def _whole_of(word: str | None) -> int:
    return int(word) if word and word.isascii() and word.isdigit() and len(word) < 10 else 0
