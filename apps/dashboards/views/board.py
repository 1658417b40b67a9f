"""The live board."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from ..selectors import board
from .page import StaffRequest, now_for, part, staff_page


@require_GET
@staff_page
def board_page(request: StaffRequest) -> HttpResponse:
    """The whole board, or the one part that changed."""
    now = now_for(request.user)
    if asked := part(request, board.PARTS):
        return render(request, f"dashboards/parts/board_{asked}.html", {"now": now, **board.PARTS[asked](request.user, now)})
    context = {"title": "Board", "now": now}
    for read in board.PARTS.values():
        context |= read(request.user, now)
    return render(request, "dashboards/board.html", context)
