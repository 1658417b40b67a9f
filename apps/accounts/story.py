"""Single words on an account: a promise, a pulse (notes have their own module); and edits of any row of an account that several people keep."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import AccountsChanged, StoryChanged

from . import subscriptions
from .models import Account, Note, Promise, Pulse, Subscription, User
from .types import PromiseState


def promise(
    *,
    account: Account,
    text: str,
    due_on: date,
    actor: Actor,
    now: datetime,
    by_customer: bool = False,
    owner: User | None = None,
    note: Note | None = None,
) -> Promise:
    with transaction.atomic():
        made = Promise.objects.create(account=account, note=note, text=text, by_customer=by_customer, owner=owner, due_on=due_on, created_at=now)
        events.publish(StoryChanged(account_ids=[account.pk], what="promise"), actor=actor, now=now)
    return made


def feel_pulse(*, account: Account, value: int, actor: Actor, now: datetime, reason: str = "", author: User | None = None) -> Pulse:
    """How an account feels, 0 to 100; the newest word counts."""
    with transaction.atomic():
        said = Pulse.objects.create(account=account, author=author, value=value, reason=reason, at=now)
        events.publish(StoryChanged(account_ids=[account.pk], what="pulse"), actor=actor, now=now)
    return said


def edit_record(row: Any, *, changes: Mapping[str, Any], actor: Actor, now: datetime, version: int | None = None, source: str = "staff") -> list[str]:
    """Change a row of an account (contact, contract, ticket, note, promise) as a person asked; returns the fields that really changed.

    Raises Conflict and ValidationError as `events.edit` does.
    """
    wanted = dict(changes)
    if isinstance(row, Promise) and "state" in wanted:
        wanted["settled_at"] = None if wanted["state"] == PromiseState.OPEN else now
    with transaction.atomic():
        really = events.edit(row, changes=wanted, version=version, actor=actor, now=now, source=source)
        if really:
            if isinstance(row, Subscription):
                subscriptions.follow([row.account_id], source=source, actor=actor, now=now)
            kind = str(row._meta.model_name)
            events.publish(AccountsChanged(account_ids=[row.account_id], fields=[kind], source=source), actor=actor, now=now)
    return really
