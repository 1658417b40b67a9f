"""Dashboards to look at: the list, one of them, its data, the wall, and the rows behind a figure."""

import csv
import io
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from apps.core import clock
from apps.core.errors import Refused
from apps.core.reading import gather, read
from apps.metrics import selectors as metrics

from ..boards import choices, layout, links, reading, showing, telling
from ..boards.figures import fitting
from ..boards.kinds import FILTERS
from ..models import Dashboard
from ..selectors import dashboards
from ..types import Audience
from .page import StaffRequest, now_for, number, part, staff_page

_ROWS = 50
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def the_board(request: StaffRequest, board_id: int) -> tuple[Dashboard, str]:
    """A dashboard that this person sees, by right or through a link that still opens; the link's token beside it."""
    rows = Dashboard.objects.select_related("current", "owner", "team")
    board = rows.filter(pk__in=Dashboard.objects.for_user(request.user).in_use().values("pk"), pk=board_id).first()
    if board is not None:
        return board, ""
    token = request.GET.get("link", "")
    link = links.opened(token, now=clock.now()) if token else None
    if link is None or link.dashboard_id != board_id:
        raise Http404("No such page.")
    return rows.get(pk=board_id), token


def says_of(board: Dashboard) -> dict[str, Any]:
    return board.current.says if board.current else layout.EMPTY


@require_GET
@staff_page
def dashboards_page(request: StaffRequest) -> HttpResponse:
    words = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    found = read(dashboards.listed(request.user, words=words))
    context = {"title": "Dashboards", "now": now_for(request.user), "listing": found, "words": words, "may_make": request.user.may_act}
    if (gone := request.GET.get("archived", "")).isdigit() and len(gone) < 10:
        context["archived"] = Dashboard.objects.filter(pk=int(gone), owner=request.user).exclude(archived_at=None).first()
    return render(request, "boards/rows.html" if part(request, {"list"}) else "boards/list.html", context)


@require_GET
@staff_page
def dashboard_page(request: StaffRequest, board_id: int) -> HttpResponse:
    board, link = the_board(request, board_id)
    says, user, now = says_of(board), request.user, clock.now()
    may_change = board.may_be_changed_by(user)
    context: dict[str, Any] = {
        "title": "Dashboards",
        "now": now_for(user),
        "board": board,
        "widgets": showing.widgets(says),
        "config": showing.config(board, says, link=link),
        "link": link,
        "may_change": may_change,
        "may_make": user.may_act,
        "may_share": board.owner_id == user.pk or (may_change and user.is_superuser),
    }
    if part(request, {"grid"}):
        return render(request, "boards/grid.html", context)
    (offered,) = read(gather(choices.filters(user)))
    over = reading.asked_over(request.GET)
    context["bar"] = [
        {"name": name, "label": choices.NAMES[name], "options": offered[name], "value": over.get(name, "")}
        for name in ("owner", "team", "segment", "plan", "band")
        if offered[name] or over.get(name)
    ]
    if context["may_share"]:
        context |= {"links": [(one, links.token(one)) for one in links.of(board, now=now)], "link_days": links.DAYS, "audiences": Audience.choices}
    if (saved := request.GET.get("saved", "")).isdigit() and board.current and saved == str(board.version):
        context["saved"] = board.current
    return render(request, "boards/board.html", context)


@require_GET
@staff_page
def dashboard_data(request: StaffRequest, board_id: int) -> JsonResponse:
    """All widgets at once, or those that moved (`only`)."""
    board, _ = the_board(request, board_id)
    now = clock.now()
    wanted = set(request.GET.get("only", "").split(",")) - {""}
    listed = [one for one in showing.widgets(says_of(board)) if not wanted or one["id"] in wanted]
    found = reading.data(request.user, listed, now=now, over=reading.asked_over(request.GET))
    return JsonResponse({"at": now.isoformat(), "version": board.version, "widgets": found})


@require_GET
@staff_page
def dashboard_csv(request: StaffRequest, board_id: int, widget_id: str) -> HttpResponse:
    """The table behind a widget as a file."""
    board, _ = the_board(request, board_id)
    one = next((each for each in showing.widgets(says_of(board)) if each["id"] == widget_id), None)
    if one is None:
        raise Http404("No such page.")
    found = reading.data(request.user, [one], now=clock.now(), over=reading.asked_over(request.GET))[widget_id].get("table")
    if not found:
        raise Http404("There is no table behind it.")
    return _file(found["columns"], found["rows"], f"{slugify(board.name)}-{slugify(one['label'])}.csv")


@require_GET
@staff_page
def dashboard_shared(request: StaffRequest, token: str) -> HttpResponse:
    """The door that a link opens; one that is over answers like one that never was."""
    now = clock.now()
    link = links.opened(token, now=now)
    if link is None:
        raise Http404("No such page.")
    links.note_visit(link, now=now)
    response = redirect("dashboard", board_id=link.dashboard_id)
    if not Dashboard.objects.for_user(request.user).filter(pk=link.dashboard_id).exists():
        response["Location"] += f"?link={token}"
    return response


@require_GET
@staff_page
def dashboard_wall(request: StaffRequest, board_id: int) -> HttpResponse:
    """Nothing but the widgets, for a screen on a wall; with `with=2,3` it goes round."""
    board, link = the_board(request, board_id)
    says = says_of(board)
    asked = [int(word) for word in request.GET.get("with", "").split(",") if word.isascii() and word.isdigit() and len(word) < 10][:12]
    seen = set(Dashboard.objects.for_user(request.user).in_use().filter(pk__in=asked).values_list("pk", flat=True)) if asked else set()
    every = request.GET.get("every", "30")
    context = {
        "title": "Dashboards",
        "now": now_for(request.user),
        "board": board,
        "widgets": showing.widgets(says),
        "config": showing.config(board, says, link=link),
        "link": link,
        "round": [board.pk, *(pk for pk in asked if pk in seen and pk != board.pk)],
        "every": max(10, min(3600, int(every))) if every.isascii() and every.isdigit() and len(every) < 5 else 30,
    }
    return render(request, "boards/wall.html", context)


@require_GET
@staff_page
def metric_rows(request: StaffRequest, key: str) -> HttpResponse:
    """Where a figure comes from: the accounts that make it up, and what each brings."""
    now, user = clock.now(), request.user
    try:
        metric = metrics.metric(key)
        asked = {name: request.GET.get(name, "").replace("\x00", "").strip()[:80] for name in FILTERS}
        narrowed, left = fitting(metric, {name: value for name, value in asked.items() if value})
        dimension, value = (request.GET.get(name, "").replace("\x00", "")[:80] for name in ("dimension", "part"))
        dimension = dimension if dimension in metric.dimensions else ""
        page = number(request)
        figure = metrics.figure(user, key, now=now, filters=narrowed)
        rows, count = metrics.rows(user, key, now=now, filters=narrowed, dimension=dimension, part=value, limit=_ROWS, offset=(page - 1) * _ROWS)
    except Refused as refusal:
        raise Http404(refusal.message) from refusal
    lines = [{"row": row, "value": telling.said(row.value, metric.unit, figure.currency)} for row in rows]
    if request.GET.get("form") == "csv":
        return _file(["Account", metric.name, "Why"], [[each["row"].name, each["value"], each["row"].words] for each in lines], f"{slugify(key)}.csv")
    context = {
        "title": metric.name,
        "now": now_for(user),
        "metric": metric,
        "figure": figure,
        "value": telling.said(figure.value, metric.unit, figure.currency),
        "interval": telling.interval(figure, metric.unit),
        "lines": lines,
        "count": count,
        "page": page,
        "pages": max(1, -(-count // _ROWS)),
        "narrowed": [(choices.NAMES.get(name, name), shown) for name, shown in {**narrowed, **({dimension: value} if dimension else {})}.items()],
        "left": left,
    }
    return render(request, "boards/metric.html", context)


def _file(columns: list[str], rows: list[list[Any]], name: str) -> HttpResponse:
    """As spreadsheets read it: what would run as a formula there is made plain text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([f"'{cell}" if isinstance(cell, str) and cell.startswith(_STARTS_A_FORMULA) else cell for cell in row])
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
