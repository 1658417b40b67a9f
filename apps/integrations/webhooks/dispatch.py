"""Deliveries leave: claim and commit, post, record. The rows are the queue; whoever dies in between, the row is sent again under the same id.

- claim: a few of each webhook that is not resting, so that one slow receiver holds up only itself.
- post: in threads, which touch no row.
- record: counts only while the claim is still ours.
- sweep: a claim whose sender died waits again.
"""

import json
import logging
import random
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from apps.core.actor import Actor
from apps.integrations.models import Webhook, WebhookDelivery
from apps.integrations.types import WebhookState

from . import endpoints, posting, signing
from .posting import Answer

log = logging.getLogger(__name__)

AT_ONCE = 24
OF_ONE = 4
# Waits before the second, third ... attempt: the schedule of Standard Webhooks, a little over three days in all.
WAITS = tuple(timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400))
MAX_TRIES = len(WAITS) + 1
_LONGEST_WAIT = timedelta(hours=24)
# A receiver that answered nothing well for so long is given up; fewer attempts than this say little.
GIVE_UP_AFTER = timedelta(days=3)
_LEAST_FAILURES = 5
# What waits longer than all attempts take has lost its sender or its webhook.
_TOO_OLD = timedelta(days=5)
_LONGEST_REST = timedelta(minutes=10)
KEPT = timedelta(days=60)
_LOOK_EVERY = 0.5
_ACTOR = Actor.job("integrations.send_webhooks")

_CLAIM = """
with room as (
    select w.id, case when w.failures > 0 then 1 else %(of_one)s end
        - (select count(*) from integrations_webhookdelivery d where d.webhook_id = w.id and d.state = 'sending') as free
    from integrations_webhook w where w.is_active and (w.rest_until is null or w.rest_until <= %(now)s)
), due as (
    select d.id from room cross join lateral (
        select id from integrations_webhookdelivery where webhook_id = room.id and state = 'waiting' and due_at <= %(now)s
        order by due_at, id limit greatest(room.free, 0) for update skip locked
    ) d limit %(limit)s
)
update integrations_webhookdelivery set state = 'sending', attempt = attempt + 1, tries = tries + 1, lease_until = %(lease)s, tried_at = %(now)s
where id in (select id from due) returning id
"""


def pump(*, clock: Callable[[], datetime], seconds: float) -> int:
    """Send what is due until nothing is, or the time is up and what is under way has come back. Returns how many attempts were made.

    `clock` because sending takes time.
    """
    until, count = time.monotonic() + seconds, 0
    flying: dict[Future[Answer], WebhookDelivery] = {}
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as threads:
        while True:
            if time.monotonic() < until and len(flying) < AT_ONCE:
                for delivery in claim(now=clock(), limit=AT_ONCE - len(flying)):
                    if (job := _prepared(delivery, now=clock())) is not None:
                        headers, body = job
                        flying[threads.submit(posting.post, delivery.webhook.url, headers=headers, body=body)] = delivery
            if not flying:
                return count
            done, _ = wait(flying, timeout=_LOOK_EVERY, return_when=FIRST_COMPLETED)
            for one in done:
                record(flying.pop(one), one.result(), now=clock())
                count += 1


def claim(*, now: datetime, limit: int = AT_ONCE) -> list[WebhookDelivery]:
    """Take what is due, at most a few under way to one webhook, and one where the last attempt failed. Two claimers never get the same delivery."""
    with transaction.atomic(), connection.cursor() as cursor:
        lease = now + timedelta(seconds=settings.WEBHOOK_LEASE_SECONDS)
        cursor.execute(_CLAIM, {"of_one": OF_ONE, "now": now, "limit": limit, "lease": lease})
        keys = [key for (key,) in cursor.fetchall()]
    return list(WebhookDelivery.objects.filter(pk__in=keys).select_related("webhook").order_by("due_at", "id")) if keys else []


def body_of(delivery: WebhookDelivery) -> bytes:
    """The same bytes at every attempt."""
    said = {"type": delivery.type, "timestamp": delivery.happened_at.astimezone(UTC).isoformat().replace("+00:00", "Z"), "data": delivery.data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def record(delivery: WebhookDelivery, answer: Answer, *, now: datetime) -> WebhookState | None:
    """Write down how an attempt ended; None when the claim was lost meanwhile and nothing was written."""
    with transaction.atomic():
        # The webhook first, as whoever switches it off does, so that nobody waits in a ring.
        webhook = Webhook.objects.select_for_update(no_key=True).get(pk=delivery.webhook_id)
        mine = WebhookDelivery.objects.filter(pk=delivery.pk, state=WebhookState.SENDING, attempt=delivery.attempt).select_for_update()
        row = mine.first()
        if row is None:
            log.warning("webhook delivery %s attempt %s is no longer ours; its answer is not recorded", delivery.pk, delivery.attempt)
            return None
        told = {"lease_until": None, "status": answer.status, "answer": answer.words[:250], "seconds": round(answer.seconds, 3)}
        if answer.ok:
            _settle(row, WebhookState.DELIVERED, done_at=now, **told)
            Webhook.objects.filter(pk=webhook.pk).update(failures=0, failing_since=None, rest_until=None, last_ok_at=now)
            return WebhookState.DELIVERED
        is_test = row.type == endpoints.TEST
        if is_test or row.tries >= MAX_TRIES or not webhook.is_active or answer.status == 410:
            _settle(row, WebhookState.FAILED, done_at=now, **told)
        else:
            _settle(row, WebhookState.WAITING, due_at=now + _pause(row.tries, answer, now), **told)
        if not is_test or answer.status == 410:
            _note_failure(webhook, answer, now)
        return WebhookState(row.state)


def sweep(*, now: datetime, limit: int = 500) -> int:
    """Let wait again what lost its sender, and give up what waits for ever. Returns how many."""
    dead = WebhookDelivery.objects.filter(state=WebhookState.SENDING, lease_until__lt=now)
    found = dead.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True)
    lost = {"state": WebhookState.FAILED, "done_at": now, "answer": "Not sent: it waited too long, or its webhook is off."}
    with transaction.atomic():
        again = WebhookDelivery.objects.filter(pk__in=list(found[:limit])).update(state=WebhookState.WAITING, lease_until=None, due_at=now)
        waiting = WebhookDelivery.objects.filter(state=WebhookState.WAITING)
        off = waiting.filter(webhook__is_active=False).update(**lost)
        old = waiting.filter(queued_at__lt=now - _TOO_OLD).update(**lost)
    return again + off + old


def forget(*, now: datetime) -> int:
    """Deliveries that ended long ago; returns how many."""
    return WebhookDelivery.objects.filter(done_at__lt=now - KEPT).delete()[0]


def _prepared(delivery: WebhookDelivery, *, now: datetime) -> tuple[Mapping[str, str], bytes] | None:
    """Headers and body; None where there is nothing to send, which is recorded."""
    if not delivery.data:
        _settle(delivery, WebhookState.FAILED, done_at=now, lease_until=None, answer="Not sent: the account was erased.")
        return None
    body = body_of(delivery)
    try:
        secrets = signing.secrets_of(delivery.webhook, now=now)
    except signing.SecretLost:
        words = "Not sent: SECRET_KEY was changed, so the secret cannot be made. Rotate it, or name the old key in SECRET_KEY_FALLBACKS."
        record(delivery, Answer(None, words), now=now)
        return None
    headers = {"content-type": "application/json", "user-agent": "cs-platform-webhooks/1"}
    return headers | signing.sign(secrets, message_id=delivery.message_id, at=now, body=body), body


def _settle(row: WebhookDelivery, state: WebhookState, **values: Any) -> None:
    """The one writer of a claimed delivery's state."""
    mine = WebhookDelivery.objects.filter(pk=row.pk, state=WebhookState.SENDING, attempt=row.attempt)
    if mine.update(state=state, **values):
        row.state = state


def _note_failure(webhook: Webhook, answer: Answer, now: datetime) -> None:
    rest = min(_LONGEST_REST, timedelta(seconds=5 * 2 ** min(webhook.failures, 10)) * random.uniform(0.8, 1.2))
    Webhook.objects.filter(pk=webhook.pk).update(
        failures=F("failures") + 1, failing_since=Coalesce("failing_since", now), rest_until=max(now + rest, now + _asked(answer, now))
    )
    since = webhook.failing_since
    if answer.status == 410:
        endpoints.give_up(webhook, reason="The receiver said that it is gone for good (410).", actor=_ACTOR, now=now)
    elif since is not None and now - since >= GIVE_UP_AFTER and webhook.failures + 1 >= _LEAST_FAILURES:
        words = (
            f"Every attempt since {since:%Y-%m-%d %H:%M} UTC failed, {webhook.failures + 1} in a row. The last: {answer.status or ''} {answer.words}"
        )
        endpoints.give_up(webhook, reason=words, actor=_ACTOR, now=now)


def _pause(tries: int, answer: Answer, now: datetime) -> timedelta:
    """The wait after so many tries, spread out so that a receiver that comes back is not met by everything at once; longer where it asks for it."""
    return max(WAITS[tries - 1] * random.uniform(1.0, 1.25), _asked(answer, now))


def _asked(answer: Answer, now: datetime) -> timedelta:
    """Retry-After, in seconds or as a date; a day at most."""
    words = answer.retry_after.strip()
    if words.isascii() and words.isdigit():
        return min(timedelta(seconds=int(words[:9])), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(words)
    except (TypeError, ValueError):
        return timedelta()
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(timedelta(), min(moment - now, _LONGEST_WAIT))
