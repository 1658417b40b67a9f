"""What unfold's shell needs on pages that are not the admin's own."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    if request.path.startswith("/c/") or request.path.startswith("/admin/"):
        return {}
    return admin.site.each_context(request)
