"""What unfold's shell needs on pages that are not the admin's own."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from apps.core import clock

from . import vitals


def shell(request: HttpRequest) -> dict[str, Any]:
    """Nothing for customers' pages and fragments; the admin's own pages bring the shell themselves."""
    if request.path.startswith(("/c/", "/v1/", "/api/", "/hooks/")):
        return {}
    now = clock.now()
    common = {"page_now": now, "may_act": getattr(request.user, "may_act", False) if hasattr(request, "user") else False}
    if request.path.startswith("/admin/") or getattr(request, "htmx", False) or not hasattr(request, "user") or not request.user.is_staff:
        return common
    return {**common, **admin.site.each_context(request), "in_shell": True, "system_banner": vitals.banner(now), "title": "CS Platform"}
