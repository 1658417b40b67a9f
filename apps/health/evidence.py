"""The raw rows behind a measure, newest first, each with a door to its record. Never later than the moment asked about."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.urls import reverse

from apps.accounts.models import Account, ActivityEvent, Contact, DailyRollup, EventName, Invoice, Note, Pulse, SurveyResponse, Ticket
from apps.accounts.types import Meaning
from apps.messaging.models import Message
from apps.milestones.models import Progress
from apps.milestones.types import ProgressState

from .registry import BY_KEY

LIMIT = 12
_NOT_USE = (Meaning.SUPPORT, Meaning.PAYMENT, Meaning.LEAVING, Meaning.BILLING)


@dataclass(frozen=True)
class Fact:
    """One row: what, when, and where to look at it."""

    at: datetime | date | None
    title: str
    detail: str = ""
    url: str = ""


@dataclass(frozen=True)
class Evidence:
    """The newest facts, and for activity how often each name occurred in the window."""

    facts: tuple[Fact, ...]
    counts: tuple[tuple[str, int], ...] = ()
    window: int = 0


def behind(account: Account, key: str, *, until: datetime) -> Evidence:
    """At most a dozen rows that the measure was counted from."""
    measure = BY_KEY[key]
    since = until - timedelta(days=measure.window)
    return _READERS[measure.evidence](account, since, until, measure.window)


def _activity(account: Account, since: datetime, until: datetime, window: int, names: QuerySet[Any], *, without: bool = False) -> Evidence:
    first = datetime.combine(since.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    chosen = Q(name__in=names.values("name"))
    rows = ActivityEvent.objects.filter(~chosen if without else chosen, account=account, at__gte=first, at__lte=until)
    facts = tuple(
        Fact(event.at, event.name, f"by {event.contact}" if event.contact else "", reverse("admin:accounts_activityevent_change", args=[event.pk]))
        for event in rows.select_related("contact").order_by("-at", "-id")[:LIMIT]
    )
    rolled = DailyRollup.objects.filter(~chosen if without else chosen, account=account, day__gte=first.date(), day__lte=until.astimezone(UTC).date())
    counts = tuple(rolled.values_list("name").annotate(total=Sum("count")).order_by("-total", "name")[:8])
    return Evidence(facts, counts, window)


def _use(account: Account, since: datetime, until: datetime, window: int) -> Evidence:
    return _activity(account, since, until, window, EventName.objects.filter(meaning__in=_NOT_USE), without=True)


def _core(account: Account, since: datetime, until: datetime, window: int) -> Evidence:
    return _activity(account, since, until, window, EventName.objects.filter(meaning=Meaning.CORE))


def _tickets(account: Account, since: datetime, until: datetime, window: int) -> Evidence:
    still_open = Q(solved_at__isnull=True) | Q(solved_at__gt=until)
    rows = list(Ticket.objects.filter(Q(opened_at__gt=since) | still_open, account=account, opened_at__lte=until).order_by("-opened_at")[:LIMIT])
    if not rows:
        return _activity(account, since, until, window, EventName.objects.filter(meaning=Meaning.SUPPORT))
    return Evidence(tuple(_ticket(ticket, until) for ticket in rows), window=window)


def _ticket(ticket: Ticket, until: datetime) -> Fact:
    answered = (
        f"answered after {_lasting(ticket.answered_at - ticket.opened_at)}" if ticket.answered_at and ticket.answered_at <= until else "no answer"
    )
    solved = f"solved after {_lasting(ticket.solved_at - ticket.opened_at)}" if ticket.solved_at and ticket.solved_at <= until else "open"
    return Fact(
        ticket.opened_at,
        str(ticket),
        f"{ticket.get_priority_display()} · {answered} · {solved}",
        reverse("admin:accounts_ticket_change", args=[ticket.pk]),
    )


def _surveys(account: Account, since: datetime, until: datetime, window: int) -> Evidence:
    rows = SurveyResponse.objects.filter(account=account, at__gt=since, at__lte=until).select_related("contact").order_by("-at")[:LIMIT]
    return Evidence(
        tuple(
            Fact(
                row.at,
                f"{row.get_kind_display().split(' ')[0]} {row.score}",
                " · ".join(word for word in (str(row.contact or ""), row.comment) if word),
                reverse("admin:accounts_surveyresponse_change", args=[row.pk]),
            )
            for row in rows
        ),
        window=window,
    )


def _pulse(account: Account, since: datetime, until: datetime, window: int) -> Evidence:
    rows = Pulse.objects.filter(account=account, at__lte=until).select_related("author").order_by("-at")[:LIMIT]
    return Evidence(
        tuple(
            Fact(
                row.at,
                f"{row.value} of 100",
                " · ".join(word for word in (str(row.author or ""), row.reason) if word),
                reverse("admin:accounts_pulse_change", args=[row.pk]),
            )
            for row in rows
        ),
        window=window,
    )


def _people(account: Account, since: datetime, until: datetime, window: int) -> Evidence:
    rows = Contact.objects.filter(account=account).order_by("departed_on", "role", "name")[:LIMIT]
    return Evidence(
        tuple(
            Fact(
                row.departed_on if row.departed_on and row.departed_on <= until.date() else None,
                str(row),
                "left" if row.departed_on and row.departed_on <= until.date() else row.get_role_display(),
                reverse("admin:accounts_contact_change", args=[row.pk]),
            )
            for row in rows
        )
    )


def _words(account: Account, since: datetime, until: datetime, window: int) -> Evidence:
    """Calls, meetings and mails that were written down, and replies to what was sent."""
    notes = Note.objects.filter(account=account, kind__in=("call", "meeting", "email"), at__lte=until).select_related("author").order_by("-at")
    replies = Message.objects.filter(account=account, replied_at__lte=until).select_related("contact").order_by("-replied_at")
    facts = [
        Fact(note.at, f"{note.get_kind_display()}: {note}", str(note.author or ""), reverse("admin:accounts_note_change", args=[note.pk]))
        for note in notes[:LIMIT]
    ]
    facts += [
        Fact(
            message.replied_at,
            f"Reply to “{message.subject}”",
            str(message.contact),
            reverse("admin:messaging_message_change", args=[message.pk]),
        )
        for message in replies[:LIMIT]
    ]
    facts += [
        Fact(
            person.last_two_way_at,
            f"Last words with {person}",
            "as the contact's record says",
            reverse("admin:accounts_contact_change", args=[person.pk]),
        )
        for person in Contact.objects.filter(account=account, last_two_way_at__lte=until).order_by("-last_two_way_at")[:LIMIT]
    ]
    return Evidence(tuple(sorted(facts, key=lambda fact: str(fact.at), reverse=True)[:LIMIT]), window=window)


def _invoices(account: Account, since: datetime, until: datetime, window: int) -> Evidence:
    rows = list(Invoice.objects.filter(account=account, issued_on__lte=until.date()).order_by("-due_on", "-id")[:LIMIT])
    if not rows:
        return _activity(account, since, until, window, EventName.objects.filter(meaning=Meaning.PAYMENT))
    facts = []
    for row in rows:
        paid = row.paid_on is not None and row.paid_on <= until.date()
        state = f"paid {row.paid_on:%-d %b %Y}" if paid else row.get_state_display()
        facts.append(
            Fact(row.due_on, f"{row} {row.amount:,.2f} {row.currency}", f"due · {state}", reverse("admin:accounts_invoice_change", args=[row.pk]))
        )
    return Evidence(tuple(facts), window=window)


def _contract(account: Account, since: datetime, until: datetime, window: int) -> Evidence:
    url = reverse("admin:accounts_account_change", args=[account.pk])
    return Evidence((Fact(account.renews_on, "Renewal", f"{account.plan or 'contract'}, {account.arr:,.0f} {account.currency} a year", url),))


def _milestones(account: Account, since: datetime, until: datetime, window: int) -> Evidence:
    known = Q(achieved_at__lte=until, noticed_at__lte=until)
    waited = Q(behind_at__lte=until) & (Q(state=ProgressState.OPEN) | Q(state=ProgressState.ACHIEVED, noticed_at__gt=until))
    rows = list(Progress.objects.filter(known | waited, account=account).select_related("milestone").order_by("milestone__position", "pk")[:LIMIT])
    return Evidence(tuple(_way(row, until) for row in rows), window=window)


def _way(row: Progress, until: datetime) -> Fact:
    url = reverse("admin:milestones_progress_change", args=[row.pk])
    if row.achieved_at and row.noticed_at and row.noticed_at <= until:
        return Fact(row.achieved_at, row.milestone.name, "reached", url)
    return Fact(row.behind_at, row.milestone.name, "not reached by the day three quarters of its cohort had it", url)


_READERS: dict[str, Callable[[Account, datetime, datetime, int], Evidence]] = {
    "use": _use,
    "core": _core,
    "tickets": _tickets,
    "surveys": _surveys,
    "pulse": _pulse,
    "people": _people,
    "words": _words,
    "invoices": _invoices,
    "contract": _contract,
    "milestones": _milestones,
}


def _lasting(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} d"
