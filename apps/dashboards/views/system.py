"""How the machinery does: for administrators and leads with everything, for everybody else in a few lines."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.accounts.models import User
from apps.accounts.types import Role
from apps.core import clock

from .. import vitals
from ..selectors import system
from ..system import registry
from .page import StaffRequest, now_for, part, staff_page


def _sees_all(user: User) -> bool:
    return user.is_superuser or bool(user.roles & {Role.ADMINISTRATOR, Role.TEAM_LEAD})


@require_GET
@staff_page
def system_page(request: StaffRequest) -> HttpResponse:
    now = now_for(request.user)
    found = registry.look(now)
    context: dict[str, Any] = {"title": "System", "now": now, "verdict": system.verdict(now, found), "path": system.path(found)}
    if _sees_all(request.user):
        context["parts"] = system.parts(now, found)
    return render(request, "system/live.html" if part(request, {"live"}) else "system/page.html", context)


@require_GET
@staff_page
def system_banner(request: StaffRequest) -> HttpResponse:
    """What has stopped, as this process last saw it: no look of its own, since every open page asks."""
    now = now_for(request.user)
    return render(request, "system/banner.html", {"banner": vitals.banner(now), "now": now})


@require_GET
@staff_page
def system_state(request: StaffRequest) -> HttpResponse:
    """Everything as a file, to be sent to whoever helps."""
    if not _sees_all(request.user):
        raise PermissionDenied
    answer = JsonResponse(system.as_json(clock.now()), json_dumps_params={"indent": 2})
    answer.headers["Content-Disposition"] = 'attachment; filename="system-state.json"'
    return answer
