"""The page on which an administrator tells a person what is stored about them, or erases them: the numbers first, asked once."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import Account, Contact
from apps.core import clock
from apps.core.actor import Actor
from apps.dashboards.views.page import StaffRequest, now_for, staff_page

from . import erase, export

KINDS: dict[str, type[Contact] | type[Account]] = {"contact": Contact, "account": Account}


def _found(request: StaffRequest, kind: str, key: int) -> Contact | Account:
    if not request.user.has_perm("accounts.delete_contact"):
        raise PermissionDenied("Only administrators answer people's requests about their data.")
    row = KINDS[kind].objects.for_user(request.user).filter(pk=key).first() if kind in KINDS else None
    if row is None:
        raise Http404("No such page.")
    return row


@require_GET
@staff_page
def page(request: StaffRequest, kind: str, key: int) -> HttpResponse:
    row = _found(request, kind, key)
    counts = sorted(erase.preview(row).rows.items(), key=lambda one: -one[1])
    context = {"title": "Privacy", "now": now_for(request.user), "row": row, "kind": kind, "counts": [one for one in counts if one[1]]}
    return render(request, "dashboards/privacy.html", context)


@require_GET
@staff_page
def tell(request: StaffRequest, kind: str, key: int) -> HttpResponseBase:
    row = _found(request, kind, key)
    people = [row] if isinstance(row, Contact) else list(row.contacts.all())

    def content() -> Iterator[bytes]:
        with tempfile.NamedTemporaryFile(suffix=".zip") as file:
            export.write(people, Path(file.name))
            while block := file.read(256 * 1024):
                yield block

    headers = {"Content-Disposition": f'attachment; filename="{kind}-{key}.zip"', "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(content(), content_type="application/zip", headers=headers)


@require_POST
@staff_page
def forget(request: StaffRequest, kind: str, key: int) -> HttpResponse:
    row = _found(request, kind, key)
    if request.POST.get("sure") != "yes":
        messages.error(request, "Nothing was erased: tick the box first.")
        return redirect("privacy", kind, key)
    actor, now = Actor.user(request.user), clock.now()
    done = erase.erase_person(row, actor=actor, now=now) if isinstance(row, Contact) else erase.erase_account(row, actor=actor, now=now)
    messages.success(request, f"Erased: {done.in_words}.")
    return redirect("privacy", kind, key)
