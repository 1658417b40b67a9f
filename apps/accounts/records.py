"""What belongs to an account (people, contracts, invoices, tickets, answers), brought in many at a time through the gate."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from apps.core.actor import Actor

from . import gate, subscriptions
from .gate import Kind, Row
from .models import Contact, Invoice, Subscription, SurveyResponse, Ticket
from .profiles import CONTACTS
from .types import Brought, FieldKind, RecordFacts

# A contract or bill that does not name its currency is in the account's.
_CURRENCY = "jsonb_build_object('currency', (select a.currency from accounts_account a where a.id = (i.given ->> 'account_id')::bigint))"
KINDS: Mapping[type[Model], Kind] = {
    Contact: CONTACTS,
    Subscription: Kind.of(Subscription, needed=("account",), born=_CURRENCY),
    Invoice: Kind.of(Invoice, needed=("account",), born=_CURRENCY),
    Ticket: Kind.of(Ticket, needed=("account",)),
    SurveyResponse: Kind.of(SurveyResponse, needed=("account",)),
}


def bring_records(
    model: type[Model],
    rows: Sequence[RecordFacts],
    *,
    source: str,
    actor: Actor,
    now: datetime,
    batch: str = "",
    trait_kinds: Mapping[str, FieldKind] | None = None,
    announce: bool = True,
) -> Brought:
    """Create the records that are new and change those that differ; ids must not repeat within the call. See `gate.bring` for what is left out."""
    said = [_row(row) for row in rows]
    return bring_rows(KINDS[model], said, source=source, actor=actor, now=now, batch=batch, trait_kinds=trait_kinds, announce=announce)


def bring_rows(kind: Kind, rows: Sequence[Row], *, source: str, actor: Actor, now: datetime, batch: str = "", **more: Any) -> Brought:
    """The same for rows that may also clear facts; the ARR of accounts follows their contracts."""
    with transaction.atomic():
        brought = gate.bring(kind, rows, source=source, actor=actor, now=now, batch=batch, **more)
        if kind is KINDS[Subscription] and brought.ids:
            accounts = Subscription.objects.filter(pk__in=brought.ids).order_by("account").values_list("account", flat=True).distinct()
            subscriptions.follow(list(accounts), source=source, actor=actor, now=now, batch=batch)
        return brought


def compare_records(
    model: type[Model], rows: Sequence[RecordFacts], *, source: str, now: datetime, trait_kinds: Mapping[str, FieldKind] | None = None
) -> Brought:
    """What `bring_records` would do, without doing it."""
    return gate.compare(KINDS[model], [_row(row) for row in rows], source=source, now=now, trait_kinds=trait_kinds)


def _row(facts: RecordFacts) -> Row:
    references = {name: word for name, word in (("account", facts.account), ("contact", facts.contact)) if word}
    return Row(facts.external_id, facts.values, references, facts.traits, facts.at)
