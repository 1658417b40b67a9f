"""Today and Tasks: what needs a person, in the order of what is at stake."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.accounts.models import Account

from ..selectors import lists, today, waiting
from .page import StaffRequest, now_for, number, part, staff_page


@require_GET
@staff_page
def today_page(request: StaffRequest) -> HttpResponse:
    now = now_for(request.user)
    work = today.worklist(request.user, now=now)
    context = {"title": "Today", "now": now, "work": work, "aside": today.aside(request.user, now=now)}
    context["company_is_empty"] = not work.rows and not waiting.anything_at_all()
    context["book_is_empty"] = not work.rows and not Account.objects.for_user(request.user).exists()
    if part(request, {"work"}):
        return render(request, "dashboards/parts/today.html", context)
    return render(request, "dashboards/today.html", context)


@require_GET
@staff_page
def tasks_page(request: StaffRequest) -> HttpResponse:
    now = now_for(request.user)
    view = request.GET.get("view", "due")
    view = view if view in lists.TASK_VIEWS else "due"
    # Whoever only looks has no tasks of their own.
    everyone = request.GET.get("whose", "" if request.user.may_act else "all") == "all"
    page = lists.tasks(request.user, view=view, everyone=everyone, now=now, page=number(request))
    context = {"title": "Tasks", "now": now, "view": view, "views": lists.TASK_VIEWS.items(), "everyone": everyone, "page": page}
    return render(request, "dashboards/parts/tasks.html" if part(request, {"list"}) else "dashboards/tasks.html", context)
