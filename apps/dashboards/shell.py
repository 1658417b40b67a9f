"""What the shell asks: the sidebar, what waits for this person, and what Ctrl-K finds."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import mark_safe
from unfold.dataclasses import SearchResult

from apps.accounts import selectors as accounts
from apps.accounts.models import Contact
from apps.core import clock
from apps.core.reading import read

from .models import SavedView
from .selectors import dashboards, waiting
from .selectors.views import link as view_link

# Title, icon, url name. Pages of the admin are shown to whoever may view their model.
_WORK = (
    ("Today", "wb_sunny", "today"),
    ("Portfolio", "apartment", "portfolio"),
    ("Alerts", "notifications", "alerts"),
    ("Tasks", "task_alt", "tasks"),
    ("Renewals", "event_repeat", "renewals"),
    ("Data", "swap_vert", "imports"),
)
_GROW = (
    ("Milestones", "flag", "milestones"),
    ("Rewards", "redeem", "rewards"),
    ("Coaching", "school", "coaching"),
    ("Sessions", "forum", "sessions"),
    ("Effect of coaching", "query_stats", "coaching_effect"),
)
_REACH = (
    ("Segments", "group_work", "segments"),
    ("Campaigns", "campaign", "campaigns"),
    ("Surveys", "ballot", "surveys"),
    ("Calendar", "calendar_month", "campaign_calendar"),
    ("Word of mouth", "share", "community"),
    ("Recommendations", "diversity_3", "referrals"),
)
_UNDERSTAND = (
    ("Dashboards", "dashboard", "dashboards"),
    ("Board", "monitoring", "board"),
    ("Churn desk", "model_training", "churn"),
    ("Revenue", "account_balance", "revenue"),
    ("Impact", "balance", "impact"),
    ("Health model", "vital_signs", "health_desk"),
    ("Experiments", "science", "experiments"),
    ("Delivery", "mark_email_read", "delivery"),
    ("Channels", "cell_tower", "channels"),
)
_AUTOMATE = (
    ("Plays", "account_tree", "plays"),
    ("Escalation", "stairs", "escalation"),
    ("Alert rules", "notification_important", "alert_rules"),
    ("Templates", "article", "templates"),
)
# Pages below Alerts that belong to Escalation.
_OF_ESCALATION = ("escalation", "duty", "channels", "told")
_RECORDS = (
    ("Runs of plays", "conversion_path", "interventions", "enrolment"),
    ("Messages", "mail", "messaging", "message"),
)
_CONFIGURE = (
    ("Accounts", "business", "accounts", "account"),
    ("Activity names", "label", "accounts", "eventname"),
    ("Sources", "sensors", "integrations", "source"),
    ("API keys", "key", "integrations", "apikey"),
    ("Webhooks", "webhook", "integrations", "webhook"),
    ("Churn models", "model_training", "churn", "modelversion"),
    ("Exchange rates", "currency_exchange", "accounts", "exchangerate"),
    ("Staff", "group", "accounts", "user"),
    ("Flags", "flag", "waffle", "flag"),
    ("Switches", "toggle_on", "waffle", "switch"),
    ("Schedule", "schedule", "django_celery_beat", "periodictask"),
    ("Jobs", "manufacturing", "events", "jobrun"),
    ("Heartbeats", "ecg_heart", "events", "heartbeat"),
    ("History", "history", "events", "event"),
)


def environment(request: HttpRequest) -> list[str] | None:
    return [mark_safe('synthetic<span class="cs-roomy"> demo</span>'), "info"] if settings.DEMO else None


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Only pages that exist and that this person may open."""
    waits = _waiting(request)
    groups = [
        _group("Work", [_page(request, *entry, waits) for entry in _WORK]),
        _group("Grow", [_page(request, *entry, waits) for entry in _GROW]),
        _group("Reach", [_page(request, *entry, waits) for entry in _REACH]),
        _group("Understand", [_page(request, *entry, waits) for entry in _UNDERSTAND]),
        _group("Automate", [*(_page(request, *entry, waits) for entry in _AUTOMATE), *(_list(request, *entry) for entry in _RECORDS)]),
        _group(
            "Configure",
            [
                _page(request, "System", "monitor_heart", "system", waits),
                *(_list(request, *entry) for entry in _CONFIGURE),
                _page(request, "API docs", "api", "api-docs", waits),
            ],
        ),
    ]
    if settings.DEMO:
        groups.append(_group("Demo", [_page(request, "Mailbox", "inbox", "mailbox", waits)]))
    return [group for group in groups if group["items"]]


def _waiting(request: HttpRequest) -> dict[str, int]:
    """Asked once per request, however many parts of the page show the sidebar."""
    if not hasattr(request, "cs_waiting"):
        request.cs_waiting = read(waiting.counts(request.user, clock.now()))  # type: ignore[attr-defined]
    return request.cs_waiting  # type: ignore[attr-defined]


def _group(title: str, items: list[dict[str, Any] | None]) -> dict[str, Any]:
    return {"title": title, "separator": title != "Work", "items": [item for item in items if item]}


def _page(request: HttpRequest, title: str, icon: str, name: str, waits: Mapping[str, int]) -> dict[str, Any]:
    link = reverse(name)
    # An account's page belongs to the portfolio.
    active = (
        request.path == link or (link != "/" and request.path.startswith(link)) or (name == "portfolio" and request.path.startswith("/accounts/"))
    )
    if name == "coaching":
        # Sessions and their effect have lines of their own below it.
        active = request.path == link or request.path.startswith(f"{link}accounts/")
    if within := {"campaigns": "calendar/", "community": "referrals/"}.get(name):
        # That has a line of its own.
        active = active and not request.path.startswith(f"{link}{within}")
    if name == "alerts":
        active = active and not request.path.startswith(tuple(f"{link}{page}/" for page in _OF_ESCALATION))
    elif name == "escalation":
        active = active or request.path.startswith(tuple(f"/alerts/{page}/" for page in _OF_ESCALATION))
    item: dict[str, Any] = {"title": title, "icon": icon, "link": link, "active": _answer(active)}
    if count := waits.get(name, 0):
        item |= {"badge": str(count) if count < 100 else "99+", "badge_variant": "primary"}
    return item


def _list(request: HttpRequest, title: str, icon: str, app: str, model: str) -> dict[str, Any] | None:
    if not request.user.has_perm(f"{app}.view_{model}"):
        return None
    try:
        link = reverse(f"admin:{app}_{model}_changelist")
    except NoReverseMatch:
        return None
    return {"title": title, "icon": icon, "link": link, "active": _answer(request.path.startswith(link))}


def _answer(value: bool) -> Callable[[HttpRequest], bool]:
    """Unfold wants a callable where the answer may be no."""
    return lambda request: value


_NOTE = re.compile(r"^(?:write )?(?:a )?note(?: for| about| on)?\s+", re.IGNORECASE)


def find(request: HttpRequest, words: str) -> list[SearchResult]:
    """Ctrl-K, on every page and in the admin: accounts of one's own book, the people in them, actions, saved views, pages."""
    about = _NOTE.sub("", words).strip()
    found = accounts.search(request.user, about, limit=20)
    shown = [
        SearchResult(
            title=account.name,
            description=" · ".join(part for part in (account.domain or account.external_id, account.plan, account.stage) if part),
            link=reverse("account", args=[account.pk]),
            icon="apartment",
        )
        for account in found
    ]
    deeds = [
        SearchResult(
            title=f"Write a note for {account.name}", description="Action", link=f"{reverse('account', args=[account.pk])}#note", icon="edit_note"
        )
        for account in found[:3]
    ]
    people = _people(found, about)
    deeds = deeds if getattr(request.user, "may_act", False) else []
    if about != words.strip():
        # Whoever begins with "note" wants to write one.
        return deeds + shown
    return shown + [hit for pair in people for hit in pair] + deeds + _boards(request, about) + _views(request, about) + _pages(request, about)


def _people(found: Sequence[Any], words: str) -> list[tuple[SearchResult, SearchResult]]:
    """Persons by name or address, among the accounts that were found by them; each with what they got and did not get."""
    asked = Q()
    for word in words.split()[:5]:
        asked &= Q(name__icontains=word) | Q(email__icontains=word)
    people = (
        Contact.objects.filter(asked, account__in=[account.pk for account in found], departed_on=None)
        .select_related("account")
        .order_by("name", "id")
    )
    return [
        (
            SearchResult(
                title=str(person),
                description=" · ".join(part for part in (person.get_role_display(), person.account.name) if part),
                link=f"{reverse('account', args=[person.account_id])}?tab=people",
                icon="person",
            ),
            SearchResult(
                title=f"What {person} got, and why",
                description="Delivery",
                link=reverse("delivery_contact", args=[person.pk]),
                icon="mark_email_read",
            ),
        )
        for person in people[:5]
    ]


def _boards(request: HttpRequest, words: str) -> list[SearchResult]:
    return [
        SearchResult(title=board.name, description="Dashboard", link=reverse("dashboard", args=[board.pk]), icon="dashboard")
        for board in dashboards.found(request.user, words)
    ]


def _views(request: HttpRequest, words: str) -> list[SearchResult]:
    views = SavedView.objects.for_user(request.user).filter(name__icontains=words, is_home=False).order_by("name", "id")  # type: ignore[arg-type]
    return [SearchResult(title=view.name, description="Portfolio view", link=view_link(view), icon="table_view") for view in views[:5]]


def _pages(request: HttpRequest, words: str) -> list[SearchResult]:
    return [
        SearchResult(title=item["title"], description=group["title"], link=item["link"], icon=item["icon"])
        for group in navigation(request)
        for item in group["items"]
        if words.lower() in item["title"].lower()
    ]
