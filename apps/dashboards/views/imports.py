"""Data: files in, files out, and what became of each."""

import csv
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import ImportRun
from apps.accounts.services import exports, guard, imports
from apps.accounts.types import ImportState, SurveyKind
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused

from ..selectors import lists, portfolio
from .page import StaffRequest, now_for, number, part, staff_page

# Waits for a worker: the page looks again by itself.
BUSY = {ImportState.CHECKING, ImportState.QUEUED, ImportState.RUNNING, ImportState.UNDOING}
LOOKS = {
    ImportState.DONE: "good",
    ImportState.REFUSED: "bad",
    ImportState.INTERRUPTED: "warn",
    ImportState.RUNNING: "info",
    ImportState.QUEUED: "info",
    ImportState.CHECKING: "info",
    ImportState.UNDOING: "info",
}
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A larger workbook keeps a request busy for minutes; the command writes it.
LARGEST_SHEET = 100_000
ENCODINGS = ("utf-8", "latin-1", "cp1252", "utf-16")
DATES = (("ymd", "2026-03-31"), ("dmy", "31.03.2026"), ("mdy", "03/31/2026"))


def may_import(request: StaffRequest) -> bool:
    """A file may speak of every account, so the right goes beyond one's own book."""
    return request.user.has_perm("accounts.add_account")


@require_GET
@staff_page
def imports_page(request: StaffRequest) -> HttpResponse:
    allowed = may_import(request)
    page = lists.imports(page=number(request)) if allowed else None
    for run in page or ():
        run.tone = _tone(run)
    context = {"title": "Data", "now": now_for(request.user), "page": page, "may_import": allowed, "kinds": imports.ALL_KINDS}
    context["exports"] = [(kind.name, kind.words) for kind in exports.EXPORTS.values()]
    return render(request, "dashboards/parts/imports.html" if part(request, {"list"}) else "dashboards/imports.html", context)


@require_POST
@staff_page
def upload(request: StaffRequest) -> HttpResponse:
    _allowed(request)
    file = request.FILES.get("file")
    if file is None or not file.name:
        messages.error(request, "Choose a file first.")
        return redirect("imports")
    try:
        run = imports.take(
            request.POST.get("kind", ""), file.name, file.chunks(), size=file.size or 0, actor=Actor.user(request.user), now=clock.now()
        )
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect("imports")
    return redirect("import", run.pk)


@require_GET
@staff_page
def import_page(request: StaffRequest, run_id: int) -> HttpResponse:
    run = _run(request, run_id)
    context = {"title": "Import", "now": now_for(request.user), "run": run, "busy": run.state in BUSY, "tone": _tone(run)}
    if run.state in BUSY:
        context["progress"] = imports.progress(run)
    context["problems"] = run.problems.order_by("id")[:20]
    context["problem_count"] = run.problems.count()
    if part(request, {"run"}):
        response = render(request, "dashboards/parts/import.html", context)
        if run.state not in BUSY:
            # The work is done: the page with its buttons is another one now.
            response.headers["HX-Refresh"] = "true"
        return response
    if run.upload and run.state not in BUSY and run.state != ImportState.INTERRUPTED:
        context |= _layout(run)
    return render(request, "dashboards/import.html", context)


def _tone(run: ImportRun) -> str:
    return LOOKS.get(ImportState(run.state), "calm")


def _layout(run: ImportRun) -> dict[str, Any]:
    layout = imports.layout(run)
    required = imports.required_of(run.kind)
    return {
        "layout": layout,
        "fields": [(name, f"{name} (needed)" if name in required else name) for name in imports.fields_of(run.kind)],
        "takes_traits": imports.takes_traits(run.kind),
        "encodings": ENCODINGS,
        "orders": DATES,
        "surveys": SurveyKind.choices if run.kind == "surveys" else [],
        "skip_bad_rows": run.options.get("skip_bad_rows"),
    }


@require_POST
@staff_page
def check(request: StaffRequest, run_id: int) -> HttpResponse:
    run = _run(request, run_id)
    return _do(request, run, lambda: imports.check(run, options=_options(request), skip_bad_rows="skip" in request.POST, now=clock.now()))


def _options(request: StaffRequest) -> dict[str, Any]:
    """The form as options: one choice per column of the file."""
    asked = request.POST
    options: dict[str, Any] = {"map": {}, "only_map": True, "leave_out": []}
    for name, read_as in zip(asked.getlist("column"), asked.getlist("read_as"), strict=False):
        if not read_as:
            options["leave_out"].append(name)
        elif read_as != "trait":
            options["map"].setdefault(read_as, name)
    for name in ("sheet", "encoding", "dates", "churned_column", "churned_value"):
        if asked.get(name):
            options[name] = asked[name]
    if options.get("churned_column") in options["leave_out"]:
        options["leave_out"].remove(options["churned_column"])
    if not options.get("churned_value"):
        options.pop("churned_column", None)
    if asked.get("fixed_kind"):
        options["fixed"] = {"kind": asked["fixed_kind"]}
    options["id_from_row"] = "id_from_row" in asked
    return options


@require_POST
@staff_page
def start(request: StaffRequest, run_id: int) -> HttpResponse:
    run = _run(request, run_id)
    return _do(request, run, lambda: imports.start(run))


@require_POST
@staff_page
def stop(request: StaffRequest, run_id: int) -> HttpResponse:
    run = _run(request, run_id)
    return _do(request, run, lambda: imports.stop(run))


@require_POST
@staff_page
def discard(request: StaffRequest, run_id: int) -> HttpResponse:
    run = _run(request, run_id)
    return _do(request, run, lambda: imports.discard(run), back="imports")


@require_POST
@staff_page
def undo(request: StaffRequest, run_id: int) -> HttpResponse:
    run = _run(request, run_id)
    return _do(request, run, lambda: imports.take_back(run, actor=Actor.user(request.user)))


@require_GET
@staff_page
def problems(request: StaffRequest, run_id: int) -> HttpResponseBase:
    run = _run(request, run_id)

    def lines() -> Iterator[str]:
        out = csv.writer(_Echo())
        yield out.writerow(["row", "column", "problem", "raw"])
        for one in run.problems.order_by("id").iterator():
            yield out.writerow([one.row or "", *map(guard, (one.column, one.problem, one.raw))])

    return attachment(lines(), "text/csv; charset=utf-8", f"problems-{run.pk}.csv")


class _Echo:
    """A file that gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


@require_GET
@staff_page
def export(request: StaffRequest, kind: str, form: str) -> HttpResponseBase:
    """One's own book; the rows are read while they are sent."""
    if kind not in exports.EXPORTS or form not in ("csv", "xlsx"):
        raise Http404("No such page.")
    now = now_for(request.user)
    # Asked from the portfolio, it is what the portfolio shows; from here, the whole book.
    shown = portfolio.filtered(request.user, portfolio.Asked.read(request.GET), now) if request.GET else None
    found = exports.export(kind, request.user, accounts=shown)
    name = f"{kind}-{now:%Y-%m-%d}.{form}"
    if form == "csv":
        return attachment(exports.csv_lines(found), "text/csv; charset=utf-8", name)
    if found.count > LARGEST_SHEET:
        messages.error(request, f"{found.count:,} rows are too many for a sheet here ({LARGEST_SHEET:,} are the most). Take them as CSV.")
        return redirect("imports")
    return attachment(exports.workbook_bytes(found, title=kind.capitalize()), SHEET, name)


def attachment(content: Iterator[Any], kind: str, name: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(content, content_type=kind, headers=headers)


def _allowed(request: StaffRequest) -> None:
    if not may_import(request):
        raise PermissionDenied("Only administrators import files: a file may speak of every account.")


def _run(request: StaffRequest, run_id: int) -> ImportRun:
    _allowed(request)
    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None:
        raise Http404("No such page.")
    return run


def _do(request: StaffRequest, run: ImportRun, call: Callable[[], object], back: str = "") -> HttpResponse:
    try:
        call()
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect(back) if back else redirect("import", run.pk)
