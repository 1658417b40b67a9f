"""A call's brief, from a task or from the account, and the one note after it."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import Account, Contact
from apps.accounts.types import NoteKind
from apps.core import clock
from apps.core.actor import Actor
from apps.interventions import services as interventions
from apps.interventions.models import Task
from apps.interventions.types import TaskResult

from ..selectors import brief
from .accounts import numbered, promised
from .actions import do, mine
from .page import StaffRequest, now_for, staff_page, whole


@require_GET
@staff_page
def task_brief(request: StaffRequest, task_id: int) -> HttpResponse:
    task = mine(request, Task.objects.all(), task_id)
    return _page(request, task.account_id, task)


@require_GET
@staff_page
def account_brief(request: StaffRequest, account_id: int) -> HttpResponse:
    return _page(request, account_id, None)


def _page(request: StaffRequest, account_id: int, task: Task | None) -> HttpResponse:
    account = Account.objects.for_user(request.user).select_related("risk", "owner").filter(pk=account_id).first()
    if account is None:
        raise Http404("No such page.")
    now = now_for(request.user)
    (told,) = whole(request, brief.brief(account, now=now))
    context = {"title": "Brief", "now": now, "account": account, "task": task, "brief": told, "kinds": NoteKind.choices}
    if request.GET.get("as") == "text":
        return HttpResponse(brief.as_text(told), content_type="text/plain; charset=utf-8")
    return render(request, "brief/page.html", context)


@require_POST
@staff_page
def capture(request: StaffRequest, account_id: int) -> HttpResponse:
    """The note under a brief; back to Today when it is kept."""
    account = mine(request, Account.objects.all(), account_id)
    key, now = request.POST.get("task", ""), now_for(request.user)
    task = mine(request, Task.objects.filter(account=account), int(key)) if key.isascii() and key.isdigit() and len(key) < 18 else None
    kept = []

    def call(actor: Actor) -> str:
        kind, result = request.POST.get("kind", ""), request.POST.get("result", "")
        people = [int(key) for key in request.POST.getlist("contacts") if key.isascii() and key.isdigit() and len(key) < 18]
        promises = list(promised(request, now))
        note = interventions.capture(
            account,
            author=request.user,
            body=request.POST.get("body", ""),
            actor=actor,
            now=clock.now(),
            task=task,
            result=TaskResult(result) if result in TaskResult.values else TaskResult.OTHER,
            kind=NoteKind(kind) if kind in NoteKind.values else NoteKind.CALL,
            contacts=list(Contact.objects.filter(account=account, pk__in=people)),
            promises=promises,
            pulse=numbered(request.POST.get("pulse", ""), "pulse"),
            reason=request.POST.get("reason", ""),
            minutes=numbered(request.POST.get("minutes", ""), "minutes"),
        )
        kept.append(note)
        ours = sum(1 for one in promises if not one.by_customer)
        told = f", {ours} promise{'' if ours == 1 else 's'} on your list" if ours else ""
        return f"Kept the note{told}{f', closed: {task.title}' if task else ''}."

    answer = do(request, call)
    if request.headers.get("HX-Request") or not kept:
        return answer
    return redirect(reverse("today") if task else reverse("account", args=[account.pk]))
