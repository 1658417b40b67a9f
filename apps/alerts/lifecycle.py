"""What people and time do to an alert. Each change is one conditional UPDATE with its moment and its event, so that of two at once one counts.

Whoever changes what an incident consists of holds the incident first and the alert after it: always in this order, so that nobody waits in a circle.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce

from apps.accounts.models import Account, User
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import AlertChanged, AlertCommented

from .models import Alert, AlertMoment, Incident
from .opening import incident_of
from .types import AlertState, Deed

LONGEST_SNOOZE = timedelta(days=14)
_LONGEST_COMMENT = 2000
_LONGEST_REASON = 250
_AWAKE = {"snoozed_until": None, "snooze_reason": ""}
_UNSEEN = {"acknowledged_at": None, "acknowledged_by": ""}


def acknowledge(alert: Alert, *, actor: Actor, now: datetime) -> None:
    """A person says: I have seen it and it is mine."""
    mine = _person(actor)
    with transaction.atomic():
        changed = Alert.objects.filter(pk=alert.pk, state=AlertState.OPEN).update(
            state=AlertState.ACKNOWLEDGED,
            acknowledged_at=now,
            acknowledged_by=str(actor),
            **({"owner": Coalesce(F("owner"), Value(mine))} if mine else {}),
        )
        if not changed:
            raise Refused("alert_not_open", f"“{alert.title}” is no longer open, so there is nothing to acknowledge.")
        tell(alert, Deed.ACKNOWLEDGED, AlertState.ACKNOWLEDGED, actor, now)


def snooze(alert: Alert, *, until: datetime, reason: str, actor: Actor, now: datetime) -> None:
    """Put it to sleep with a reason, at most 14 days; it wakes by itself. What is seen of it meanwhile is counted and wakes nobody."""
    reason = _clean(reason, _LONGEST_REASON)
    if not now < until <= now + LONGEST_SNOOZE:
        raise Refused("snooze_too_long", f"An alert can sleep until any moment of the next {LONGEST_SNOOZE.days} days. Nothing was changed.")
    if not reason:
        raise Refused("snooze_needs_reason", "Say why it can wait. Nothing was changed.")
    with transaction.atomic():
        if not Alert.objects.unresolved().filter(pk=alert.pk).update(state=AlertState.SNOOZED, snoozed_until=until, snooze_reason=reason):
            raise _resolved(alert)
        tell(alert, Deed.SNOOZED, AlertState.SNOOZED, actor, now, words=f"until {until:%-d %b %Y %H:%M} UTC: {reason}")


def wake(alert: Alert, *, actor: Actor, now: datetime) -> None:
    """A person takes the sleep back: it is again what it was before."""
    with transaction.atomic():
        asleep = Alert.objects.filter(pk=alert.pk, state=AlertState.SNOOZED)
        for state, those in (
            (AlertState.ACKNOWLEDGED, asleep.filter(acknowledged_at__isnull=False)),
            (AlertState.OPEN, asleep.filter(acknowledged_at__isnull=True)),
        ):
            if those.update(state=state, **_AWAKE):
                return tell(alert, Deed.WOKE, state, actor, now)
    raise Refused("alert_awake", f"“{alert.title}” does not sleep.")


def wake_due(*, actor: Actor, now: datetime, limit: int = 500) -> int:
    """Alerts whose sleep is over need eyes again, also those that somebody had taken on. Returns how many woke here."""
    due = Alert.objects.filter(state=AlertState.SNOOZED, snoozed_until__lte=now)
    woke = 0
    for alert in due.order_by("snoozed_until", "pk")[:limit]:
        with transaction.atomic():
            if due.filter(pk=alert.pk).update(state=AlertState.OPEN, **_AWAKE, **_UNSEEN):
                tell(alert, Deed.WOKE, AlertState.OPEN, actor, now, by_itself=True)
                woke += 1
    return woke


def assign(alert: Alert, *, to: User | None, actor: Actor, now: datetime) -> None:
    """Give it to somebody who sees it and may act, or to nobody. Its state stays."""
    if to is not None and not _may_have(to, alert):
        raise Refused("cannot_have_it", f"{to} does not look after this. Nothing was changed.")
    with transaction.atomic():
        # `exclude(owner=...)` would keep out those without an owner.
        others = Alert.objects.unresolved().filter(pk=alert.pk)
        others = others.filter(owner__isnull=False) if to is None else others.exclude(owner__isnull=False, owner=to)
        if not others.update(owner=to):
            if Alert.objects.unresolved().filter(pk=alert.pk).exists():
                raise Refused("has_it_already", f"{to or 'Nobody'} has “{alert.title}” already.")
            raise _resolved(alert)
        state = AlertState(Alert.objects.values_list("state", flat=True).get(pk=alert.pk))
        tell(alert, Deed.ASSIGNED, state, actor, now, words=str(to) if to else "nobody", user=to)


def resolve(alert: Alert, *, actor: Actor, now: datetime, cause: Event | None = None, by_itself: bool = False) -> None:
    """The matter is over: a person says so, or it settled by itself. The incident closes with its last alert."""
    with transaction.atomic():
        incident = _held(alert)
        changed = (
            Alert.objects.unresolved()
            .filter(pk=alert.pk)
            .update(state=AlertState.RESOLVED, resolved_at=now, resolved_by=str(actor), by_itself=by_itself, **_AWAKE)
        )
        if not changed:
            raise Refused("alert_resolved", f"“{alert.title}” is resolved already.")
        if incident is not None:
            rest = Alert.objects.unresolved().filter(incident=OuterRef("pk"))
            Incident.objects.filter(~Exists(rest), pk=incident.pk, closed_at__isnull=True).update(closed_at=now)
        tell(alert, Deed.SETTLED if by_itself else Deed.RESOLVED, AlertState.RESOLVED, actor, now, cause=cause, by_itself=by_itself)


def reopen(alert: Alert, *, actor: Actor, now: datetime) -> None:
    """Take back an acknowledgement, a sleep or a resolution."""
    fresh: dict[str, Any] = {**_UNSEEN, **_AWAKE, "resolved_at": None, "resolved_by": "", "by_itself": False}
    try:
        with transaction.atomic():
            if alert.account_id is not None:
                former = Incident.objects.filter(alerts=alert.pk).values_list("pk", flat=True).first()
                fresh["incident"] = incident_of(alert.account_id, now=now, former=former)
            # What somebody took on by acknowledging it is nobody's again.
            taken = Alert.objects.filter(pk=alert.pk, owner__isnull=False).values_list("owner", "acknowledged_by").first()
            if taken is not None and taken[1] == f"user:{taken[0]}":
                fresh["owner"] = None
            if not Alert.objects.filter(pk=alert.pk).exclude(state=AlertState.OPEN).update(state=AlertState.OPEN, **fresh):
                raise Refused("alert_open", f"“{alert.title}” is open already.")
            tell(alert, Deed.REOPENED, AlertState.OPEN, actor, now)
    except IntegrityError as error:
        raise Refused("alert_opened_again", f"The same matter has a newer alert, so “{alert.title}” stays resolved.") from error


def comment(alert: Alert, words: str, *, actor: Actor, now: datetime) -> AlertMoment:
    """Words that stand in the alert's story."""
    words = _clean(words, _LONGEST_COMMENT)
    if not words:
        raise Refused("no_words", "Write something first. Nothing was changed.")
    with transaction.atomic():
        made = note(alert, Deed.COMMENTED, actor, now, words=words)
        events.publish(AlertCommented(account_id=alert.account_id, alert_id=alert.pk), actor=actor, now=now)
    return made


def settle_all(alerts: QuerySet[Alert], actor: Actor, now: datetime, cause: Event | None) -> int:
    """Resolve them because the matter is over. Returns how many were."""
    keys = list(alerts.exclude(state=AlertState.RESOLVED).order_by("incident", "pk").values_list("pk", flat=True))
    if not keys:
        # Nearly always: no transaction for nothing.
        return 0
    settled = 0
    with transaction.atomic():
        # All incidents first, in the order of their keys.
        list(Incident.objects.select_for_update(no_key=True).filter(pk__in=Alert.objects.filter(pk__in=keys).values("incident")).order_by("pk"))
        for alert in Alert.objects.unresolved().filter(pk__in=keys).order_by("incident", "pk"):
            try:
                resolve(alert, actor=actor, now=now, cause=cause, by_itself=True)
                settled += 1
            except Refused:
                # Somebody resolved it at this moment: settled all the same.
                continue
    return settled


def tell(
    alert: Alert,
    deed: Deed,
    state: AlertState,
    actor: Actor,
    now: datetime,
    *,
    words: str = "",
    user: User | None = None,
    cause: Event | None = None,
    by_itself: bool = False,
) -> None:
    """The change's moment in the story, and its announcement."""
    note(alert, deed, actor, now, words=words, user=user)
    changed = AlertChanged(account_id=alert.account_id, alert_id=alert.pk, state=state, deed=deed, by_itself=by_itself)
    events.publish(changed, actor=actor, now=now, cause=cause)


def note(alert: Alert, deed: Deed, actor: Actor, now: datetime, *, words: str = "", **links: Any) -> AlertMoment:
    return AlertMoment.objects.create(alert=alert, deed=deed, actor=str(actor), at=now, words=words[:_LONGEST_COMMENT], **links)


def _held(alert: Alert) -> Incident | None:
    return Incident.objects.select_for_update(no_key=True, of=("self",)).filter(alerts=alert.pk).first()


def _may_have(user: User, alert: Alert) -> bool:
    if not user.is_active or not user.may_act:
        return False
    if alert.account_id is None:
        return user.sees_everything
    return Account.objects.for_user(user).filter(pk=alert.account_id).exists()


def _person(actor: Actor) -> int | None:
    return int(actor.key) if actor.kind == "user" and actor.key.isdigit() else None


def _clean(words: str, longest: int) -> str:
    return words.replace("\x00", "").strip()[:longest]


def _resolved(alert: Alert) -> Refused:
    return Refused("alert_resolved", f"“{alert.title}” is resolved already.")
