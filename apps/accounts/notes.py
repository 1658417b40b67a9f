"""One note after a call: what was said, what either side promised, and how the success manager now feels."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.vocabulary import StoryChanged

from .models import Account, Contact, Note, Promise, Pulse, User
from .types import NoteKind, PromiseState

_LONGEST = 20_000


@dataclass(frozen=True)
class Promised:
    """A promise inside a note: theirs or ours, by a day."""

    text: str
    due_on: date
    by_customer: bool = False


def write_down(
    account: Account,
    *,
    author: User | None,
    kind: NoteKind,
    body: str,
    actor: Actor,
    now: datetime,
    at: datetime | None = None,
    contacts: Sequence[Contact] = (),
    minutes: int | None = None,
    promises: Sequence[Promised] = (),
    pulse: int | None = None,
    reason: str = "",
) -> Note:
    """Keep a note with its promises and, if one was given, the manager's pulse (0-100). A talk is the last contact of whoever took part.

    Raises Refused for an empty or endless note, a promise without words, and a pulse off its scale; then nothing is kept.
    """
    body = body.replace("\x00", "").strip()
    if not body:
        raise Refused("empty_note", "The note is empty. Nothing was saved.")
    if len(body) > _LONGEST:
        raise Refused("long_note", f"The note has {len(body):,} characters; {_LONGEST:,} fit. Nothing was saved.")
    if pulse is not None and not 0 <= pulse <= 100:
        raise Refused("pulse_off_scale", "A pulse runs from 0 to 100. Nothing was saved.")
    if any(not promise.text.strip() for promise in promises):
        raise Refused("empty_promise", "A promise needs words. Nothing was saved.")
    with transaction.atomic():
        note = Note.objects.create(account=account, author=author, kind=kind, body=body, minutes=minutes, at=at or now, created_at=now)
        note.contacts.set(contacts)
        Promise.objects.bulk_create(
            Promise(
                account=account,
                note=note,
                text=promise.text.strip()[:250],
                by_customer=promise.by_customer,
                owner=author,
                due_on=promise.due_on,
                created_at=now,
            )
            for promise in promises
        )
        if pulse is not None:
            Pulse.objects.create(account=account, author=author, value=pulse, reason=reason.strip()[:300], at=now)
        if kind != NoteKind.NOTE:
            _note_words(contacts, at=at or now, actor=actor, now=now)
        _tell(account, "note", actor, now)
    return note


def _note_words(contacts: Sequence[Contact], *, at: datetime, actor: Actor, now: datetime) -> None:
    """These people and we exchanged words; what was known of it before stays in their history."""
    earlier = Q(last_two_way_at__isnull=True) | Q(last_two_way_at__lt=at)
    rows = Contact.objects.filter(earlier, pk__in=[contact.pk for contact in contacts]).order_by("pk").select_for_update(no_key=True)
    before = [events.Changed(events.subject_of(row), "last_two_way_at", row.last_two_way_at, at) for row in rows]
    Contact.objects.filter(earlier, pk__in=[contact.pk for contact in contacts]).update(last_two_way_at=at)
    events.record_changes(before, actor=actor, source="staff", now=now)


def settle_promise(promise: Promise, *, state: PromiseState, actor: Actor, now: datetime) -> None:
    """A promise was kept, or dropped."""
    with transaction.atomic():
        if not Promise.objects.filter(pk=promise.pk, state=PromiseState.OPEN).update(state=state, settled_at=now):
            raise Refused("already_settled", f"“{promise.text}” is settled already.")
        _tell(promise.account, "promise", actor, now)


def reopen_promise(promise: Promise, *, actor: Actor, now: datetime) -> None:
    """Take back that a promise was settled."""
    with transaction.atomic():
        if not Promise.objects.filter(pk=promise.pk).exclude(state=PromiseState.OPEN).update(state=PromiseState.OPEN, settled_at=None):
            raise Refused("already_open", f"“{promise.text}” is open already.")
        _tell(promise.account, "promise", actor, now)


def _tell(account: Account, what: str, actor: Actor, now: datetime) -> None:
    events.publish(StoryChanged(account_ids=[account.pk], what=what), actor=actor, now=now)
