"""What the demo's staff did with alerts: some slept for a while, most were judged, some were talked about, and from some work was begun."""

from datetime import datetime, timedelta

from apps.alerts import services as alerts
from apps.alerts.models import Alert
from apps.alerts.types import AlertState
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.core.shares import position

# Shares of alerts: put to sleep on the second day, given an opinion when they are over, talked about, and a task begun from.
_SNOOZED, _JUDGED, _COMMENTED, _BEGUN = 0.14, 0.62, 0.35, 0.12
# How often each kind was worth it. Providers and milestones that are merely behind are what people tire of.
_USEFUL = {"risk": 0.82, "milestone": 0.35, "unknown_message": 0.6}
_REASONS = ("They are away", "We wait for their answer", "They asked for another day")
_SAID = (
    "Called: the admin left, the new one starts on Monday.",
    "Their export was broken. Ticket is open, they know.",
    "Seasonal, same as last year. Nothing to do.",
    "Sent the overview of unused seats. Meeting on Thursday.",
    "No answer yet, second try tomorrow.",
)


def live(now: datetime) -> None:
    """One day's work with alerts that are old enough for it."""
    wake(now)
    fresh = Alert.objects.filter(opened_at__lt=now - timedelta(hours=20), opened_at__gt=now - timedelta(days=3))
    for alert in fresh.exclude(account=None).select_related("account__owner").order_by("pk"):
        owner = alert.account.owner
        if owner is None:
            continue
        by = Actor.user(owner)
        if not alert.moments.filter(deed="commented").exists() and position("comment", alert.pk) < _COMMENTED:
            alerts.comment(alert, _SAID[int(position("words", alert.pk) * len(_SAID))], actor=by, now=now)
        if alert.state != AlertState.RESOLVED and alert.acted_at is None and position("begin", alert.pk) < _BEGUN:
            alerts.open_task(alert, actor=by, now=now)
        if alert.state == AlertState.OPEN and position("snooze", alert.pk) < _SNOOZED and not alert.moments.filter(deed="snoozed").exists():
            days = 2 + int(9 * position("sleep", alert.pk))
            reason = _REASONS[int(position("why", alert.pk) * len(_REASONS))]
            alerts.snooze(alert, until=now + timedelta(days=days), reason=reason, actor=by, now=now)
    _judge(now)


def wake(now: datetime) -> None:
    alerts.wake_due(actor=Actor.job("alerts.wake"), now=now)


def _judge(now: datetime) -> None:
    over = Alert.objects.filter(state=AlertState.RESOLVED, resolved_at__gt=now - timedelta(days=2), resolved_at__lte=now, useful__isnull=True)
    for alert in over.exclude(account=None).select_related("account__owner").order_by("pk"):
        owner = alert.account.owner
        if owner is None or position("judge", alert.pk) > _JUDGED:
            continue
        useful = position("useful", alert.pk) < _USEFUL.get(alert.kind, 0.5)
        try:
            alerts.judge(alert, useful=useful, by=owner, actor=Actor.user(owner), now=now)
        except Refused:
            continue
