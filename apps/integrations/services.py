"""Write keys, and storing what sources send."""

import hashlib
import json
import secrets
from collections.abc import Collection, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec
from django.db import connection, transaction

from apps.accounts import services as accounts
from apps.accounts.models import Contact
from apps.accounts.types import AccountFacts, ActivityItem, ContactFacts
from apps.core.actor import Actor
from apps.core.errors import Refused

from . import messages, selectors
from .messages import Flawed
from .models import Rejection, Source
from .types import MAX_DEPTH, MAX_MESSAGE, Refusal, Verdict

# Parts of this module's face that are nouns of their own.
from .webhooks import endpoints as webhooks  # noqa: F401  isort:skip
from .webhooks import address, offers, posting  # noqa: F401  isort:skip
from .calls import forget_calls  # noqa: F401  isort:skip
from .keys import create_key, key_of, note_use, revoke_key, rotate_key  # noqa: F401  isort:skip

_KEY_PREFIX = "csw_"
# How often the "last used" time of a source is written, so that a busy key is not one hot row.
_USE_NOTED_EVERY = timedelta(minutes=1)
_WAITING_REPLAYED = 500
# Listed once, in the order of the batch, however often it is sent again.
_KEEP = """
insert into integrations_rejection (source_id, received_at, message_id, field, reason, raw, waits_for)
select %(source)s, %(now)s, message_id, field, reason, raw, waits_for
from rows from (jsonb_to_recordset(%(refused)s::jsonb) as (message_id text, field text, reason text, raw jsonb, waits_for text)) with ordinality
     as one(message_id, field, reason, raw, waits_for, place)
order by place
on conflict do nothing
"""
Facts = TypeVar("Facts", AccountFacts, ContactFacts)


def key_hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def create_source(*, name: str, now: datetime) -> tuple[Source, str]:
    """A new source and its write key, which is readable only here and now."""
    if Source.objects.filter(name=name).exists():
        raise Refused("source_exists", f"There is a source {name} already. Choose another name, or renew its key in the admin.")
    key = _new_key()
    return Source.objects.create(name=name, key_start=key[:10], key_hash=key_hash(key), created_at=now), key


def renew_key(source: Source) -> str:
    """A fresh key; the old one stops at once."""
    key = _new_key()
    Source.objects.filter(pk=source.pk).update(key_start=key[:10], key_hash=key_hash(key))
    selectors.forget_keys()
    return key


def set_open(source: Source, *, is_open: bool) -> None:
    Source.objects.filter(pk=source.pk).update(is_open=is_open)
    selectors.forget_keys()


def limit(source: Source, *, requests_per_minute: int) -> None:
    Source.objects.filter(pk=source.pk).update(requests_per_minute=requests_per_minute)
    selectors.forget_keys()


def _new_key() -> str:
    return f"{_KEY_PREFIX}{secrets.token_urlsafe(32)}"


def receive(source: Source, raws: Sequence[bytes], *, sent_at: datetime | None, now: datetime) -> Verdict:
    """Store a batch durably: accounts and people first, then their activity. Bad messages are kept with the reason and stop nothing.

    The number of statements does not grow with the batch.
    """
    batch = _Batch(raws, skew=now - sent_at if sent_at else timedelta(), now=now)
    # Activity alone is one statement, which needs no transaction around it. What it could not place is kept by a second one: if that fails, the batch
    # is not acknowledged and comes again.
    with nullcontext() if batch.is_activity_alone else transaction.atomic():
        verdict, linked = _store(source, batch, now=now)
        _keep(source, verdict.refused, now=now)
        if linked:
            _replay_waiting(source, linked, now=now)
        if source.last_used_at is None or now - source.last_used_at > _USE_NOTED_EVERY:
            Source.objects.filter(pk=source.pk).update(last_used_at=now)
            source.last_used_at = now
    if people := linked | {refusal.waits_for for refusal in verdict.refused if refusal.waits_for}:
        _meet_neighbours(source, people, now=now)
    return verdict


def _meet_neighbours(source: Source, people: Collection[str], *, now: datetime) -> None:
    """SDKs send batches side by side: one that tells a person's account and one that waits for it cannot see each other before they are committed.

    So each looks once more afterwards, and whichever was committed last finds the other.
    """
    with transaction.atomic():
        known = set(Contact.objects.filter(external_id__in=people).values_list("external_id", flat=True))
        known.update(accounts.identities.known_as(people))
        if known:
            _replay_waiting(source, known, now=now)


def replay(rejections: Iterable[Rejection], *, actor: Actor, now: datetime) -> Verdict:
    """Try rejected messages of one source again, now that the reason may be mended."""
    with transaction.atomic():
        keys = [rejection.pk for rejection in rejections]
        rows = list(Rejection.objects.select_for_update(of=("self",)).select_related("source").filter(pk__in=keys, replayed_at=None).order_by("id"))
        if not rows:
            raise Refused("already_replayed", "It was replayed already.")
        if len({row.source_id for row in rows}) > 1:
            raise Refused("several_sources", "Replay the messages of one source at a time.")
        verdict, _ = _store(rows[0].source, _Batch([msgspec.json.encode(row.raw) for row in rows], now=now), now=now)
        _settle(rows, verdict, now=now)
    return verdict


def _replay_waiting(source: Source, people: Collection[str], *, now: datetime) -> None:
    """SDKs send identify and track before group: what waited for the person's account is stored as soon as the account is known."""
    rows = list(
        Rejection.objects.select_for_update().filter(source=source, waits_for__in=people, replayed_at=None).order_by("id")[:_WAITING_REPLAYED]
    )
    if rows:
        verdict, linked = _store(source, _Batch([msgspec.json.encode(row.raw) for row in rows], now=now), now=now)
        _settle(rows, verdict, now=now)
        # An alias that waited names one more.
        if further := linked.difference(people):
            _replay_waiting(source, further, now=now)


def _settle(rows: Sequence[Rejection], verdict: Verdict, *, now: datetime) -> None:
    still = {refusal.position: refusal for refusal in verdict.refused}
    for position, row in enumerate(rows):
        if refusal := still.get(position):
            row.field, row.reason, row.waits_for = refusal.field[:80], refusal.reason[:250], refusal.waits_for
        else:
            row.replayed_at = now
    Rejection.objects.bulk_update(rows, ["field", "reason", "waits_for", "replayed_at"])


def _keep(source: Source, refused: Sequence[Refusal], *, now: datetime) -> None:
    if refused:
        rows = [
            {"message_id": one.message_id, "field": one.field[:80], "reason": one.reason[:250], "raw": one.raw, "waits_for": one.waits_for}
            for one in refused
        ]
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, {"source": source.pk, "now": now, "refused": json.dumps(rows)})


def _store(source: Source, batch: "_Batch", *, now: datetime) -> tuple[Verdict, set[str]]:
    """What became of the messages, and the people whose account was told."""
    actor = Actor.source(source.name)
    if batch.people:
        batch.call_by_own_names(accounts.identities.known_as(batch.people))
    linked = {person.external_id for person in batch.people.values() if person.account}
    if batch.groups or batch.people or batch.same:
        accounts.hold_accounts(
            {*batch.groups, *(person.account for person in batch.people.values())},
            contacts={*batch.people, *(item.contact for item in batch.items if item.contact), *(name for pair in batch.same for name in pair)},
        )
    if batch.groups:
        accounts.bring_accounts([batch.groups[key] for key in sorted(batch.groups)], source=source.name, actor=actor, now=now)
    # Before people are brought, so that what is said of the new id reaches the row of the old one; and after, for those who came with this batch.
    named = accounts.identities.link(batch.same, source=source.name, actor=actor, now=now) if batch.same else set()
    people = [batch.people[key] for key in sorted(batch.people)]
    homeless: set[str] = set()
    if people:
        brought = accounts.bring_contacts(people, source=source.name, actor=actor, now=now)
        homeless = {left.key for left in brought.left if not left.field}
    if late := [pair for pair in batch.same if pair[0] not in named]:
        named |= accounts.identities.link(late, source=source.name, actor=actor, now=now)
    verdict = Verdict(refused=batch.refused)
    if batch.items:
        stored = accounts.record_activity(batch.items, source=source.name, now=now)
        verdict.accepted, verdict.duplicate = len(stored.accepted), len(stored.duplicate)
        for place in stored.unknown_account:
            item = batch.items[place]
            batch.refuse_unknown(batch.positions[place], item.message_id, item.account or "", item.contact or "")
    for position, key, user in batch.person_messages:
        if user in homeless:
            batch.refuse_unknown(position, key, batch.people[user].account, user)
        else:
            verdict.accepted += 1
    for position, key, other, own in batch.alias_messages:
        if other in named or other == own:
            verdict.accepted += 1
        else:
            batch.refuse_unknown(position, key, "", own)
    verdict.accepted += batch.others
    verdict.refused.sort(key=lambda refusal: refusal.position)
    return verdict, (linked - homeless) | named


class _Batch:
    """The messages of one request, sorted into what they say. Facts about the same account or person are folded, the later word wins."""

    def __init__(self, raws: Sequence[bytes], *, now: datetime, skew: timedelta = timedelta()) -> None:
        self.groups: dict[str, AccountFacts] = {}
        self.people: dict[str, ContactFacts] = {}
        self.same: list[tuple[str, str]] = []
        self.alias_messages: list[tuple[int, str, str, str]] = []
        self.items: list[ActivityItem] = []
        self.positions: list[int] = []
        self.person_messages: list[tuple[int, str, str]] = []
        self.others = 0
        self.refused: list[Refusal] = []
        self._raw = raws
        self._moments: dict[int, datetime] = {}
        for position, raw in enumerate(raws):
            self._read(position, raw, skew=skew, now=now)

    @property
    def is_activity_alone(self) -> bool:
        return not (self.groups or self.people or self.same or self.refused)

    def _read(self, position: int, raw: bytes, *, skew: timedelta, now: datetime) -> None:
        at, key = None, ""
        try:
            message = messages.parse(raw)
            key = messages.message_id(raw, message)
            at = messages.moment(message, skew=skew, now=now)
            said = messages.said(message, key=key, at=at)
        except Flawed as flaw:
            key = key or messages.message_id(raw, None)
            self.refused.append(Refusal(position, key[:100], flaw.field, flaw.reason, _keepable(raw, key, at)))
            return
        self._moments[position] = at
        for part in said:
            self._take(position, key, message.type, part)

    def _take(self, position: int, key: str, kind: str, part: messages.Said) -> None:
        match part:
            case ActivityItem():
                self.items.append(part)
                self.positions.append(position)
            case AccountFacts():
                before = self.groups.get(part.external_id)
                self.groups[part.external_id] = _fold(before, part) if before else part
                self.others += 1
            case ContactFacts():
                person = self.people.get(part.external_id)
                self.people[part.external_id] = _fold(person, part) if person else part
                if kind == "identify":
                    self.person_messages.append((position, key, part.external_id))
            case messages.Same(other, own):
                self.same.append((other, own))
                if kind == "alias":
                    self.alias_messages.append((position, key, other, own))

    def call_by_own_names(self, names: dict[str, str]) -> None:
        """Facts told under another name of a person are that person's."""
        for other, own in names.items():
            facts = replace(self.people.pop(other), external_id=own)
            self.people[own] = _fold(self.people[own], facts) if own in self.people else facts
        self.person_messages = [(position, key, names.get(user, user)) for position, key, user in self.person_messages]

    def refuse_unknown(self, position: int, key: str, account: str, person: str) -> None:
        raw, at = self._raw[position], self._moments[position]
        if account:
            field, reason = "groupId", f"No account has the id {account[:60]!r}. Send a group call for it or import the accounts, then replay."
        else:
            field, reason = (
                "userId",
                f"The account of {person[:60]!r} is not known yet. It is stored as soon as a group, identify or alias tells it.",
            )
        self.refused.append(Refusal(position, key[:100], field, reason, _keepable(raw, key, at), waits_for="" if account else person))


def _fold(before: Facts, after: Facts) -> Facts:
    given = {name: value for name, value in vars(after).items() if value not in (None, "") and name != "traits"}
    return replace(before, **given, traits={**before.traits, **after.traits})


def _keepable(raw: bytes, key: str, at: datetime | None) -> Any:
    """The message as JSON that PostgreSQL holds; what is no clean message is kept as text, to be read by a person."""
    try:
        value = msgspec.json.decode(raw)
        if isinstance(value, dict) and len(raw) <= MAX_MESSAGE and b"\\u0000" not in raw and raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
            # Corrected and named already: a replay must not correct it again, nor give it another id.
            return {**value, "messageId": key, **({"timestamp": at.isoformat()} if at else {})}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    return {"unreadable": raw[:2_000].decode("utf-8", "replace").replace("\0", "\N{SYMBOL FOR NULL}")}
