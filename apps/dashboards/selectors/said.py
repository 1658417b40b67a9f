"""What the customer and the success manager said, as moments of the account's story: notes, promises, pulse, tickets, surveys, invoices."""

from datetime import UTC, date, datetime, time

from apps.accounts.models import Account, Invoice, Note, Promise, Pulse, SurveyResponse, Ticket
from apps.accounts.types import InvoiceState, NoteKind, PromiseState, SurveyKind, TicketPriority, TicketState
from apps.core.reading import Reading

from ..types import Kind, Moment, Pill

_BODY = 600
_ICONS = {NoteKind.NOTE: "edit_note", NoteKind.CALL: "call", NoteKind.MEETING: "groups", NoteKind.EMAIL: "mail"}
# From this score on an answer is good news, up to that score it is bad news.
GOOD = {SurveyKind.NPS: 9, SurveyKind.CSAT: 4, SurveyKind.CES: 6}
BAD = {SurveyKind.NPS: 6, SurveyKind.CSAT: 2, SurveyKind.CES: 3}
TOP = {SurveyKind.NPS: 10, SurveyKind.CSAT: 5, SurveyKind.CES: 7}


def notes(account: Account, before: datetime, limit: int) -> Reading[list[Moment]]:
    """Notes, promises made and settled, and how the manager felt."""
    written = Note.objects.filter(account=account, at__lt=before).select_related("author").order_by("-at")[:limit]
    promises = Promise.objects.filter(account=account, created_at__lt=before).select_related("owner").order_by("-created_at")[:limit]
    pulses = Pulse.objects.filter(account=account, at__lt=before).select_related("author").order_by("-at")[:limit]
    yield written, promises, pulses
    moments = []
    for note in written:
        title = f"{NoteKind(note.kind).label.capitalize()} by {note.author or 'somebody who left'}"
        moments.append(Moment(note.at, Kind.NOTE, _ICONS[NoteKind(note.kind)], title, note.body[:_BODY], channel=note.kind))
    for promise in promises:
        who = "They promised" if promise.by_customer else "We promised"
        moments.append(Moment(promise.created_at, Kind.NOTE, "handshake", f"{who}: {promise.text}", f"by {promise.due_on:%-d %b %Y}"))
        if promise.state != PromiseState.OPEN and promise.settled_at and promise.settled_at < before:
            kept = promise.state == PromiseState.KEPT
            pill = Pill(promise.get_state_display(), "good" if kept else "warn")
            moments.append(Moment(promise.settled_at, Kind.NOTE, "done_all" if kept else "block", f"Promise {promise.state}", promise.text, pill))
    for pulse in pulses:
        title = f"Pulse {pulse.value} of 100 by {pulse.author or 'somebody who left'}"
        moments.append(Moment(pulse.at, Kind.NOTE, "ecg_heart", title, pulse.reason))
    return moments


def tickets(account: Account, before: datetime, limit: int) -> Reading[list[Moment]]:
    opened = Ticket.objects.filter(account=account, opened_at__lt=before).select_related("contact").order_by("-opened_at")[:limit]
    yield opened
    moments = []
    for ticket in opened:
        urgent = ticket.priority in (TicketPriority.P1, TicketPriority.P2)
        pill = Pill(TicketPriority(ticket.priority).label, "warn" if urgent else "calm")
        detail = f"from {ticket.contact}" if ticket.contact else ""
        moments.append(Moment(ticket.opened_at, Kind.TICKET, "support_agent", f"Ticket: {ticket}", detail, pill))
        if ticket.state == TicketState.SOLVED and ticket.solved_at and ticket.solved_at < before:
            moments.append(Moment(ticket.solved_at, Kind.TICKET, "check_circle", "Ticket solved", str(ticket), Pill("solved", "good")))
    return moments


def surveys(account: Account, before: datetime, limit: int) -> Reading[list[Moment]]:
    answers = SurveyResponse.objects.filter(account=account, at__lt=before).select_related("contact", "loop_closed_by").order_by("-at")[:limit]
    yield answers
    moments = []
    for answer in answers:
        kind = SurveyKind(answer.kind)
        tone = "good" if answer.score >= GOOD[kind] else "bad" if answer.score <= BAD[kind] else "calm"
        title = f"{kind.upper()} {answer.score} of {TOP[kind]}{f' from {answer.contact}' if answer.contact else ''}"
        moments.append(Moment(answer.at, Kind.SURVEY, "reviews", title, answer.comment[:_BODY], Pill(f"{answer.score}", tone)))
        if answer.loop_closed_at and answer.loop_closed_at < before:
            by = f"by {answer.loop_closed_by}" if answer.loop_closed_by else ""
            moments.append(Moment(answer.loop_closed_at, Kind.SURVEY, "mark_chat_read", f"{kind.upper()} answered", by))
    return moments


def invoices(account: Account, before: datetime, limit: int) -> Reading[list[Moment]]:
    """An invoice is told on the day it was issued and on the day it was paid; days are told at their first instant (UTC)."""
    bills = Invoice.objects.filter(account=account, issued_on__lte=before.date()).order_by("-issued_on")[:limit]
    yield bills
    moments = []
    for invoice in bills:
        sum_of_money = f"{invoice.amount:,.2f} {invoice.currency}"
        overdue = invoice.state == InvoiceState.OPEN and invoice.due_on < before.date()
        pill = Pill("overdue", "bad") if overdue else Pill("payment failed", "bad") if invoice.state == InvoiceState.FAILED else None
        issued = _first_instant(invoice.issued_on)
        if issued < before:
            moments.append(
                Moment(
                    issued,
                    Kind.BILLING,
                    "receipt_long",
                    f"Invoice {invoice} over {sum_of_money}",
                    f"due {invoice.due_on:%-d %b %Y}",
                    pill,
                    whole_day=True,
                )
            )
        if invoice.state == InvoiceState.PAID and invoice.paid_on and (paid := _first_instant(invoice.paid_on)) < before:
            moments.append(Moment(paid, Kind.BILLING, "paid", f"Invoice {invoice} paid", sum_of_money, Pill("paid", "good"), whole_day=True))
    return moments


def _first_instant(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
