"""Three questions for a call, made from the strongest signs by fixed rules. Pure: the same signs make the same questions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from apps.accounts.models import Account, Contact, Invoice, Promise, SurveyResponse, Ticket
from apps.accounts.types import ContactRole, InvoiceState, SurveyKind, TicketPriority

from ..types import RiskView
from .said import BAD

ASKED = 3
_FELL = -0.25
_SILENT = timedelta(days=30)
_RENEWS_WITHIN = 90
_SEATS = 0.6
_KEY = (ContactRole.SPONSOR, ContactRole.CHAMPION)


@dataclass(frozen=True)
class Question:
    """What to ask, and the evidence that made it; `door` opens that evidence on the account's page."""

    words: str
    because: str
    door: str = ""


@dataclass(frozen=True)
class Signs:
    """What is known of an account before a call. `tickets` and `promises` are open ones, `gone` left since the last touch."""

    account: Account
    now: datetime
    risk: RiskView | None
    use: Any
    tickets: list[Ticket]
    invoices: list[Invoice]
    answers: list[SurveyResponse]
    gone: list[Contact]
    present: list[Contact]
    promises: list[Promise]


def three(signs: Signs) -> list[Question]:
    """The first three that the rules make, in the order of the rules: what we owe, what hurts, who left, what fell, money, words, time, reasons."""
    made: list[Question] = []
    for rule in _RULES:
        made += list(rule(signs))[: 2 if rule is _reasons else 1]
        if len(made) >= ASKED:
            break
    return (made + _ALWAYS)[:ASKED]


def bill_words(bill: Invoice, today: date) -> str:
    state = "payment failed" if bill.state == InvoiceState.FAILED else f"{(today - bill.due_on).days} days overdue"
    return f"invoice {bill} over {bill.amount:,.2f} {bill.currency}: {state}"


def _owed(signs: Signs) -> Iterator[Question]:
    for promise in signs.promises:
        if not promise.by_customer and promise.due_on < signs.now.date():
            yield Question(
                f"We promised “{promise.text}” and have not done it. What did the delay cost you, and which day do you need it?",
                f"our promise was due {promise.due_on:%-d %b}",
            )


def _hurts(signs: Signs) -> Iterator[Question]:
    urgent = [ticket for ticket in signs.tickets if ticket.priority in (TicketPriority.P1, TicketPriority.P2)]
    for ticket in sorted(urgent, key=lambda one: (one.priority, one.opened_at)):
        days = (signs.now - ticket.opened_at).days
        yield Question(
            f"How much does “{ticket}” hold your people up, and who waits for it most?",
            f"{ticket.get_priority_display()} ticket, open for {days} day{'' if days == 1 else 's'}",
            "?kind=ticket",
        )


def _left(signs: Signs) -> Iterator[Question]:
    for person in signs.gone:
        if person.role in _KEY:
            yield Question(
                f"Who decides now that {person} has left, and what do they expect of us?",
                f"{person}, {person.get_role_display()}, left on {person.departed_on:%-d %b}",
                "?tab=people",
            )


def _fell(signs: Signs) -> Iterator[Question]:
    change = signs.use.change
    if change is not None and change <= _FELL:
        yield Question(
            "Your people do less with it than before. What changed in how they work?",
            f"{signs.use.words} a week since the last touch, {signs.use.before:.0f} before ({change:+.0%})".replace("-", "−"),
            "?tab=use",
        )


def _unpaid(signs: Signs) -> Iterator[Question]:
    for bill in signs.invoices:
        yield Question("Is something wrong with the invoice, or with what you got for it?", bill_words(bill, signs.now.date()), "?tab=money")


def _unhappy(signs: Signs) -> Iterator[Question]:
    for answer in signs.answers:
        kind = SurveyKind(answer.kind)
        if answer.score <= BAD[kind]:
            said = f": “{answer.comment[:100]}”" if answer.comment else ""
            yield Question(
                "What would have to change for you to answer the survey differently?", f"{kind.upper()} {answer.score}{said}", "?tab=voice"
            )


def _renews(signs: Signs) -> Iterator[Question]:
    day = signs.account.renews_on
    if day is not None and 0 <= (day - signs.now.date()).days <= _RENEWS_WITHIN:
        yield Question(
            "What has to be true by the renewal for you to sign without thinking twice?",
            f"the contract renews on {day:%-d %b %Y}, in {(day - signs.now.date()).days} days",
        )


def _reasons(signs: Signs) -> Iterator[Question]:
    for words in signs.risk.raising if signs.risk else []:
        yield Question(f"We noticed: {words[:1].lower()}{words[1:]}. What is behind it?", "it pushes the churn risk up", "?tab=risk")


def _empty_seats(signs: Signs) -> Iterator[Question]:
    seats, used = signs.account.seats, signs.account.seats_used
    if seats and used is not None and used / seats < _SEATS:
        yield Question("Whom were the other seats for, and what keeps them away?", f"{used} of {seats} seats are in use")


def _silent(signs: Signs) -> Iterator[Question]:
    for person in signs.present:
        last = person.last_two_way_at
        if person.role in _KEY and (last is None or signs.now - last > _SILENT):
            since = "never yet" if last is None else f"last on {last:%-d %b}"
            yield Question(
                f"How does {person} judge what you get from us?", f"no words with {person}, {person.get_role_display()}: {since}", "?tab=people"
            )


_RULES: tuple[Callable[[Signs], Iterator[Question]], ...] = (
    _owed,
    _hurts,
    _left,
    _fell,
    _unpaid,
    _unhappy,
    _renews,
    _reasons,
    _empty_seats,
    _silent,
)
# Where the signs make fewer than three.
_ALWAYS = [
    Question("Which result do you need from us most in the next three months?", "no stronger sign is known"),
    Question("Who else at your side should hear from us?", "no stronger sign is known"),
    Question("What would you miss most if we were gone tomorrow?", "no stronger sign is known"),
]
