"""What is begun from an alert: a play or a task, which then stand in its story. Whoever begins something has taken the alert on."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.interventions import services as interventions
from apps.interventions.models import Enrolment, Play, Task
from apps.interventions.types import Priority, SourceKind

from .lifecycle import acknowledge, note
from .models import Alert
from .types import Deed, Severity

_DUE = {Severity.URGENT: timedelta(hours=4), Severity.WARNING: timedelta(days=1), Severity.INFO: timedelta(days=3)}
_PRIORITY = {Severity.URGENT: Priority.HIGH, Severity.WARNING: Priority.NORMAL, Severity.INFO: Priority.LOW}
_MINUTES = 15


def start_play(alert: Alert, play: Play, *, actor: Actor, now: datetime) -> Enrolment:
    """A refusal of the play is the answer, and the alert stays as it was."""
    account = _account(alert)
    with transaction.atomic():
        run = interventions.start_by_hand(play, account_id=account.pk, actor=actor, now=now)
        _acted(alert, Deed.PLAY, actor, now, words=play.name, enrolment=run)
    return run


def open_task(alert: Alert, *, title: str = "", actor: Actor, now: datetime) -> Task:
    """For the account's owner; the same alert opens one task, however often somebody asks."""
    account = _account(alert)
    title = title.replace("\x00", "").strip()[:200] or f"Look into: {alert.title}"[:200]
    with transaction.atomic():
        task = interventions.open_task(
            account=account,
            title=title,
            why=" · ".join(str(words) for words in alert.why),
            minutes=_MINUTES,
            due_at=now + _DUE[Severity(alert.severity)],
            actor=actor,
            now=now,
            reason="alert",
            name=str(alert.pk),
            priority=_PRIORITY[Severity(alert.severity)],
            evidence=[{"words": alert.title, "about": f"alert:{alert.pk}"}],
            owner=alert.owner,
            source=(SourceKind.ALERT, f"alert:{alert.pk}"),
            escalate=False,
        )
        _acted(alert, Deed.TASK, actor, now, words=task.title, task=task)
    return task


def _account(alert: Alert) -> Any:
    if alert.account is None:
        raise Refused("no_account", "This is about the platform itself, so there is no customer to do it for.")
    return alert.account


def _acted(alert: Alert, deed: Deed, actor: Actor, now: datetime, **said: Any) -> None:
    Alert.objects.filter(pk=alert.pk).update(acted_at=Coalesce(F("acted_at"), Value(now)))
    note(alert, deed, actor, now, **said)
    try:
        with transaction.atomic():
            acknowledge(alert, actor=actor, now=now)
    except Refused:
        # Taken on, put to sleep or resolved before.
        return
