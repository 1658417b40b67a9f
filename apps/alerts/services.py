"""Alerts open once per matter, are acknowledged by a person, and resolve when the matter is settled."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from apps.accounts.models import Account
from apps.accounts.types import Stage
from apps.churn.models import ChurnDefinition, Prediction
from apps.churn.types import Band, CheckKind
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import AlertChanged, AlertOpened
from apps.messaging.models import Message

from .models import Alert
from .types import AlertState, Severity

_URGENT_ARR = 50_000
_URGENT_RENEWAL = timedelta(days=60)


def raise_risk(*, account_id: int, prediction_id: int, actor: Actor, now: datetime, cause: Event | None = None) -> Alert | None:
    """A risk that became high needs eyes; a rise into the middle band is shown in lists and alerts nobody."""
    prediction = Prediction.objects.select_related("account").get(pk=prediction_id)
    if prediction.band != Band.HIGH:
        return None
    account = prediction.account
    return open_alert(
        account=account,
        kind="risk",
        severity=_risk_severity(account, now.date()),
        title=f"{account.name} is likely to leave",
        why=[reason["words"] for reason in prediction.reasons if reason["contribution"] > 0][:3],
        dedup_key=f"risk:{account_id}",
        actor=actor,
        now=now,
        cause=cause,
    )


def _risk_severity(account: Account, today: date) -> Severity:
    """Urgent where much money or little time is left: ARR of 50,000 or more, or a renewal within 60 days."""
    soon = account.renews_on is not None and today <= account.renews_on <= today + _URGENT_RENEWAL
    return Severity.URGENT if soon or account.arr >= _URGENT_ARR else Severity.WARNING


def raise_unknown_message(*, account_id: int, message_id: int, actor: Actor, now: datetime, cause: Event | None = None) -> Alert:
    """Nobody knows whether a message arrived: a person decides, because sending again could reach the customer twice."""
    message = Message.objects.select_related("account", "contact").get(pk=message_id)
    return open_alert(
        account=message.account,
        kind="unknown_message",
        severity=Severity.WARNING,
        title=f"Unclear whether {message.contact} got “{message.subject}”",
        why=[message.reason or "The mail server closed the line before it answered.", "Open the message and say whether it arrived."],
        dedup_key=f"unknown_message:{message_id}",
        actor=actor,
        now=now,
        cause=cause,
    )


def raise_broken_model(*, version_id: int, name: str, problem: str, actor: Actor, now: datetime, cause: Event | None = None) -> Alert:
    """A churn model cannot be trusted any more: scores go on by the rule until somebody trains anew or puts another version to work."""
    return open_alert(
        account=None,
        kind="broken_model",
        severity=Severity.URGENT,
        title=f"The churn model {name} is broken; the weighted rule scores in its place",
        why=[problem, "Train anew, or put an earlier version to work, on the churn desk."],
        dedup_key=f"broken_model:{version_id}",
        actor=actor,
        now=now,
        cause=cause,
    )


def settle_model(*, actor: Actor, now: datetime, cause: Event | None = None) -> int:
    """Another version is at work, so nobody needs to look at the one before. Returns how many alerts were resolved."""
    return _resolve_all(Alert.objects.filter(kind__in=["broken_model", "doubted_model"]), actor, now, cause)


def raise_doubted_model(*, version_id: int, kind: str, name: str, found: str, actor: Actor, now: datetime, cause: Event | None = None) -> Alert:
    """A look back at the churn model at work found more than chance explains. It goes on scoring until something better is trained."""
    data = kind == CheckKind.DRIFT
    return open_alert(
        account=None,
        kind="doubted_model",
        severity=Severity.WARNING,
        title=f"The data behind the churn model {name} has changed" if data else f"What the churn model {name} told does not fit what happened",
        why=[found, "A training was asked for. See the churn desk."],
        dedup_key=_doubt(version_id, kind),
        actor=actor,
        now=now,
        cause=cause,
    )


def settle_doubt(*, version_id: int, kind: str, actor: Actor, now: datetime, cause: Event | None = None) -> int:
    """A later look found nothing off any more. Returns how many alerts were resolved."""
    return _resolve_all(Alert.objects.filter(kind="doubted_model", dedup_key=_doubt(version_id, kind)), actor, now, cause)


def _doubt(version_id: int, kind: str) -> str:
    return f"doubted_model:{version_id}:{kind}"


def raise_failed_training(*, definition_id: int, result: str, actor: Actor, now: datetime, cause: Event | None = None) -> Alert:
    """A churn model could not learn anew: what scored before goes on, and grows old until somebody looks."""
    definition = ChurnDefinition.objects.get(pk=definition_id)
    return open_alert(
        account=None,
        kind="failed_training",
        severity=Severity.WARNING,
        title=f"The churn model of {definition} could not be trained",
        why=[result, "Train again on the churn desk when the cause is gone."],
        dedup_key=f"failed_training:{definition_id}",
        actor=actor,
        now=now,
        cause=cause,
    )


def settle_training(*, definition_id: int, actor: Actor, now: datetime, cause: Event | None = None) -> int:
    """A training came to its end, so the failed one is history. Returns how many alerts were resolved."""
    return _resolve_all(Alert.objects.filter(kind="failed_training", dedup_key=f"failed_training:{definition_id}"), actor, now, cause)


def raise_webhook(*, webhook_id: int, name: str, reason: str, actor: Actor, now: datetime, cause: Event | None = None) -> Alert:
    """A receiver was given up and hears nothing any more until somebody mends it and switches its webhook on."""
    return open_alert(
        account=None,
        kind="webhook",
        severity=Severity.WARNING,
        title=f"The webhook {name} was switched off: its receiver does not answer"[:200],
        why=[reason, "Have the receiver mended, switch the webhook on, and send again what it missed, under Configure / Webhooks."],
        dedup_key=f"webhook:{webhook_id}",
        actor=actor,
        now=now,
        cause=cause,
    )


def settle_webhook(*, webhook_id: int, actor: Actor, now: datetime, cause: Event | None = None) -> int:
    """Somebody has seen to it. Returns how many alerts were resolved."""
    return _resolve_all(Alert.objects.filter(dedup_key=f"webhook:{webhook_id}"), actor, now, cause)


def open_alert(
    *,
    account: Account | None,
    kind: str,
    severity: Severity,
    title: str,
    why: list[str],
    dedup_key: str,
    actor: Actor,
    now: datetime,
    cause: Event | None = None,
) -> Alert:
    """Open the alert, or count the matter as seen again while it is unresolved."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                alert = Alert.objects.create(
                    account=account,
                    kind=kind,
                    severity=severity,
                    title=title,
                    why=why,
                    dedup_key=dedup_key,
                    opened_at=now,
                    last_seen_at=now,
                    cause=cause,
                )
        except IntegrityError:
            alert = Alert.objects.unresolved().get(dedup_key=dedup_key)
            Alert.objects.filter(pk=alert.pk).update(seen=F("seen") + 1, last_seen_at=now, why=why)
            alert.refresh_from_db()
            return alert
        opened = AlertOpened(account_id=account.pk if account else None, alert_id=alert.pk, severity=severity)
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


def settle(*, account_id: int, kind: str, actor: Actor, now: datetime, cause: Event | None = None) -> int:
    """Resolve what has settled by itself: the account's alerts of one kind. Returns how many."""
    return _resolve_all(Alert.objects.filter(account_id=account_id, kind=kind), actor, now, cause)


def settle_leavers(*, actor: Actor, now: datetime, cause: Event | None = None) -> int:
    """Nobody needs to look at a customer who has left any more. Returns how many alerts were resolved."""
    return _resolve_all(Alert.objects.filter(account__stage=Stage.CHURNED), actor, now, cause)


def _resolve_all(alerts: QuerySet[Alert], actor: Actor, now: datetime, cause: Event | None) -> int:
    with transaction.atomic():
        unresolved = list(alerts.exclude(state=AlertState.RESOLVED).select_for_update(of=("self",)))
        for alert in unresolved:
            resolve(alert, actor=actor, now=now, cause=cause)
    return len(unresolved)


def _announce(alert: Alert, state: AlertState, actor: Actor, now: datetime, cause: Event | None) -> None:
    events.publish(AlertChanged(account_id=alert.account_id, alert_id=alert.pk, state=state), actor=actor, now=now, cause=cause)
