"""Tickets, answers to surveys and invoices as they were at a moment: what was changed in them later is undone, as the figures do (story.py)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from apps.accounts.models import Account, Contact, Invoice, SurveyResponse, Ticket
from apps.accounts.types import InvoiceState, TicketPriority
from apps.core.reading import Reading
from apps.events import selectors as events

from .registry import Feature
from .types import Fact

# How far back records are looked through.
_MOST = 300
_SUBJECTS = {Contact: "contact", Ticket: "ticket", SurveyResponse: "surveyresponse", Invoice: "invoice"}


def behind(account: Account, feature: Feature, *, seen: datetime, last: date) -> Reading[list[Fact]]:
    """The records that a figure of tickets, surveys or invoices was counted from, newest first; `seen` is the last known instant."""
    found = yield from as_they_were(_records(account, feature.source, seen, last), seen)
    return [fact(row, seen, last) for row in found if _counts(feature, row, seen, last)]


def beside(account: Account, family: str, *, first: date, seen: datetime, last: date) -> Reading[list[Fact]]:
    """Tickets of the days from `first` on and older ones that were open, or the invoices that fell due in those days; nothing for other families."""
    source = {"support": "tickets", "payment": "invoices"}.get(family)
    if source is None:
        yield ()
        return []
    found = yield from as_they_were(_records(account, source, seen, last), seen)
    return [fact(row, seen, last) for row in found if _day(row) >= first or (isinstance(row, Ticket) and _is_open(row, seen))]


def _records(account: Account, source: str, seen: datetime, last: date) -> QuerySet[Any]:
    if source == "tickets":
        return Ticket.objects.filter(account=account, opened_at__lte=seen).order_by("-opened_at", "-id")[:_MOST]
    if source == "surveys":
        return SurveyResponse.objects.filter(account=account, at__lte=seen).select_related("contact").order_by("-at", "-id")[:_MOST]
    return Invoice.objects.filter(account=account, issued_on__lte=last).order_by("-due_on", "-id")[:_MOST]


def as_they_were(rows: QuerySet[Any], seen: datetime) -> Reading[list[Any]]:
    """The rows with what was changed in them later undone."""
    yield rows
    if not rows:
        return []
    kind = _SUBJECTS[type(rows[0])]
    before = yield from events.values_before([f"{kind}:{row.pk}" for row in rows], seen)
    for row in rows:
        for name, value in before.get(f"{kind}:{row.pk}", {}).items():
            if name in {field.name for field in row._meta.concrete_fields if not field.is_relation}:
                setattr(row, name, row._meta.get_field(name).to_python(value))
    return list(rows)


def _counts(feature: Feature, row: Any, seen: datetime, last: date) -> bool:
    if isinstance(row, SurveyResponse):
        return row.kind == feature.family
    if isinstance(row, Ticket):
        if feature.key == "answer_hours":
            return row.answered_at is not None and row.answered_at <= seen and _day(row) > last - timedelta(days=feature.window)
        if feature.window:
            return _day(row) > last - timedelta(days=feature.window)
        return _is_open(row, seen) and (feature.key != "tickets_severe" or row.priority in (TicketPriority.P1, TicketPriority.P2))
    if row.state == InvoiceState.VOID:
        return False
    if feature.key == "failed_56":
        return bool(row.state == InvoiceState.FAILED and row.due_on > last - timedelta(days=feature.window))
    return _is_overdue(row, last)


def _day(row: Any) -> date:
    return row.opened_at.astimezone(UTC).date() if isinstance(row, Ticket) else row.due_on


def _is_open(ticket: Ticket, seen: datetime) -> bool:
    return ticket.solved_at is None or ticket.solved_at > seen


def _is_overdue(invoice: Invoice, last: date) -> bool:
    return invoice.due_on < last and (invoice.paid_on is None or invoice.paid_on > last)


def fact(row: Any, seen: datetime, last: date) -> Fact:
    """A record in the state that it had then."""
    if isinstance(row, Ticket):
        answered = f"first answer after {_lasting(row.answered_at - row.opened_at)}" if row.answered_at and row.answered_at <= seen else "no answer"
        return Fact(
            "ticket", row.pk, row.opened_at, str(row), f"{row.get_priority_display()} · {answered} · {'open' if _is_open(row, seen) else 'solved'}"
        )
    if isinstance(row, SurveyResponse):
        words = " · ".join(word for word in (str(row.contact or ""), row.comment[:300]) if word)
        return Fact("survey", row.pk, row.at, f"{row.kind.upper()} {row.score}", words)
    paid = row.paid_on is not None and row.paid_on <= last
    state = f"paid {row.paid_on:%-d %b %Y}" if paid else "overdue" if _is_overdue(row, last) else "not due yet"
    failed = " · payment failed" if row.state == InvoiceState.FAILED and not paid else ""
    due = f"due {row.due_on:%-d %b %Y}"
    return Fact("invoice", row.pk, row.due_on, f"Invoice {row} over {row.amount:,.2f} {row.currency}", f"{due} · {state}{failed}")


def _lasting(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} d"
