"""Every button is one service call with its actor; a refusal is told in its own words and nothing has changed."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from apps.accounts.models import Account
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.interventions import services as interventions
from apps.interventions.models import Enrolment, Play, Task
from apps.interventions.types import TaskResult

from .page import StaffRequest, staff_page

SNOOZE_DAYS = 3


def do(request: StaffRequest, call: Callable[[Actor], str], undo: str | Callable[[], str] = "") -> HttpResponse:
    """Run one service call and tell how it went: a toast (with a way back) for htmx, a message after a redirect for a plain form.

    A way back that only the deed tells is asked for afterwards.
    """
    if not request.user.may_act:
        raise PermissionDenied("Your role is Viewer: you can look at everything and change nothing.")
    try:
        words, refused = call(Actor.user(request.user)), False
    except Refused as refusal:
        words, refused = refusal.message, True
    if request.headers.get("HX-Request"):
        trigger = {"cs:refused": {"words": words}} if refused else {"cs:done": {"words": words, "undo": undo() if callable(undo) else undo}}
        return HttpResponse(status=409 if refused else 204, headers={"HX-Trigger": json.dumps(trigger)})
    (messages.error if refused else messages.success)(request, words)
    back = request.headers.get("Referer", "/")
    return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "/")


def mine(request: StaffRequest, rows: Any, key: int) -> Any:
    """The row if it is in this person's book; otherwise the same answer as for a row that never was."""
    row = rows.for_user(request.user).filter(pk=key).first()
    if row is None:
        raise Http404("No such page.")
    return row


@require_POST
@staff_page
def finish_task(request: StaffRequest, task_id: int) -> HttpResponse:
    task = mine(request, Task.objects.all(), task_id)

    def call(actor: Actor) -> str:
        result = request.POST.get("result", "")
        known = TaskResult(result) if result in TaskResult.values else TaskResult.OTHER
        words = request.POST.get("outcome", "").replace("\x00", "").strip()[:250] or (known.label if result in TaskResult.values else "done")
        interventions.close_task(task, outcome=words, result=known, actor=actor, now=clock.now())
        return f"Done: {task.title}"

    return do(request, call, _task_undo(task))


@require_POST
@staff_page
def snooze_task(request: StaffRequest, task_id: int) -> HttpResponse:
    task = mine(request, Task.objects.all(), task_id)

    days = request.POST.get("days", "")
    wanted = int(days) if days.isascii() and days.isdigit() and len(days) < 4 else SNOOZE_DAYS

    def call(actor: Actor) -> str:
        interventions.snooze_task(task, days=wanted, reason=request.POST.get("reason", ""), actor=actor, now=clock.now())
        return f"Back in {wanted} day{'' if wanted == 1 else 's'}: {task.title}"

    return do(request, call, _task_undo(task))


@require_POST
@staff_page
def take_task(request: StaffRequest, task_id: int) -> HttpResponse:
    task = mine(request, Task.objects.all(), task_id)

    def call(actor: Actor) -> str:
        interventions.acknowledge_task(task, actor=actor, now=clock.now())
        return f"You have it: {task.title}"

    return do(request, call)


@require_POST
@staff_page
def set_capacity(request: StaffRequest) -> HttpResponse:
    def call(actor: Actor) -> str:
        minutes = request.POST.get("minutes", "").strip()
        if not (minutes.isascii() and minutes.isdigit() and len(minutes) < 5):
            raise Refused("no_number", "The minutes must be a whole number. Nothing was changed.")
        interventions.set_capacity(request.user, minutes=int(minutes))
        return f"Your day has room for {minutes} minutes of tasks."

    return do(request, call)


def _task_undo(task: Task) -> str:
    """The way back keeps when the task was due."""
    return f"{reverse('reopen_task', args=[task.pk])}?{urlencode({'due': task.due_at.isoformat()})}"


@require_POST
@staff_page
def reopen_task(request: StaffRequest, task_id: int) -> HttpResponse:
    task = mine(request, Task.objects.all(), task_id)
    due = parse_datetime(request.GET.get("due", "")) or clock.now()

    def call(actor: Actor) -> str:
        interventions.reopen_task(task, due_at=due, actor=actor, now=clock.now())
        return f"Open again: {task.title}"

    return do(request, call)


@require_POST
@staff_page
def start_play(request: StaffRequest, account_id: int) -> HttpResponse:
    account = mine(request, Account.objects.all(), account_id)
    play = Play.objects.filter(key=request.POST.get("play", "")).first()
    if play is None:
        raise Http404("No such page.")

    def call(actor: Actor) -> str:
        enrolment = interventions.start_by_hand(play, account_id=account.pk, actor=actor, now=clock.now())
        held = " It is held out for comparison, so nothing will be sent." if enrolment.arm == "held_out" else ""
        return f"“{play.name}” began for {account.name}.{held}"

    return do(request, call)


@require_POST
@staff_page
def stop_play(request: StaffRequest, enrolment_id: int) -> HttpResponse:
    enrolment = mine(request, Enrolment.objects.select_related("play", "account"), enrolment_id)

    def call(actor: Actor) -> str:
        interventions.stop(enrolment, actor=actor, now=clock.now())
        return f"“{enrolment.play.name}” stopped for {enrolment.account.name}"

    return do(request, call)
