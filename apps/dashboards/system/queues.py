"""What waits: tasks in Valkey, which only hurry things along, and the rows that are the work itself."""

import json
import time
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

import redis
from django.conf import settings
from django.db import connection
from django.db.models import Q
from kombu.transport.redis import Channel as Lists

from apps.events.models import Delivery
from apps.events.types import DeliveryState
from apps.integrations.models import WebhookDelivery
from apps.integrations.types import WebhookState
from apps.messaging.models import Message
from apps.messaging.types import Channel, MessageState

from ..saying import spell
from .processes import QUEUE_WORDS
from .types import Group, State, Vital, judged

# More than these are not counted: the page says "10,000 or more", and costs the same on a bad day.
MOST_COUNTED = 10_000
# What is due is taken within seconds; beyond the first figure something lags, beyond the second it does not move.
SLOW, STOPPED = 30.0, 300.0
# Long rounds wait for one another: that is what their queue is for.
_ROUNDS_SLOW, _ROUNDS_STOPPED = 900.0, 3600.0

_COUNT = """
select (select count(*) from (select 1 from {table} where {where} limit %(most)s) few), (select min(due_at) from {table} where {where})
"""
_WAITING = {
    "events_delivery": "state = 'pending' and due_at <= %(now)s",
    "integrations_webhookdelivery": "state = 'waiting' and due_at <= %(now)s",
}

_down_since: datetime | None = None


@cache
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.VALKEY_URL, socket_timeout=1, socket_connect_timeout=1)


def broker(now: datetime) -> list[Vital]:
    """Valkey, and the tasks that wait there."""
    global _down_since
    names = [str(queue.name) for queue in settings.CELERY_TASK_QUEUES]
    prefix = f"{settings.VALKEY_PREFIX}.work."
    try:
        with _client().pipeline(transaction=False) as pipe:
            for name in names:
                for kept in _lists(f"{prefix}{name}"):
                    pipe.llen(kept)
                    pipe.lindex(kept, -1)
            pipe.hlen(f"{prefix}unacked")
            *found, in_hand = pipe.execute()
    except (redis.RedisError, OSError) as error:
        _down_since = _down_since or now
        why = "Pages are not told of changes, and nothing is handed to workers. Nothing is lost: all work is kept in rows."
        return [
            Vital(
                "valkey", Group.STORE, "Valkey", State.STOPPED, "does not answer", why, f"Start Valkey again ({type(error).__name__}).", _down_since
            )
        ]
    _down_since = None
    alive = Vital("valkey", Group.STORE, "Valkey", State.OK, f"answers; {in_hand:,} tasks in hand", value=float(in_hand), unit="tasks")
    said = iter(found)
    queues = [[(next(said), _age(next(said))) for _ in _lists(name)] for name in names]
    return [
        alive,
        *(_queue(name, sum(depth for depth, _ in lists), max(age for _, age in lists), now) for name, lists in zip(names, queues, strict=True)),
    ]


def _lists(queue: str) -> list[str]:
    """A queue is a list for each priority: kombu names it by the step, except the first."""
    steps = settings.CELERY_BROKER_TRANSPORT_OPTIONS["priority_steps"]
    return [f"{queue}{Lists.sep}{step}" if step else queue for step in steps]


def _queue(name: str, depth: int, seconds: float, now: datetime) -> Vital:
    slow, stopped = (_ROUNDS_SLOW, _ROUNDS_STOPPED) if name == "rounds" else (SLOW, STOPPED)
    state = judged(seconds, slow=slow, stopped=stopped)
    says = f"{depth:,} wait, the oldest for {spell(seconds)}" if depth else "none waits"
    why = f"Tasks wait longer than {spell(slow)} for a worker. Nothing is lost: a task only hurries a row along." if state != State.OK else ""
    todo = f"See what the workers of the queue {name} are at; give it more of them." if why else ""
    since = now - timedelta(seconds=seconds) if why else None
    about = {"queue": name, "depth": depth}
    title = f"Queue {name}: {QUEUE_WORDS.get(name, name)}"
    return Vital(f"queue-{name}", Group.QUEUES, title, state, says, why, todo, since, seconds, slow, about=about)


def _age(task: bytes | None) -> float:
    """How long the oldest task of a list has waited; 0 for an empty list, and for a task that does not say when it was sent."""
    if task is None:
        return 0.0
    try:
        sent = json.loads(task)["headers"].get("cs_sent")
    except (ValueError, KeyError, TypeError):
        return 0.0
    return max(0.0, time.time() - float(sent)) if sent else 0.0


def rows(now: datetime) -> list[Vital]:
    """Deliveries of events and of webhooks that are due, and messages by channel."""
    counts: dict[str, tuple[int, datetime | None]] = {}
    with connection.cursor() as cursor:
        for table, where in _WAITING.items():
            cursor.execute(_COUNT.format(table=table, where=where), {"now": now, "most": MOST_COUNTED})
            counts[table] = cursor.fetchone() or (0, None)
    return [
        _due("deliveries", "Events on their way", "events", *counts["events_delivery"], now),
        _due("webhooks-due", "Calls to webhooks", "calls", *counts["integrations_webhookdelivery"], now),
        *_messages(now),
    ]


def _due(key: str, name: str, noun: str, count: int, oldest: datetime | None, now: datetime) -> Vital:
    seconds = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    state = judged(seconds, slow=SLOW, stopped=STOPPED)
    many = f"{count:,}{' or more' if count >= MOST_COUNTED else ''}"
    says = f"{many} wait, the oldest for {spell(seconds)}" if count else "none waits"
    vital = partial(Vital, key, Group.QUEUES, name, state, says, value=seconds, limit=SLOW, about={"depth": count, "queue": key})
    if state == State.OK:
        return vital()
    why = f"{many} {noun} wait longer than they should. Nothing is lost: they are done as soon as somebody takes them."
    return vital(why=why, todo="See whether the workers live, and what they are at.", since=oldest)


def _messages(now: datetime) -> list[Vital]:
    """Per channel that has anything due; the governor's own pauses have moved `due_at` and do not count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select channel, count(*), min(due_at) from messaging_message where state in ('queued', 'held') and due_at <= %s group by 1 order by 1",
            [now],
        )
        found = cursor.fetchall()
    if not found:
        return [_due("messages-due", "Messages that are due", "messages", 0, None, now)]
    return [_due(f"messages-{channel}", f"Messages by {Channel(channel).label}", "messages", count, oldest, now) for channel, count, oldest in found]


def given_up(now: datetime) -> list[Vital]:
    """Dead letters: what nobody tries again by itself."""
    events = Delivery.objects.filter(state=DeliveryState.FAILED).count()
    hooks = WebhookDelivery.objects.filter(state=WebhookState.FAILED, done_at__gt=now - timedelta(days=1)).count()
    unclear = Message.objects.filter(Q(state=MessageState.UNKNOWN)).count()
    parts = [f"{events} events given up"] * bool(events) + [f"{hooks} calls to webhooks failed today"] * bool(hooks)
    parts += [f"{unclear} messages of which nobody knows whether they arrived"] * bool(unclear)
    about: dict[str, Any] = {"events": events, "webhooks": hooks, "unclear": unclear}
    value = float(events + hooks + unclear)
    vital = partial(Vital, "given-up", Group.QUEUES, "Given up", value=value, limit=0.0, unit="rows", about=about)
    if not parts:
        return [vital(state=State.OK, says="nothing")]
    todo = "Try the deliveries again (Configure / Deliveries) when their cause is gone, and settle unclear messages under Delivery."
    return [vital(state=State.SLOW, says=", ".join(parts), why="Nobody tries these again by itself.", todo=todo)]


def waiting_words(vitals: list[Vital]) -> str:
    """What is safe, for the banner: Nothing is lost: 214 events and 3 messages wait."""
    depth = {vital.key: int(vital.about.get("depth", 0)) for vital in vitals if vital.group == Group.QUEUES}
    messages = sum(count for key, count in depth.items() if key.startswith("messages-"))
    counted = ((depth.get("deliveries", 0), "event", "events"), (messages, "message", "messages"), (depth.get("webhooks-due", 0), "call", "calls"))
    parts = [f"{count:,} {one if count == 1 else many}" for count, one, many in counted if count]
    verb = "waits" if len(parts) == 1 and parts[0].startswith("1 ") else "wait"
    return f"Nothing is lost: {' and '.join(parts)} {verb}." if parts else "Nothing is lost."
