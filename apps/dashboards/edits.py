"""What people type over on the staff pages: which fields, what fits them, and what became of each change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import Account, User
from apps.accounts.types import Stage
from apps.core.actor import Actor
from apps.core.errors import Conflict, Refused

MOST = 500
_TAGS = 30


def _text(most: int) -> Callable[[Any], Any]:
    def fit(value: Any) -> str:
        words = " ".join(str(value or "").replace("\x00", "").split())
        if len(words) > most:
            raise ValueError(f"at most {most} characters")
        return words

    return fit


def _day(value: Any) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("a date such as 2027-03-31") from None


def _number(value: Any) -> int | None:
    word = str("" if value is None else value).strip()
    if not word:
        return None
    if not (word.isascii() and word.isdigit() and len(word) < 8):
        raise ValueError("a whole number")
    return int(word)


def _stage(value: Any) -> str:
    if value not in (Stage.ONBOARDING, Stage.ACTIVE):
        raise ValueError("onboarding or active; a customer who left is marked as churned with the day it left")
    return str(value)


def _tags(value: Any) -> list[str]:
    words = value if isinstance(value, list) else str(value or "").split(",")
    tidy = list(dict.fromkeys(word for each in words if (word := _text(60)(each))))
    if len(tidy) > _TAGS:
        raise ValueError(f"at most {_TAGS} tags")
    return tidy


FITS: Mapping[str, Callable[[Any], Any]] = {
    "owner_id": _number,
    "stage": _stage,
    "tier": _text(40),
    "segment": _text(60),
    "tags": _tags,
    "renews_on": _day,
    "plan": _text(80),
    "seats": _number,
    "domain": _text(120),
}
LABELS = {
    "owner_id": "owner",
    "stage": "stage",
    "tier": "tier",
    "segment": "segment",
    "tags": "tags",
    "renews_on": "renewal date",
    "plan": "plan",
    "seats": "seats",
    "domain": "domain",
}


@dataclass(frozen=True)
class Wish:
    """One account, what its fields shall become, and what the editor saw in them."""

    account_id: int
    changes: Mapping[str, Any]
    seen: Mapping[str, Any]


@dataclass
class Outcome:
    """What became of the wishes; `conflicts` hold both values per field, `undo` the wishes that bring everything back."""

    changed: list[int] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    undo: list[dict[str, Any]] = field(default_factory=list)


def read(items: Any) -> list[Wish]:
    """Wishes as a page sends them. Raises Refused for what no page of ours would send."""
    if not isinstance(items, list) or not items:
        raise Refused("nothing_asked", "No change was named. Nothing was changed.")
    if len(items) > MOST:
        raise Refused("too_many", f"{len(items):,} accounts are more than {MOST} at once. Nothing was changed. Choose fewer.")
    wishes = []
    for item in items:
        key, changes, seen = (item.get(name) for name in ("id", "changes", "seen")) if isinstance(item, Mapping) else (None, None, None)
        if not isinstance(key, int) or not isinstance(changes, Mapping) or not changes or set(changes) - set(FITS):
            raise Refused("not_editable", "This cannot be edited here. Nothing was changed.")
        wishes.append(Wish(key, changes, seen if isinstance(seen, Mapping) else {}))
    return wishes


def carry_out(user: User, wishes: Sequence[Wish], *, actor: Actor, now: datetime) -> Outcome:
    """Change each account as asked. What somebody else changed meanwhile is left as it is and told with both values; the others are changed."""
    outcome, batch = Outcome(), f"pages:{uuid4()}" if len(wishes) > 1 else ""
    book = {account.pk: account for account in Account.objects.for_user(user).filter(pk__in=[wish.account_id for wish in wishes])}
    named = [owner for wish in wishes if isinstance(owner := wish.changes.get("owner_id"), int)]
    hands = set(User.objects.filter(pk__in=named, is_active=True).values_list("pk", flat=True))
    # One commit for all: what is told as done is done.
    with transaction.atomic():
        for wish in wishes:
            account = book.get(wish.account_id)
            if account is None:
                outcome.refused.append({"id": wish.account_id, "name": "An account", "words": "It is no longer in your book."})
                continue
            _change(account, wish, outcome, hands, actor=actor, now=now, batch=batch)
    return outcome


def _change(account: Account, wish: Wish, outcome: Outcome, hands: set[int], *, actor: Actor, now: datetime, batch: str) -> None:
    told = {"id": account.pk, "name": account.name}
    try:
        changes = {name: _fitting(name, value) for name, value in wish.changes.items()}
        seen = {name: _fitting(name, value, strict=False) for name, value in wish.seen.items() if name in changes}
        if changes.get("owner_id") is not None and changes["owner_id"] not in hands:
            raise Refused("no_such_owner", "That person cannot own accounts any more.")
        before = {name: as_told(getattr(account, name)) for name in changes}
        really = accounts.edit(account, changes=changes, seen=seen or None, actor=actor, now=now, batch=batch)
    except Conflict as conflict:
        outcome.conflicts.append({**told, "fields": conflict.fields})
    except Refused as refusal:
        outcome.refused.append({**told, "words": refusal.message})
    except ValidationError as error:
        outcome.refused.append({**told, "words": " ".join(error.messages)})
    else:
        if really:
            outcome.changed.append(account.pk)
            undo = {name: before[name] for name in really if name in before}
            outcome.undo.append({"id": account.pk, "changes": undo, "seen": {name: as_told(changes[name]) for name in undo}})


def _fitting(name: str, value: Any, *, strict: bool = True) -> Any:
    """`strict=False` for what was seen: a value that could not be typed in may stand there all the same."""
    try:
        return FITS[name](value)
    except ValueError as error:
        if not strict:
            return value
        raise Refused("does_not_fit", f"The {LABELS[name]} must be {error}. Nothing was changed.") from None


def as_told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
