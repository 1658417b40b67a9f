"""The portfolio: the page, its rows in blocks, and what people keep of how they look at it."""

import json
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.types import Stage
from apps.churn.types import Band
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.reading import afterwards, by_key, read

from .. import edits, services
from ..models import SavedView
from ..selectors import both, columns, figures, orders, portfolio, views, waiting
from .page import StaffRequest, now_for, part, staff_page, whole


@require_GET
@staff_page
def portfolio_page(request: StaffRequest) -> HttpResponse:
    now, user = now_for(request.user), request.user
    asked = portfolio.Asked.read(request.GET, today=now.date())
    if part(request, {"figures"}):
        return render(request, "dashboards/parts/figures.html", {"now": now, "figures": figures.figures(user, asked, now=now), "asked": asked})
    (view, opened), editing, offered, owners = whole(
        request,
        portfolio.first_block(user, asked, views.opened(user, request.GET.get("view", "")), now=now),
        *(afterwards(by_key(reader)) for reader in (portfolio.editing(), views.offered(user), portfolio.owners(user))),
    )
    context: dict[str, Any] = {"title": "Portfolio", "now": now, "asked": asked, "order": orders.ORDERS[asked.sort.removeprefix("-")]}
    context |= {
        "first": {"rows": opened.rows, "next": opened.more},
        "config": _config(request, view) | editing,
        "offered": offered,
        "view": view if view and not view.is_home else None,
        "weeks_back": (now.date() - asked.as_of).days // 7 if asked.as_of else 0,
        "company_is_empty": not opened.rows and not waiting.anything_at_all(),
        "bands": [(band.value, band.label) for band in (Band.HIGH, Band.MEDIUM, Band.LOW)],
        "stages": Stage.choices,
        "renewals": portfolio.RENEWAL_DAYS,
        "owners": owners,
        "tiers": editing["words"]["tier"],
        "segments": editing["words"]["segment"],
    }
    return render(request, "dashboards/portfolio.html", context)


def _config(request: StaffRequest, view: SavedView | None) -> dict[str, Any]:
    """What the grid needs to know beside the rows and what can be chosen for them."""
    return {
        "columns": [{"key": column.key, "width": column.width} for column in columns.arranged(view.columns if view else None)],
        "known": [
            {name: getattr(column, name) for name in ("key", "label", "width", "right", "sort", "edit", "field", "hint")}
            for column in columns.COLUMNS
        ],
        "orders": {key: {"words": order.words, "falls": order.falls} for key, order in orders.ORDERS.items()},
        "sort": portfolio.Asked.read(request.GET).sort,
        "defaultSort": orders.DEFAULT,
        "view": view.pk if view and not view.is_home else None,
        "ownView": bool(view and view.owner_id == request.user.pk and not view.is_home),
        "mayAct": request.user.may_act,
        "most": edits.MOST,
        "block": portfolio.BLOCK,
        "urls": {name: reverse(name) for name in ("portfolio", "portfolio_rows", "keep_layout", "save_view", "edit_accounts")},
    }


@require_GET
@staff_page
def rows(request: StaffRequest) -> JsonResponse:
    """The next rows, as the grid asks for them while one scrolls."""
    now = now_for(request.user)
    asked = portfolio.Asked.read(request.GET, today=now.date())
    shown = set(request.GET.get("columns", "").split(",")) & set(columns.BY_KEY)
    word = request.GET.get("limit", "")
    limit = int(word) if word.isascii() and word.isdigit() and len(word) < 5 else portfolio.BLOCK
    limit = max(1, min(limit, portfolio.MOST_IN_BLOCK))
    found = read(portfolio.block(request.user, asked, now=now, shown=shown, after=request.GET.get("after", ""), limit=limit))
    return JsonResponse({"rows": found.rows, "next": found.more})


def _body(request: StaffRequest) -> dict[str, Any]:
    """The JSON object that was posted; anything else is an empty one."""
    try:
        body = json.loads(request.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _told(refusal: Refused) -> JsonResponse:
    return JsonResponse({"code": refusal.code, "words": refusal.message}, status=409)


@require_POST
@staff_page
def edit(request: StaffRequest) -> JsonResponse:
    """Change one field of one account, or of many. Answers with the fresh rows, and with both values where somebody else was faster."""
    if not request.user.may_act:
        return JsonResponse({"code": "viewer", "words": "Your role is Viewer: you can look at everything and change nothing."}, status=403)
    body, now = _body(request), now_for(request.user)
    try:
        done = edits.carry_out(request.user, edits.read(body.get("items")), actor=Actor.user(request.user), now=clock.now())
    except Refused as refusal:
        return _told(refusal)
    shown = set(body.get("columns") or ()) & set(columns.BY_KEY)
    touched = [*done.changed, *(each["id"] for each in done.conflicts)]
    fresh = read(portfolio.these(request.user, touched, now=now, shown=shown)) if shown else []
    return JsonResponse(
        {"changed": len(done.changed), "rows": fresh, "conflicts": both.told(done.conflicts), "refused": done.refused, "undo": done.undo}
    )


@require_POST
@staff_page
def keep_layout(request: StaffRequest) -> JsonResponse:
    body = _body(request)
    view = SavedView.objects.for_user(request.user).filter(pk=_key(body.get("view"))).first()
    try:
        kept = services.keep_layout(request.user, view=view, columns=body.get("columns"), now=clock.now())
    except Refused as refusal:
        return _told(refusal)
    return JsonResponse({"view": kept.pk, "home": kept.is_home})


@require_POST
@staff_page
def save_view(request: StaffRequest) -> JsonResponse:
    body = _body(request)
    # Whoever only looks keeps views for themselves.
    shared = body.get("shared") is True and request.user.may_act
    asked = portfolio.Asked.read({name: value for name, value in body.items() if isinstance(value, str)})
    try:
        name = str(body.get("name") or "")
        view = services.save_view(request.user, name=name, shared=shared, asked=asked, columns=body.get("columns"), now=clock.now())
    except Refused as refusal:
        return _told(refusal)
    return JsonResponse({"link": views.link(view), "words": f"Saved: {view.name}"})


@require_POST
@staff_page
def remove_view(request: StaffRequest, view_id: int) -> JsonResponse:
    view = SavedView.objects.for_user(request.user).select_related("owner").filter(pk=view_id).first()
    if view is None:
        return JsonResponse({"code": "gone", "words": "It is gone already."}, status=404)
    try:
        return JsonResponse({"kept": services.remove_view(view, user=request.user), "words": f"Removed: {view.name}"})
    except Refused as refusal:
        return _told(refusal)


def _key(value: Any) -> int:
    """A row's key as JSON carries it; 0, which no row has, for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
