"""Alerts open once per matter, are acknowledged by a person, and resolve when the matter is settled."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from apps.accounts.types import Stage
from apps.churn.models import Prediction
from apps.churn.types import Band
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import AlertChanged, AlertOpened
from apps.messaging.models import Message

from . import matters
from .matters import Matter
from .models import Alert
from .types import AlertState

_LONGEST_TITLE = 200


def raise_risk(*, account_id: int, prediction_id: int, actor: Actor, now: datetime, cause: Event | None = None) -> Alert | None:
    """A risk that became high needs eyes; a rise into the middle band is shown in lists and alerts nobody."""
    prediction = Prediction.objects.select_related("account").get(pk=prediction_id)
    if prediction.band != Band.HIGH:
        return None
    return open_alert(matters.risk(prediction, today=now.date()), actor=actor, now=now, cause=cause)


def raise_unknown_message(*, account_id: int, message_id: int, actor: Actor, now: datetime, cause: Event | None = None) -> Alert:
    message = Message.objects.select_related("account", "contact").get(pk=message_id)
    return open_alert(matters.unknown_message(message), actor=actor, now=now, cause=cause)


def open_alert(matter: Matter, *, actor: Actor, now: datetime, cause: Event | None = None) -> Alert:
    """Open the alert, or count the matter as seen again while it is unresolved."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                alert = Alert.objects.create(
                    account=matter.account,
                    kind=matter.kind,
                    severity=matter.severity,
                    title=matter.title[:_LONGEST_TITLE],
                    why=matter.why,
                    dedup_key=matter.key,
                    opened_at=now,
                    last_seen_at=now,
                    cause=cause,
                )
        except IntegrityError:
            alert = Alert.objects.unresolved().get(dedup_key=matter.key)
            Alert.objects.filter(pk=alert.pk).update(seen=F("seen") + 1, last_seen_at=now, why=matter.why)
            alert.refresh_from_db()
            return alert
        opened = AlertOpened(account_id=matter.account.pk if matter.account else None, alert_id=alert.pk, severity=matter.severity)
        events.publish(opened, actor=actor, now=now, cause=cause)
    return alert


def acknowledge(alert: Alert, *, actor: Actor, now: datetime) -> None:
    """A person says: I have seen it and it is mine."""
    with transaction.atomic():
        changed = Alert.objects.filter(pk=alert.pk, state=AlertState.OPEN).update(
            state=AlertState.ACKNOWLEDGED, acknowledged_at=now, acknowledged_by=str(actor)
        )
        if not changed:
            raise Refused("alert_not_open", f"“{alert.title}” is no longer open, so there is nothing to acknowledge.")
        _announce(alert, AlertState.ACKNOWLEDGED, actor, now, None)


def resolve(alert: Alert, *, actor: Actor, now: datetime, cause: Event | None = None) -> None:
    with transaction.atomic():
        changed = Alert.objects.unresolved().filter(pk=alert.pk).update(state=AlertState.RESOLVED, resolved_at=now, resolved_by=str(actor))
        if not changed:
            raise Refused("alert_resolved", f"“{alert.title}” is resolved already.")
        _announce(alert, AlertState.RESOLVED, actor, now, cause)


def reopen(alert: Alert, *, actor: Actor, now: datetime) -> None:
    """Take back an acknowledgement or a resolution."""
    unseen = {"acknowledged_at": None, "acknowledged_by": "", "resolved_at": None, "resolved_by": ""}
    try:
        with transaction.atomic():
            if not Alert.objects.filter(pk=alert.pk).exclude(state=AlertState.OPEN).update(state=AlertState.OPEN, **unseen):
                raise Refused("alert_open", f"“{alert.title}” is open already.")
            _announce(alert, AlertState.OPEN, actor, now, None)
    except IntegrityError as error:
        raise Refused("alert_opened_again", f"The same matter has a newer alert, so “{alert.title}” stays resolved.") from error


def settle(kind: str, about: str | int, *, actor: Actor, now: datetime, cause: Event | None = None) -> int:
    """One matter has settled by itself, or somebody has seen to it. Returns how many alerts were resolved: one, or none was open."""
    return _resolve_all(Alert.objects.filter(kind=kind, dedup_key=matters.key(kind, about)), actor, now, cause)


def settle_every(*kinds: str, actor: Actor, now: datetime, cause: Event | None = None) -> int:
    """All matters of these kinds are settled, whatever they are about. Returns how many alerts were resolved."""
    return _resolve_all(Alert.objects.filter(kind__in=kinds), actor, now, cause)


def settle_leavers(*, actor: Actor, now: datetime, cause: Event | None = None) -> int:
    """Nobody needs to look at a customer who has left any more. Returns how many alerts were resolved."""
    return _resolve_all(Alert.objects.filter(account__stage=Stage.CHURNED), actor, now, cause)


def _resolve_all(alerts: QuerySet[Alert], actor: Actor, now: datetime, cause: Event | None) -> int:
    alerts = alerts.exclude(state=AlertState.RESOLVED)
    if not alerts.exists():
        # Nearly always: no transaction for nothing.
        return 0
    with transaction.atomic():
        unresolved = list(alerts.select_for_update(of=("self",)))
        for alert in unresolved:
            resolve(alert, actor=actor, now=now, cause=cause)
    return len(unresolved)


def _announce(alert: Alert, state: AlertState, actor: Actor, now: datetime, cause: Event | None) -> None:
    events.publish(AlertChanged(account_id=alert.account_id, alert_id=alert.pk, state=state), actor=actor, now=now, cause=cause)


# Parts of this module's face: who is told of an alert and in what order, how, and what rules do by themselves.
from .escalation import climbing, foretold, policies, rotas  # noqa: E402, F401  isort:skip
from .escalation import steps as policy_steps  # noqa: E402, F401  isort:skip
from .notifying import outside, sending, telling, wishes  # noqa: E402, F401  isort:skip
from .responses import answering, deeds  # noqa: E402, F401  isort:skip
from .responses import writing as responses  # noqa: E402, F401  isort:skip
