"""The one writer of a message's state, and of the log that tells why: a state never moves without its line there."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, F, Value, When, sql

from apps.core import clock
from apps.core.actor import Actor

from .models import Decision, Message, MessageQuerySet
from .types import OVER, TRANSITIONS, MessageState

_HOUSE = Actor.job("messaging.dispatch")

# One statement whatever the number of messages. A message that is held again for the same reason is no new line.
_MOVE = """
with moved as ({update} returning id, account_id, state, reason, provider, attempt, due_at),
told as (select moved.*, coalesce(nullif(%s, ''), reason) as words from moved),
again as (
    update messaging_decision d set times = d.times + 1, last_at = %s, due_at = told.due_at
    from told cross join lateral (select id from messaging_decision where message_id = told.id order by id desc limit 1) newest
    where d.id = newest.id and told.state = 'held' and d.state = 'held' and d.reason = told.words
    returning d.message_id
), written as (
    insert into messaging_decision (message_id, account_id, state, reason, provider, attempt, due_at, actor, at, last_at, times)
    select id, account_id, state, words, provider, attempt, case when state in ('queued', 'held') then due_at end, %s, %s, %s, 1
    from told where id not in (select message_id from again)
)
select count(*) from moved
"""

# The address of a stranger lives until their message has left, or never will.
_FORGETTING = {"address": Case(When(guest="", then=F("address")), default=Value(""))}


def move(messages: MessageQuerySet, to: MessageState, *, now: datetime | None = None, actor: Actor = _HOUSE, why: str = "", **values: Any) -> int:
    """Move the chosen messages that may move there, by one conditional UPDATE; returns how many moved.

    The guard of the caller (owner, attempt) belongs into `messages`: whoever lost the row moves nothing. The log says `why` where that is more than
    the message's own reason.
    """
    froms = [state for state, targets in TRANSITIONS.items() if to in targets]
    query: Any = messages.filter(state__in=froms).query.chain(sql.UpdateQuery)
    query.add_update_values({"state": to, **(_FORGETTING if to in OVER else {}), **values})
    query.clear_ordering(force=True)
    try:
        update, params = query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        # None were chosen; Django knows without asking.
        return 0
    moment = now or clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_MOVE.replace("{update}", update), [*params, why[:250], moment, str(actor), moment, moment])
        return int(cursor.fetchone()[0])


def move_one(message: Message, to: MessageState, *, now: datetime | None = None, actor: Actor = _HOUSE, why: str = "", **values: Any) -> bool:
    """The same for one message, which also shows the new values when it moved."""
    if not move(Message.objects.filter(pk=message.pk), to, now=now, actor=actor, why=why, **values):
        return False
    for name, value in {"state": to, **values}.items():
        setattr(message, name, value)
    return True


def begin(message: Message, *, now: datetime, actor: Actor, why: str = "") -> None:
    """The first line of a message that was just written."""
    _first(message.pk, message, now, actor, why).save()


def begin_all(written: Collection[tuple[int, Message]], *, now: datetime, actor: Actor) -> None:
    """The same for many (id, message) in one statement."""
    Decision.objects.bulk_create([_first(key, message, now, actor, "") for key, message in written], batch_size=2_000)


def _first(key: int, message: Message, now: datetime, actor: Actor, why: str) -> Decision:
    return Decision(
        message_id=key,
        account_id=message.account_id,
        state=message.state,
        reason=(why or message.reason)[:250],
        due_at=message.due_at,
        actor=str(actor),
        at=now,
        last_at=now,
    )
