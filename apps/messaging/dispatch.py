"""Messages leave: claim and commit, call the provider, record. The rows are the queue; whoever dies in between, the row says what is known.

- claim: one transaction takes a few due messages and asks the governor for each.
- send: the attempt is committed before the provider is called, and its result only counts while the claim is still ours. After a refusal that can
  heal another provider of the channel may try at once; after an ambiguous answer nobody does, unless the provider tells a repeat by itself: then it
  alone may try again, while it remembers.
- sweep: a claim whose worker died before the attempt is queued again; one that died during it is `unknown`, and never sent again by itself.
"""

import logging
import random
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from apps.accounts.models import Contact
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.vocabulary import MessageNotSent, MessageSent

from . import costs, crossing, governor, guests, holding, policy, providers, resting, selectors, statuses
from .models import Message, MessageAttempt, MessageQuerySet, Suppression
from .policy import Policy
from .states import move, move_one
from .types import Channel, MessageState, Outcome, Result, Ruling

log = logging.getLogger(__name__)

# Small, so that a kill switch stops within a few messages and a dead worker holds little.
BATCH = 5
MAX_TRIES = 10
_LONGEST_PAUSE = 3600.0
_ACTOR = Actor.job("messaging.dispatch")
_DIED = "The worker stopped before it began to send."


@dataclass(frozen=True)
class Claim:
    """What one claim took: messages to send now, and how many were looked at (held and refused ones too; 0: nothing is due)."""

    sending: list[Message]
    looked_at: int
    rules: Policy = policy.STANDARD


def one_round(
    channel: str, *, owner: str, clock: Callable[[], datetime], limit: int = BATCH, is_open: Callable[[str], bool] = lambda channel: True
) -> int:
    """Claim a few messages of a channel and send them; returns how many were looked at. `clock` because sending takes time."""
    claimed = claim(channel, owner=owner, now=clock(), limit=limit, is_open=is_open)
    for message in claimed.sending:
        send(message, now=clock(), rules=claimed.rules)
    return claimed.looked_at


def claim(channel: str, *, owner: str, now: datetime, limit: int = BATCH, is_open: Callable[[str], bool] = lambda channel: True) -> Claim:
    """Take what is due, most important lane first. Two claimers never get the same message, nor together exceed a contact's caps or a budget.

    Nobody keeps a slot free for what waits on a channel that is not open.
    """
    with transaction.atomic():
        waiting = Message.objects.due_now(channel, now).select_related("account__owner", "cause")
        due = list(waiting.select_for_update(of=("self",), skip_locked=True)[:limit])
        if not due:
            return Claim([], 0)
        # Messages first, then contacts in the order of their ids: services.record_consent locks in the same order, so nobody waits in a ring.
        people = Contact.objects.filter(pk__in={message.contact_id for message in due}).order_by("pk")
        contacts = {contact.pk: contact for contact in people.select_related("account").select_for_update(of=("self",), no_key=True)}
        _hold_guests(due)
        rules = policy.current()
        known = selectors.histories(due, channel=channel, now=now, rules=rules, with_rivals=is_open)
        kept = holding.over(due)
        spent = costs.price(due, now=now, rules=rules)
        taken: dict[int | str, list[tuple[str, datetime]]] = defaultdict(list)
        sending = []
        for message in due:
            message.contact = contacts[message.contact_id]
            heard = known[message.pk]
            keeps, paused = kept.get(message.pk, ("", ""))
            recent = replace(heard, contacted=(*heard.contacted, *taken[message.whom]), keeps=keeps, paused=paused)
            ruling = governor.rule(message, now=now, contact=message.contact, recent=recent, policy=rules, spent=spent)
            if ruling.send:
                sending.append(message)
                costs.add(spent, message)
                taken[message.whom].append((message.channel, now))
            else:
                _apply(message, ruling, now)
        lease = now + timedelta(seconds=settings.MESSAGE_LEASE_SECONDS)
        mine = Message.objects.filter(pk__in=[message.pk for message in sending])
        priced = costs.columns(sending, rules)
        move(mine, MessageState.SENDING, owner=owner, lease_until=lease, attempt=F("attempt") + 1, claimed_at=now, reason="", now=now, **priced)
    for message in sending:
        message.state, message.owner, message.lease_until, message.claimed_at = MessageState.SENDING, owner, lease, now
        message.attempt += 1
    return Claim(sending, len(due), rules)


def _hold_guests(due: list[Message]) -> None:
    """Strangers have no row to lock; two claimers wait for each other by the key."""
    keys = sorted({message.guest for message in due if message.guest})
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def send(message: Message, *, now: datetime, rules: Policy | None = None) -> MessageState | None:
    """Call the provider for a claimed message and record what it said; None when the claim was lost and nothing was written. `rules` are those that
    it was claimed by, read anew where nobody says."""
    doubt = _doubt(message)
    if doubt and not _is_known_as_repeat(doubt, now):
        return _give_up(message, now)
    choice = resting.choose(message.channel, now=now, avoid=message.provider, only=doubt.provider if doubt else "")
    if not choice.name:
        return _wait_for_provider(message, choice, now)
    provider = providers.of(choice.name)
    # Where the row itself is the delivery, all of it is one transaction and happens exactly once.
    at_once = provider.can.within_transaction
    together: AbstractContextManager[object] = transaction.atomic() if at_once else nullcontext()
    with together:
        began = time.monotonic()
        message.provider = choice.name
        with crossing.handing_over(message.contact_id, until_commit=at_once):
            if not _start(message, now, rules or policy.current()):
                return None if message.state == MessageState.SENDING else MessageState(message.state)
            try:
                result = provider.deliver(message)
            except Exception as error:
                if at_once:
                    raise
                # Our own fault somewhere in the call: whether the provider took the message is not known.
                log.exception("provider %s broke on message %s", choice.name, message.pk)
                result = Result(Outcome.AMBIGUOUS, code="error", detail=repr(error))
        return _finish(message, result, now + timedelta(seconds=time.monotonic() - began), troubled=choice.troubled)


def sweep(*, now: datetime, limit: int = 200) -> int:
    """Settle messages whose worker died: queued again when nothing was tried, else `unknown` for a person. Returns how many."""
    with transaction.atomic():
        dead = Message.objects.filter(state=MessageState.SENDING, lease_until__lt=now).select_related("cause").order_by("lease_until")
        rows = list(dead.select_for_update(of=("self",), skip_locked=True)[:limit])
        for message in rows:
            open_attempt = MessageAttempt.objects.filter(message=message, number=message.attempt, ended_at=None)
            if open_attempt.update(ended_at=now, outcome=Outcome.AMBIGUOUS, code="worker_died", detail="The worker stopped during the call."):
                _settle_ambiguous(message, "The worker stopped while it was sending.", now)
            else:
                move_one(message, MessageState.QUEUED, owner="", lease_until=None, due_at=now, reason=_DIED, now=now)
    return len(rows)


def _apply(message: Message, ruling: Ruling, now: datetime) -> None:
    if ruling.state == MessageState.HELD:
        moved: dict[str, Any] = {"channel": ruling.move_to, "address": ""} if ruling.move_to else {}
        move_one(message, MessageState.HELD, due_at=ruling.hold_until, reason=ruling.reason[:250], now=now, **moved)
        return
    move_one(message, ruling.state, reason=ruling.reason[:250], owner="", lease_until=None, now=now)
    _tell_not_sent(message, now)


def _wait_for_provider(message: Message, choice: resting.Choice, now: datetime) -> MessageState | None:
    """Nobody can carry it now: it waits for the end of the rest, or fails where nobody ever will."""
    with transaction.atomic():
        row = _mine(message).select_related("cause").select_for_update(of=("self",)).first()
        if row is None:
            return None
        if choice.ask_again is None:
            move_one(row, MessageState.FAILED, reason=choice.reason[:250], owner="", lease_until=None, now=now)
            _tell_not_sent(row, now)
        else:
            move_one(row, MessageState.QUEUED, due_at=choice.ask_again, reason=choice.reason[:250], owner="", lease_until=None, now=now)
        return MessageState(row.state)


def _doubt(message: Message) -> MessageAttempt | None:
    """The first attempt of which nobody knows whether it arrived."""
    if message.attempt < 2:
        return None
    return MessageAttempt.objects.filter(message=message, outcome=Outcome.AMBIGUOUS).order_by("number").first()


def _is_known_as_repeat(doubt: MessageAttempt, now: datetime) -> bool:
    """Whether the provider of the doubtful attempt would still know the message by its key."""
    life = providers.of(doubt.provider).can.key_life if doubt.provider else None
    return life is not None and now - doubt.started_at < life


def _give_up(message: Message, now: datetime) -> MessageState | None:
    """It waited so long that a repeat might be a second message: a person finds out."""
    with transaction.atomic():
        row = _mine(message).select_related("cause").select_for_update(of=("self",)).first()
        if row is None:
            return None
        _settle_unknown(row, "An earlier try may have arrived, and its provider does not know a repeat any more.", now)
        return MessageState(row.state)


def _start(message: Message, now: datetime, rules: Policy) -> bool:
    """Open the attempt and renew the lease, committed before the call. False: the claim is lost, or the customer has said no meanwhile."""
    with transaction.atomic(savepoint=False):
        lease = now + timedelta(seconds=settings.MESSAGE_LEASE_SECONDS)
        if not _mine(message).update(lease_until=lease, provider=message.provider):
            log.warning("message %s attempt %s is no longer ours; nothing sent", message.pk, message.attempt)
            return False
        heard = selectors.histories([message], channel=message.channel, now=now, rules=rules, with_reached=False)[message.pk]
        if message.promotion:
            heard = replace(heard, keeps=holding.keeping([message.account_id]).get(message.account_id, ""))
        if not heard.allowed or heard.suppressed or heard.keeps:
            _apply(message, governor.rule(message, now=now, contact=message.contact, recent=heard), now)
            return False
        MessageAttempt.objects.create(message=message, number=message.attempt, owner=message.owner, provider=message.provider, started_at=now)
    return True


def _finish(message: Message, result: Result, now: datetime, *, troubled: bool) -> MessageState | None:
    with transaction.atomic(savepoint=False):
        # The lock makes the check and all writes below one: a sweep that comes now waits, one that came before has taken the row.
        row = _mine(message).select_related("cause").select_for_update(of=("self",)).first()
        if row is None:
            log.warning("message %s attempt %s was settled by the sweep; %s not recorded", message.pk, message.attempt, result.outcome)
            return None
        if row.guest:
            result = replace(result, detail=guests.without_addresses(result.detail))
        MessageAttempt.objects.filter(message=row, number=row.attempt).update(
            ended_at=now, outcome=result.outcome, code=result.code[:40], detail=result.detail
        )
        resting.note(row.provider, result, now=now, troubled=troubled)
        if result.outcome == Outcome.OK:
            _settle_sent(row, result, now)
        elif result.outcome == Outcome.AMBIGUOUS:
            _settle_ambiguous(row, f"No answer after the message was handed over: {result.detail}", now)
        else:
            _settle_refused(row, result, now)
        message.state, message.reason = row.state, row.reason
        return MessageState(row.state)


def _mine(message: Message) -> MessageQuerySet:
    """The fence: the row, while this attempt of this worker still has it."""
    return Message.objects.filter(pk=message.pk, state=MessageState.SENDING, owner=message.owner, attempt=message.attempt)


def _settle_sent(row: Message, result: Result, now: datetime) -> None:
    given: dict[str, Any] = {"provider_message_id": result.provider_message_id[:250], "parts": result.parts}
    move_one(row, MessageState.SENT, sent_at=now, owner="", lease_until=None, reason="", now=now, **given)
    events.publish(MessageSent(account_id=row.account_id, message_id=row.pk, channel=row.channel), actor=_ACTOR, now=now, cause=row.cause)
    _catch_up(row, now)


def _settle_ambiguous(row: Message, reason: str, now: datetime) -> None:
    if row.provider and providers.of(row.provider).can.key_life is not None and _tries(row) < MAX_TRIES:
        move_one(row, MessageState.QUEUED, due_at=now + _pause(_tries(row)), reason=reason[:250], owner="", lease_until=None, now=now)
        return
    _settle_unknown(row, reason, now)


def _settle_unknown(row: Message, reason: str, now: datetime) -> None:
    move_one(row, MessageState.UNKNOWN, reason=reason[:250], owner="", lease_until=None, now=now)
    # What the provider or the customer has said already may be the answer.
    if not _catch_up(row, now):
        _tell_not_sent(row, now)


def _settle_refused(row: Message, result: Result, now: datetime) -> None:
    reason = f"Refused ({result.code}): {result.detail}"[:250]
    if result.suppress:
        # Of a stranger the address is not kept.
        whose = row.guest or row.address.lower()
        why = {"reason": f"{row.provider} refused it for good ({result.code}).", "at": now}
        Suppression.objects.get_or_create(channel=row.channel, address=whose, defaults=why)
    tries, doubt = _tries(row), _doubt(row)
    if result.retry and tries < MAX_TRIES:
        other = doubt is None and resting.has_other(row.channel, row.provider, now=now)
        wait = timedelta(0) if other else max(_pause(tries), timedelta(seconds=min(result.wait, _LONGEST_PAUSE)))
        move_one(row, MessageState.QUEUED, due_at=now + wait, reason=reason, owner="", lease_until=None, now=now)
        return
    if doubt is not None:
        # Refused now, but an earlier try may have arrived.
        _settle_unknown(row, reason, now)
        return
    move_one(row, MessageState.FAILED, reason=reason, owner="", lease_until=None, now=now)
    _tell_not_sent(row, now)


def _tries(row: Message) -> int:
    return MessageAttempt.objects.filter(message=row, number__gt=row.forgiven).exclude(outcome=Outcome.OK).count()


def _pause(tries: int) -> timedelta:
    """Full jitter: a provider that comes back is not met by everybody at once."""
    return timedelta(seconds=random.uniform(0, min(_LONGEST_PAUSE, settings.MESSAGE_RETRY_SECONDS * 2 ** (max(tries, 1) - 1))))


def _catch_up(row: Message, now: datetime) -> bool:
    """A quick provider calls back, and a quick customer answers, before the sender has written down that it sent. True when that settled it."""
    if row.replied_at is not None:
        return move_one(row, MessageState.REPLIED, now=now, actor=Actor.contact(row.contact_id), why="They answered.")
    return statuses.fold(row, now=now)


def _tell_not_sent(row: Message, now: datetime) -> None:
    said = MessageNotSent(account_id=row.account_id, message_id=row.pk, channel=Channel(row.channel).value, state=str(row.state), reason=row.reason)
    events.publish(said, actor=_ACTOR, now=now, cause=row.cause)
