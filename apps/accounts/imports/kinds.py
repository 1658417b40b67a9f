"""The kinds of files: which columns each may have, what a row becomes, and who brings it in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from apps.accounts.models import Contact, Invoice, Subscription, SurveyResponse, Ticket
from apps.accounts.profiles import bring_accounts, compare_accounts
from apps.accounts.records import bring_records, compare_records
from apps.accounts.types import (
    AccountFacts,
    Brought,
    ContactRole,
    FieldKind,
    InvoiceState,
    RecordFacts,
    Stage,
    SubscriptionState,
    SurveyKind,
    TicketPriority,
    TicketState,
)
from apps.core.actor import Actor

from . import fields
from .fields import Field, Ground
from .values import Bad

# What a row gives, by our names; missing names were not said.
Given = dict[str, Any]
SOURCE = "import"


class BadField(Bad):
    """Two cells of a row contradict each other; `field` is the one to look at."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True)
class RecordKind:
    """One kind of file. `takes_traits`: columns that are not recognised become traits, else they are not read."""

    name: str
    noun: str
    fields: Mapping[str, Field]
    takes_traits: bool
    facts: Callable[[Given, dict[str, Any]], Any]
    bring: "Callable[[Sequence[Any], Passage], Brought]"
    complete: Callable[[Given, Ground], None] = lambda given, ground: None

    @property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        return {ours: field.names for ours, field in self.fields.items()}

    @property
    def required(self) -> list[str]:
        return [ours for ours, field in self.fields.items() if field.required]


@dataclass(frozen=True)
class Passage:
    """In whose name, when and with what rows come in. The end of the import announces them all; without a batch they are only compared."""

    actor: Actor
    now: datetime
    batch: str
    trait_kinds: Mapping[str, FieldKind]


def _bring_accounts(rows: Sequence[AccountFacts], by: Passage) -> Brought:
    if not by.batch:
        return compare_accounts(rows, source=SOURCE, now=by.now, trait_kinds=by.trait_kinds)
    return bring_accounts(rows, source=SOURCE, actor=by.actor, now=by.now, batch=by.batch, trait_kinds=by.trait_kinds, announce=False)


def _account_facts(given: Given, traits: dict[str, Any]) -> AccountFacts:
    arr = given.get("arr")
    if arr is None and "mrr" in given:
        arr = given["mrr"] * 12
    return AccountFacts(
        external_id=given["id"],
        name=given.get("name"),
        domain=given.get("domain"),
        plan=given.get("plan"),
        stage=Stage.CHURNED if given.get("churned") else None,
        owner_id=given.get("owner_email"),
        time_zone=given.get("time_zone"),
        currency=given.get("currency"),
        arr=arr,
        seats=given.get("seats"),
        started_on=given.get("start_date"),
        renews_on=given.get("renews_on"),
        churned_on=given.get("churn_date"),
        traits=traits,
    )


def _churned(given: Given, ground: Ground) -> None:
    if "churn_date" in given:
        given["churned"] = True


_ID = fields.text(120, plain_text=True)
ACCOUNTS = RecordKind(
    name="accounts",
    noun="account",
    fields={
        "id": Field(
            ("accountid", "externalid", "customerid", "companyid", "clientid", "id", "account", "customer"),
            _ID,
            "The id that your own systems use",
            required=True,
        ),
        "name": Field(
            ("name", "accountname", "companyname", "customername", "company"), fields.text(200, plain_text=True), "The company's name; else its id"
        ),
        "start_date": Field(("startdate", "startedon", "signupdate", "customersince", "createdat"), fields.day, "Customer since"),
        "renews_on": Field(
            ("renewson", "plannedenddate", "renewaldate", "contractend", "contractenddate"), fields.day, "Next renewal, or planned end"
        ),
        "churn_date": Field(
            ("churndate", "churnedon", "churnedat", "canceldate", "cancelledon", "cancellationdate"),
            fields.past_day(" A planned end belongs in renews_on."),
            "The day the customer left",
        ),
        "plan": Field(("plan", "plantier", "planname"), fields.text(80), "What they bought"),
        "arr": Field(("arr",), fields.money, "Yearly recurring revenue, 0 to 100 billion"),
        "mrr": Field(("mrr",), fields.money, "The same per month; counts when there is no arr"),
        "seats": Field(("seats", "licenses", "licences"), fields.count, "Seats bought"),
        "currency": Field(("currency",), fields.currency, "ISO 4217, such as EUR; a new account has USD"),
        "owner_email": Field(("owneremail", "csmemail"), fields.staff, "The success manager's email address; the person must be on the staff"),
        "domain": Field(("domain", "website"), fields.text(120), "The main web domain"),
        "time_zone": Field(("timezone", "tz"), fields.zone, "Such as Europe/Berlin; a new account has UTC"),
    },
    takes_traits=True,
    facts=_account_facts,
    bring=_bring_accounts,
    complete=_churned,
)

_ACCOUNT = Field(
    ("accountid", "customerid", "companyid", "groupid", "account", "customer", "organizationid"),
    fields.text(120),
    "The account's id; the account must be known",
    required=True,
)
_CONTACT = Field(
    ("contactid", "userid", "requesterid", "respondentid", "contact", "contactemail", "requesteremail", "email"),
    fields.text(254),
    "A person's id or email address; the person must be known",
)


def _of(model: Any, columns: Mapping[str, str]) -> tuple[Any, Any]:
    """Facts and gate of a kind whose rows are rows of `model`; `columns` are those with another name there."""

    def facts(given: Given, traits: dict[str, Any]) -> RecordFacts:
        rest = {columns.get(ours, ours): value for ours, value in given.items() if ours not in {"id", "account", "contact", "mrr"}}
        return RecordFacts(given["id"], given["account"], given.get("contact", ""), rest, traits)

    def bring(rows: Sequence[RecordFacts], by: Passage) -> Brought:
        if not by.batch:
            return compare_records(model, rows, source=SOURCE, now=by.now, trait_kinds=by.trait_kinds)
        return bring_records(model, rows, source=SOURCE, actor=by.actor, now=by.now, batch=by.batch, trait_kinds=by.trait_kinds, announce=False)

    return facts, bring


_facts, _bring = _of(Contact, {})
CONTACTS = RecordKind(
    name="contacts",
    noun="contact",
    fields={
        "id": Field(("contactid", "userid", "personid", "externalid", "id"), _ID, "The person's id", required=True),
        "account": _ACCOUNT,
        "name": Field(("name", "fullname", "contactname", "displayname"), fields.text(160, plain_text=True), "The person's name"),
        "email": Field(("email", "emailaddress", "mail"), fields.email, "Where to write to"),
        "title": Field(("title", "jobtitle", "position"), fields.text(120), "What they do"),
        "phone": Field(("phone", "phonenumber", "mobile"), fields.text(40), "A telephone number"),
        "role": Field(("role", "contactrole"), fields.choice(ContactRole), "Their part in the relationship"),
        "time_zone": Field(("timezone", "tz"), fields.zone, "Such as Europe/Berlin; else the account's"),
        "locale": Field(("locale", "language", "lang"), fields.text(12), "Such as de-DE"),
        "influence": Field(("influence",), fields.whole(1, 5), "1 little to 5 decides"),
        "departed_on": Field(("departedon", "leftonday", "departuredate"), fields.past_day(), "The day the person left the company"),
    },
    takes_traits=True,
    facts=_facts,
    bring=_bring,
)


def _complete_subscription(given: Given, ground: Ground) -> None:
    if "arr" not in given and "mrr" in given:
        given["arr"] = given["mrr"] * 12
    ended: date | None = given.get("ended_on")
    if ended is not None and ended < given["start_date"]:
        raise BadField("ended_on", "lies before the start.")
    if "state" not in given and ended is not None and ended <= ground.now.date():
        given["state"] = SubscriptionState.ENDED.value


_facts, _bring = _of(Subscription, {"start_date": "started_on"})
SUBSCRIPTIONS = RecordKind(
    name="subscriptions",
    noun="subscription",
    fields={
        "id": Field(("subscriptionid", "contractid", "externalid", "id"), _ID, "The contract's id", required=True),
        "account": _ACCOUNT,
        "start_date": Field(("startdate", "startedon", "start", "startsat"), fields.day, "The first day", required=True),
        "renews_on": Field(("renewson", "renewaldate", "nextrenewal"), fields.day, "The next renewal"),
        "ended_on": Field(("endedon", "enddate", "end", "cancelledon", "canceledon"), fields.day, "The last day; not before the first"),
        "plan": Field(("plan", "plantier", "product", "planname"), fields.text(80), "What was bought"),
        "state": Field(
            ("state", "status"),
            fields.choice(
                SubscriptionState, {"trialing": SubscriptionState.TRIAL, "cancelled": SubscriptionState.ENDED, "canceled": SubscriptionState.ENDED}
            ),
            "Else ended once the last day has passed, active for a new one",
        ),
        "seats": Field(("seats", "quantity", "licenses", "licences"), fields.count, "Seats bought"),
        "currency": Field(("currency",), fields.currency, "ISO 4217; a new one has the account's"),
        "arr": Field(("arr", "arramount"), fields.money, "Yearly revenue of this contract"),
        "mrr": Field(("mrr", "mrramount"), fields.money, "The same per month; counts when there is no arr"),
    },
    takes_traits=False,
    facts=_facts,
    bring=_bring,
    complete=_complete_subscription,
)


def _complete_ticket(given: Given, ground: Ground) -> None:
    solved = given.get("solved_at")
    if solved is not None and solved < given["opened_at"]:
        raise BadField("solved_at", "lies before the ticket was opened.")
    if solved is not None:
        given.setdefault("state", TicketState.SOLVED.value)
    elif given.get("state") == TicketState.SOLVED:
        raise BadField("state", "says solved, and the row does not say when (solved_at).")


_facts, _bring = _of(Ticket, {})
TICKETS = RecordKind(
    name="tickets",
    noun="ticket",
    fields={
        "id": Field(("ticketid", "caseid", "issueid", "externalid", "id", "number"), _ID, "The ticket's id", required=True),
        "account": _ACCOUNT,
        "opened_at": Field(("openedat", "submittedat", "createdat", "opened", "created"), fields.past_moment, "When it was asked", required=True),
        "contact": _CONTACT,
        "subject": Field(("subject", "title", "summary"), fields.text(250), "What it is about"),
        "priority": Field(
            ("priority", "severity"),
            fields.choice(
                TicketPriority,
                {"urgent": TicketPriority.P1, "critical": TicketPriority.P1, "high": TicketPriority.P2, "normal": TicketPriority.P3,
                 "medium": TicketPriority.P3, "low": TicketPriority.P4},
            ),
            "Or urgent, high, normal, low; a new one is p3",
        ),
        "state": Field(
            ("state", "status"),
            fields.choice(
                TicketState,
                {"new": TicketState.OPEN, "waiting": TicketState.PENDING, "onhold": TicketState.PENDING, "closed": TicketState.SOLVED,
                 "resolved": TicketState.SOLVED},
            ),
            "Else solved when solved_at is given, open for a new one",
        ),
        "answered_at": Field(("answeredat", "firstresponseat", "firstreplyat"), fields.past_moment, "The first answer"),
        "solved_at": Field(("solvedat", "closedat", "resolvedat"), fields.past_moment, "Not before it was opened"),
        "due_at": Field(("dueat", "sladue", "duedate"), fields.moment, "When the service level asks for an answer"),
    },
    takes_traits=False,
    facts=_facts,
    bring=_bring,
    complete=_complete_ticket,
)  # fmt: skip

_SCALES = {SurveyKind.NPS: (0, 10), SurveyKind.CSAT: (1, 5), SurveyKind.CES: (1, 7)}


def _complete_survey(given: Given, ground: Ground) -> None:
    low, high = _SCALES[SurveyKind(given["kind"])]
    if not low <= given["score"] <= high:
        raise BadField("score", f"is not from {low} to {high}, the scale of {given['kind'].upper()}.")


_facts, _bring = _of(SurveyResponse, {})
SURVEYS = RecordKind(
    name="surveys",
    noun="answer",
    fields={
        "id": Field(("responseid", "answerid", "surveyresponseid", "externalid", "id"), _ID, "The answer's id", required=True),
        "account": _ACCOUNT,
        "kind": Field(("kind", "survey", "surveytype", "type"), fields.choice(SurveyKind), "For a file of one kind: --set kind=nps", required=True),
        "score": Field(("score", "rating", "value"), fields.whole(0, 10), "nps 0 to 10, csat 1 to 5, ces 1 to 7", required=True),
        "at": Field(("at", "respondedat", "answeredat", "submittedat", "createdat", "date", "timestamp"), fields.past_moment, "When", required=True),
        "contact": _CONTACT,
        "comment": Field(("comment", "feedback", "feedbacktext", "verbatim"), fields.text(10_000), "Their words"),
        "topic": Field(("topic",), fields.text(80), "What it is about"),
        "language": Field(("language", "locale", "lang"), fields.text(12), "Of the comment"),
    },
    takes_traits=False,
    facts=_facts,
    bring=_bring,
    complete=_complete_survey,
)


def _complete_invoice(given: Given, ground: Ground) -> None:
    if given.get("paid_on") is not None:
        given.setdefault("state", InvoiceState.PAID.value)
    elif given.get("state") == InvoiceState.PAID:
        raise BadField("state", "says paid, and the row does not say when (paid_on).")


_facts, _bring = _of(Invoice, {})
INVOICES = RecordKind(
    name="invoices",
    noun="invoice",
    fields={
        "id": Field(("invoiceid", "externalid", "id", "invoicenumber"), _ID, "The invoice's id", required=True),
        "account": _ACCOUNT,
        "amount": Field(("amount", "total", "amountdue"), fields.money, "0 to 100 billion", required=True),
        "issued_on": Field(("issuedon", "invoicedate", "issued", "createdat", "date"), fields.day, "The day of the bill", required=True),
        "due_on": Field(("dueon", "duedate", "due"), fields.day, "The day it is due", required=True),
        "currency": Field(("currency",), fields.currency, "ISO 4217; a new one has the account's"),
        "number": Field(("number", "invoiceno"), fields.text(60), "As printed"),
        "state": Field(
            ("state", "status"),
            fields.choice(InvoiceState, {"unpaid": InvoiceState.OPEN, "uncollectible": InvoiceState.FAILED}),
            "Else paid when paid_on is given, open for a new one",
        ),
        "paid_on": Field(("paidon", "paidat", "paymentdate"), fields.past_day(), "The day it was paid"),
    },
    takes_traits=False,
    facts=_facts,
    bring=_bring,
    complete=_complete_invoice,
)

KINDS: Mapping[str, RecordKind] = {kind.name: kind for kind in (ACCOUNTS, CONTACTS, SUBSCRIPTIONS, TICKETS, SURVEYS, INVOICES)}
