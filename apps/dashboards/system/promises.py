"""The promises of the service, as far as rows and counters tell: what share was kept, beside what was promised."""

from datetime import datetime, timedelta
from functools import partial

from django.db import connection
from django.db.models import Q

from apps.events.models import Heartbeat
from apps.events.types import ProcessKind

from . import counted
from .processes import is_alive
from .types import Group, State, Vital

# Fewer say nothing about a share.
LEAST = 20
ACK_SECONDS, HAND_OVER_SECONDS, PUSH_SECONDS = 0.25, 60, 0.5
_INGEST = ("v1/batch", "v1/track", "v1/identify", "v1/group", "v1/page", "v1/screen", "v1/alias", "v1/import")
_HANDED = """
select count(*), count(*) filter (where claimed_at <= due_at + interval '60 seconds')
from messaging_message where claimed_at > %s and claimed_at <= %s
"""


def promises(now: datetime) -> list[Vital]:
    requests = counted.read()
    place = counted.BUCKETS.index(ACK_SECONDS) + 1
    acks = [counts for route, counts in requests.buckets.items() if route.removeprefix("/").rstrip("/") in _INGEST]
    fast, all_acks = sum(sum(counts[:place]) for counts in acks), sum(sum(counts) for counts in acks)
    answers = {key: count for key, count in requests.counts.items() if key[0].startswith("api/")}
    broken = sum(count for (_, _, code), count in answers.items() if code.startswith("5"))
    with connection.cursor() as cursor:
        cursor.execute(_HANDED, [now - timedelta(days=1), now])
        handed, in_time = cursor.fetchone() or (0, 0)
    return [
        _share("promise-ingest", "Activity acknowledged within 250 ms", fast, all_acks, 0.999, "batches since counting began"),
        _share("promise-messages", "Due messages handed over within a minute", in_time, handed, 0.99, "messages in 24 h"),
        _share("promise-api", "API answers without a fault of ours", sum(answers.values()) - broken, sum(answers.values()), 0.999, "answers"),
        _push(now),
    ]


def _share(key: str, name: str, kept: int, whole: int, promised: float, noun: str) -> Vital:
    vital = partial(Vital, key, Group.PROMISES, name, limit=100 * promised, unit="%", about={"kept": kept, "whole": whole})
    if whole < LEAST:
        return vital(state=State.UNKNOWN, says=f"{whole} {noun}: cannot tell yet")
    share = kept / whole
    says = f"{100 * share:.2f} % of {whole:,} {noun}"
    if share >= promised:
        return vital(state=State.OK, says=says, value=100 * share)
    why = f"{100 * promised:g} % is promised."
    return vital(state=State.SLOW, says=says, value=100 * share, why=why, todo="See what was slow meanwhile: queues, workers and the database above.")


def _push(now: datetime) -> Vital:
    web = Heartbeat.objects.filter(Q(kind=ProcessKind.WEB))
    lags = [row.says["push_lag"] for row in web if is_alive(row, now) and row.says.get("push_lag") is not None]
    vital = partial(Vital, "promise-push", Group.PROMISES, "Changes on open pages within half a second", limit=PUSH_SECONDS)
    if not lags:
        return vital(state=State.UNKNOWN, says="not measured yet")
    lag = max(lags)
    if lag <= PUSH_SECONDS:
        return vital(state=State.OK, says=f"{1000 * lag:.0f} ms on the line at last", value=lag)
    why = "A hint takes longer than promised from Valkey to the pages."
    return vital(state=State.SLOW, says=f"{1000 * lag:.0f} ms on the line at last", value=lag, why=why, todo="See how busy the web processes are.")
