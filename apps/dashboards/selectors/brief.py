"""A call's brief: what changed since the last touch, what was promised, three questions with what made them, and whom to call."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Max, Q, Sum

from apps.accounts.models import Account, Contact, DailyRollup, Invoice, Note, Promise, SurveyResponse, Ticket
from apps.accounts.types import ContactRole, InvoiceState, NoteKind, PromiseState, SurveyKind, TicketState
from apps.core.reading import Reading, asked, gather
from apps.events.models import Change
from apps.health import selectors as health
from apps.interventions.models import Task
from apps.interventions.types import TaskResult
from apps.messaging.models import Consent, Message
from apps.messaging.types import Channel, MessageState

from ..types import RiskView
from . import questions, risk, since
from .questions import Question, Signs

# Where nobody has spoken with them yet, this far back counts as the last touch.
_LOOK_BACK = timedelta(days=30)
_LINES = 6
# Results of tasks after which somebody has spoken with them.
_REACHED = (TaskResult.REACHED, TaskResult.MEETING, TaskResult.SAVED)
_WEEKS = 8
_RANK = {ContactRole.CHAMPION: 0, ContactRole.SPONSOR: 1, ContactRole.ADMIN: 2, ContactRole.USER: 3, ContactRole.DETRACTOR: 4}
_OPENS, _CLOSES = 9, 18


@dataclass(frozen=True)
class Line:
    """A change in words, and the door to what is behind it."""

    words: str
    door: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    lines: list[Line]


@dataclass(frozen=True)
class Callee:
    """Whom to call: their role, number, and the hour where they are."""

    contact: Contact
    role: str
    phone: str
    there: datetime
    zone: str
    refuses: bool

    @property
    def at_work(self) -> bool:
        return self.there.weekday() < 5 and _OPENS <= self.there.hour < _CLOSES

    @property
    def hour(self) -> str:
        hours = "" if self.at_work else ", outside working hours there"
        return f"{self.there:%a %H:%M} there ({self.zone}){hours}"


@dataclass(frozen=True)
class Brief:
    account: Account
    at: datetime
    touched: str
    risk: RiskView | None
    sections: list[Section]
    ours: list[Promise]
    theirs: list[Promise]
    questions: list[Question]
    people: list[Callee]

    @property
    def touch(self) -> str:
        if not self.touched:
            return f"Nobody of ours has spoken with them yet; told is what changed since {self.at:%-d %b %Y}"
        return f"Last touch: {self.at:%-d %b %Y}, {self.touched}"

    @property
    def callee(self) -> Callee | None:
        """The first who has a number and does not refuse calls; else the first of all."""
        able = [one for one in self.people if one.phone and not one.refuses]
        return next(iter(able or self.people), None)

    @property
    def others(self) -> list[Callee]:
        return [one for one in self.people if one is not self.callee][:3]


def brief(account: Account, *, now: datetime) -> Reading[Brief]:
    """`account` with its risk and owner; `now` is told in the reader's zone."""
    spoken = Note.objects.filter(account=account, at__lte=now).exclude(kind=NoteKind.NOTE).order_by("-at")[:1]
    people = account.contacts.order_by("id")[:200]
    replies = Message.objects.filter(account=account, replied_at__lte=now).order_by().values_list("contact").annotate(last=Max("replied_at"))
    worked = Task.objects.filter(account=account, result__in=_REACHED, closed_at__lte=now).order_by("-closed_at")[:1]
    refusals = (
        Consent.objects.filter(contact__account=account, channel=Channel.VOICE, at__lte=now)
        .order_by("contact_id", "-at", "-id")
        .distinct("contact_id")
        .values_list("contact_id", "allowed")
    )
    promises = Promise.objects.filter(account=account, state=PromiseState.OPEN).select_related("owner").order_by("due_on", "id")[:12]
    yield spoken, people, replies, worked, refusals, promises
    at, touched = _last_touch(spoken, worked, people, dict(replies), now)
    present = [person for person in people if person.departed_on is None or person.departed_on > now.date()]
    window = Q(account=account)
    tickets = Ticket.objects.filter(window, Q(opened_at__gt=at) | Q(solved_at__gt=at) | ~Q(state=TicketState.SOLVED)).order_by("-opened_at")[:20]
    invoices = Invoice.objects.filter(window, state__in=(InvoiceState.OPEN, InvoiceState.FAILED), due_on__lt=now.date()).order_by("due_on")[:12]
    answers = SurveyResponse.objects.filter(window, at__gt=at, at__lte=now).select_related("contact").order_by("-at")[:6]
    messages = Message.objects.filter(window, Q(sent_at__gt=at) | Q(replied_at__gt=at)).select_related("contact").order_by("-id")[:12]
    subjects = [f"contact:{person.pk}" for person in present]
    arrivals = Change.objects.filter(subject__in=subjects, field="name", before=None, at__gt=at, at__lte=now).values_list("subject", flat=True)
    _, before, presents, use = yield from gather(
        asked(tickets, invoices, answers, messages, arrivals),
        since.before(account, at, now=now),
        health.present([account.pk]),
        _use(account, at, now),
    )
    known = risk.of(account)
    then, fields = before, before.fields
    came = {subject.partition(":")[2] for subject in arrivals}
    gone = [person for person in people if person.departed_on is not None and at.date() <= person.departed_on <= now.date()]
    signs = Signs(
        account=account,
        now=now,
        risk=known,
        use=use,
        tickets=[ticket for ticket in tickets if ticket.state != TicketState.SOLVED],
        invoices=list(invoices),
        answers=list(answers),
        gone=gone,
        present=present,
        promises=list(promises),
    )
    refused = {contact_id for contact_id, allowed in refusals if not allowed}
    sections = [
        Section("Health and risk", _scores(then, known, presents.get(account.pk))),
        Section("Use", _use_lines(use)),
        Section("Tickets", _ticket_lines(tickets, at)),
        Section("Invoices", [Line(questions.bill_words(bill, now.date()), "?tab=money") for bill in invoices][:_LINES]),
        Section("Answers to surveys", [Line(_survey_words(answer), "?tab=voice") for answer in answers][:_LINES]),
        Section("People", _people_lines(gone, [person for person in present if str(person.pk) in came])),
        Section("Messages and replies", _message_lines(messages, at)),
        Section("Facts", [Line(f"{step.label}: {step.before} → {step.after}") for step in fields[:_LINES]]),
    ]
    return Brief(
        account=account,
        at=at,
        touched=touched,
        risk=known,
        sections=[section for section in sections if section.lines],
        ours=[promise for promise in promises if not promise.by_customer],
        theirs=[promise for promise in promises if promise.by_customer],
        questions=questions.three(signs),
        people=_callees(present, refused, now),
    )


def _last_touch(
    spoken: Iterable[Note], worked: Iterable[Task], people: Iterable[Contact], replies: Mapping[int, datetime], now: datetime
) -> tuple[datetime, str]:
    """When a person of ours last had words with them. A reply that nobody has answered is no such touch: it is what the brief has to tell."""
    touches = [(note.at, f"{NoteKind(note.kind).label} noted") for note in spoken]
    touches += [(task.closed_at, f"“{task.title}”: {task.get_result_display()}") for task in worked if task.closed_at]
    for person in people:
        words = person.last_two_way_at
        if words is not None and words <= now and replies.get(person.pk) != words:
            touches.append((words, f"words with {person}"))
    if not touches:
        return now - _LOOK_BACK, ""
    return max(touches, key=lambda touch: touch[0])


@dataclass(frozen=True)
class Use:
    """Actions a week since the last touch, and over the eight weeks before it."""

    since: float
    before: float

    @property
    def words(self) -> str:
        return f"{self.since:.0f} action{'' if f'{self.since:.0f}' == '1' else 's'}"

    @property
    def change(self) -> float | None:
        """As a share of before; None where there was nothing."""
        return self.since / self.before - 1 if self.before else None


def _use(account: Account, at: datetime, now: datetime) -> Reading[Use]:
    """Whole days after the touch; a touch of today looks at the last seven days."""
    first = min(at.date() + timedelta(days=1), now.date() - timedelta(days=7))
    days = DailyRollup.objects.filter(account=account)
    recent = days.filter(day__gte=first, day__lt=now.date()).order_by().values("account").annotate(all=Sum("count")).values_list("all", flat=True)
    earlier = days.filter(day__gte=first - timedelta(weeks=_WEEKS), day__lt=first)
    past = earlier.order_by().values("account").annotate(all=Sum("count")).values_list("all", flat=True)
    yield recent, past
    weeks = (now.date() - first).days / 7
    return Use(next(iter(recent), 0) / weeks, next(iter(past), 0) / _WEEKS)


def _scores(before: Any, known: RiskView | None, present: Any) -> list[Line]:
    lines = []
    if present is not None and present.score is not None:
        was = f" (was {before.health.points})" if before.health is not None and before.health.score is not None else ""
        lines.append(Line(f"Health {present.points} of 100{was}"))
    if known is not None:
        was = f" (was {before.risk.shown})" if before.risk is not None and before.risk.points != known.points else ""
        lines.append(Line(f"{known.in_full.capitalize()}{was}", "?tab=risk"))
        lines += [Line(f"pushes it up: {words}", "?tab=risk") for words in known.raising]
    return lines


def _use_lines(use: Use) -> list[Line]:
    if not use.since and not use.before:
        return []
    change = "" if use.change is None else f" ({use.change:+.0%})".replace("-", "−")
    return [Line(f"{use.words} a week since then, {use.before:.0f} in the {_WEEKS} weeks before{change}", "?tab=use")]


def _ticket_lines(tickets: Iterable[Ticket], at: datetime) -> list[Line]:
    lines = []
    for ticket in tickets:
        if ticket.solved_at is not None and ticket.state == TicketState.SOLVED:
            lines.append(Line(f"solved: {ticket} ({ticket.solved_at:%-d %b})", "?kind=ticket"))
        else:
            new = "new, " if ticket.opened_at > at else ""
            stands = f"{new}{ticket.get_priority_display()}, {ticket.get_state_display()}"
            lines.append(Line(f"{stands}: {ticket} (since {ticket.opened_at:%-d %b})", "?kind=ticket"))
    return lines[:_LINES]


def _survey_words(answer: SurveyResponse) -> str:
    who = f" from {answer.contact}" if answer.contact else ""
    said = f": “{answer.comment[:120]}”" if answer.comment else ""
    return f"{SurveyKind(answer.kind).upper()} {answer.score}{who}{said}"


def _people_lines(gone: Sequence[Contact], came: Sequence[Contact]) -> list[Line]:
    left = [Line(f"left: {person}, {person.get_role_display()} ({person.departed_on:%-d %b})", "?tab=people") for person in gone]
    return (left + [Line(f"new: {person}, {person.get_role_display()}", "?tab=people") for person in came])[:_LINES]


def _message_lines(messages: Iterable[Message], at: datetime) -> list[Line]:
    lines = []
    for message in messages:
        if message.replied_at is not None and message.replied_at > at:
            lines.append(Line(f"{message.contact} replied to “{message.subject}”: “{message.reply[:120]}”", "?kind=message"))
        else:
            state = MessageState(message.state).label
            lines.append(Line(f"{message.get_channel_display()} “{message.subject}” to {message.contact}: {state}, no reply", "?kind=message"))
    return lines[:_LINES]


def _callees(present: Sequence[Contact], refused: set[int], now: datetime) -> list[Callee]:
    order = sorted(present, key=lambda person: (_RANK[ContactRole(person.role)], -(person.influence or 0), person.pk))
    found = []
    for person in order[:8]:
        zone = _zone(person.time_zone or person.account.time_zone)
        found.append(Callee(person, person.get_role_display(), person.phone, now.astimezone(zone), zone.key, person.pk in refused))
    return found


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def as_text(told: Brief) -> str:
    """The whole brief as plain words, for printing and reading aloud."""
    account = told.account
    renews = f", renews {account.renews_on:%-d %b %Y}" if account.renews_on else ""
    lines = [f"{account.name}: ARR {account.arr:,.0f} {account.currency}{renews}", told.touch, ""]
    if told.callee is None:
        lines += ["CALL", "  Nobody is known there who has not left."]
    else:
        lines.append("CALL")
        for person in (told.callee, *told.others):
            number = "does not want calls" if person.refuses else person.phone or "no number known"
            lines.append(f"  {person.contact}, {person.role}: {number}; {person.hour}")
    lines += ["", "SINCE THEN"]
    for section in told.sections:
        lines += [f"  {section.title}", *(f"    - {line.words}" for line in section.lines)]
    if not told.sections:
        lines.append("  Nothing that we know of has changed.")
    for title, promises in (("WE PROMISED", told.ours), ("THEY PROMISED", told.theirs)):
        lines += ["", title, *(f"  - {promise.text}, by {promise.due_on:%-d %b}" for promise in promises)]
        if not promises:
            lines.append("  Nothing is open.")
    lines += ["", "ASK"]
    for place, question in enumerate(told.questions, 1):
        lines += [f"  {place}. {question.words}", f"     because: {question.because}"]
    return "\n".join(lines) + "\n"
