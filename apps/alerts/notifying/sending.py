"""Sending notices out of the house in two steps: claim and commit, call, record. Failures come again with longer and longer pauses, and are shown.

A sender that died leaves a lease that runs out: what has a key on the other side (mail, push, PagerDuty, webhooks) is sent again under the same key;
a text is left in doubt, because sending it again could reach the person twice.
"""

import logging
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from apps.alerts.models import Alert, Notice, NoticeSending, StaffBrowser
from apps.alerts.types import AlertState, Road, SendingState
from apps.messaging import services as messaging
from apps.messaging.types import Outcome, Result

from . import outside
from .telling import wishes_of

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)
WAITS = tuple(timedelta(seconds=seconds) for seconds in (15, 60, 300, 900, 3600))
_MOST_GATHERED = 200
_LISTED = 40
# Where the other side knows a repeat by its key, or where the row itself is the telling.
_KEYED = (Road.EMAIL, Road.PUSH, Road.OUTSIDE)
_SHORT = 150


def advance(*, clock: Callable[[], datetime], limit: int = 100) -> int:
    """Send what is due; returns how many calls were made. The clock is read around every call, because calls take their time."""
    sent = 0
    while sent < limit:
        batch = claim(now=clock())
        if not batch:
            return sent
        record(batch, _called(batch, clock), now=clock())
        sent += 1
    return sent


def claim(*, now: datetime) -> list[NoticeSending]:
    """The next sending that is due, with everything else that leaves gathered with it; nothing where none is due."""
    with transaction.atomic():
        due = NoticeSending.objects.filter(state=SendingState.WAITING, due_at__lte=now).select_for_update(of=("self",), skip_locked=True)
        first = due.select_related("notice").order_by("due_at", "id").first()
        if first is None:
            return []
        keys = [first.pk]
        if first.gathered:
            with_it = due.filter(gathered=True, road=first.road, notice__user=first.notice.user_id).order_by("id")
            keys = [row.pk for row in with_it[:_MOST_GATHERED]]
        mine = NoticeSending.objects.filter(pk__in=keys)
        mine.update(state=SendingState.SENDING, attempt=first.attempt + 1, lease_until=now + LEASE)
        return list(
            mine.select_related("notice__user", "notice__outside", "notice__alert__account").order_by("notice__alert__account", "notice__at", "id")
        )


def _called(batch: Sequence[NoticeSending], clock: Callable[[], datetime]) -> Result:
    """Never raises: whatever goes wrong is an answer that a person can read."""
    first = batch[0]
    try:
        match first.road:
            case Road.EMAIL:
                return _mail(batch)
            case Road.PUSH:
                return _push(first.notice, clock)
            case Road.SMS:
                return _text(first.notice)
            case _:
                return _outside(first.notice, clock)
    except Exception as error:
        log.exception("notice sending %s failed", first.pk)
        return Result(Outcome.AMBIGUOUS, code="broke", detail=f"It broke on our side: {error!r}"[:250])


def _mail(batch: Sequence[NoticeSending]) -> Result:
    first = batch[0].notice
    assert first.user is not None
    key = f"notice:{batch[0].pk}"
    if not batch[0].gathered:
        alert = first.alert
        body = "\n\n".join(part for part in (first.words, "\n".join(f"- {why}" for why in alert.why)) if part)
        subject = f"{'Now: ' if first.urgent else ''}{alert.title}"
        return messaging.to_staff.mail(first.user.email, subject=subject, body=body, link=link_of(alert), link_words="Open it", key=key)
    listed = [row.notice.alert for row in batch]
    distinct = list({alert.pk: alert for alert in listed}.values())
    lines = [f"- {alert.title}{'' if alert.state != AlertState.RESOLVED else ' (resolved)'}" for alert in distinct[:_LISTED]]
    more = f"\n\nAnd {len(distinct) - _LISTED} more." if len(distinct) > _LISTED else ""
    subject = f"{len(distinct)} alert{'' if len(distinct) == 1 else 's'}: {distinct[0].title}"[:_SHORT]
    link = _home(reverse("alerts"))
    return messaging.to_staff.mail(first.user.email, subject=subject, body="\n".join(lines) + more, link=link, link_words="Open alerts", key=key)


def _push(notice: Notice, clock: Callable[[], datetime]) -> Result:
    """Taken when one browser's service took it."""
    browsers = list(StaffBrowser.objects.filter(user=notice.user_id, ended_at=None).order_by("pk"))
    if not browsers:
        return Result(Outcome.REFUSED, code="no_browser", detail="No browser is subscribed to push.")
    told = []
    for browser in browsers:
        result = messaging.to_staff.push_to(
            browser.endpoint,
            browser.p256dh,
            browser.auth,
            title=notice.alert.title,
            body=notice.words,
            link=link_of(notice.alert),
            key=f"alert:{notice.alert_id}:{notice.user_id}",
        )
        if messaging.to_staff.is_gone(result):
            StaffBrowser.objects.filter(pk=browser.pk, ended_at=None).update(ended_at=clock())
        told.append(result)
    best = min(told, key=lambda one: (Outcome.OK, Outcome.AMBIGUOUS, Outcome.REFUSED).index(one.outcome))
    return best if best.outcome != Outcome.REFUSED else next((one for one in told if one.retry), best)


def _text(notice: Notice) -> Result:
    assert notice.user is not None
    number = wishes_of([notice.user.pk])[notice.user.pk][Road.SMS].number
    title = notice.alert.title
    return messaging.to_staff.text(number, body=f"{title if len(title) <= _SHORT else title[: _SHORT - 1] + '…'} {link_of(notice.alert)}")


def _outside(notice: Notice, clock: Callable[[], datetime]) -> Result:
    channel, alert = notice.outside, notice.alert
    assert channel is not None
    data = {
        "type": "alert",
        "alert": {"id": alert.pk, "title": alert.title, "severity": alert.severity, "why": alert.why, "opened_at": alert.opened_at},
        "account": {"id": alert.account.pk, "external_id": alert.account.external_id, "name": alert.account.name} if alert.account else None,
        "words": notice.words,
        "link": link_of(alert),
    }
    body = "\n".join([notice.words, *(f"• {why}" for why in alert.why)])
    result = outside.say(
        channel,
        title=alert.title,
        body=body,
        link=link_of(alert),
        data=data,
        key=f"notice-{notice.pk}",
        dedup=f"{settings.VALKEY_PREFIX}-alert-{alert.pk}",
        urgent=notice.urgent,
    )
    outside.note(channel, result, now=clock())
    return result


def link_of(alert: Alert) -> str:
    """The page of the alert's account, or of all alerts where it is about the platform itself."""
    return _home(reverse("account", args=[alert.account_id]) if alert.account_id else reverse("alerts"))


def _home(path: str) -> str:
    return f"{settings.BASE_URL.rstrip('/')}{path}"


def record(batch: Sequence[NoticeSending], result: Result, *, now: datetime) -> None:
    """What became of a claimed batch; a sender whose lease ran out meanwhile records nothing."""
    first = batch[0]
    mine = NoticeSending.objects.filter(pk__in=[row.pk for row in batch], state=SendingState.SENDING, attempt=first.attempt)
    words = f"{result.code} {result.detail}".strip()[:250]
    again = result.retry or (result.outcome == Outcome.AMBIGUOUS and first.road in _KEYED)
    if result.outcome == Outcome.OK:
        mine.update(state=SendingState.SENT, done_at=now, lease_until=None, answer=words)
    elif again and first.attempt <= len(WAITS):
        pause = max(WAITS[first.attempt - 1] * random.uniform(1.0, 1.25), timedelta(seconds=min(result.wait, 3600)))
        mine.update(state=SendingState.WAITING, due_at=now + pause, lease_until=None, answer=words)
    else:
        lost = SendingState.UNKNOWN if result.outcome == Outcome.AMBIGUOUS else SendingState.FAILED
        mine.update(state=lost, done_at=now, lease_until=None, answer=words)


def sweep(*, now: datetime) -> int:
    """Settle what senders left behind that died; returns how many."""
    dead = NoticeSending.objects.filter(state=SendingState.SENDING, lease_until__lt=now)
    doubtful = dead.exclude(road__in=_KEYED).update(
        state=SendingState.UNKNOWN, done_at=now, lease_until=None, answer="The sender died while it was sending, so nobody knows."
    )
    return doubtful + dead.update(state=SendingState.WAITING, due_at=now, lease_until=None, answer="The sender died; it is sent again under its key.")
