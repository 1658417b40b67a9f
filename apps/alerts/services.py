"""Alerts open once per matter, are taken on by a person, sleep and wake, and resolve when the matter is settled."""

from datetime import datetime

from apps.accounts.types import Stage
from apps.churn.models import Prediction
from apps.churn.types import Band
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.messaging.models import Message

from . import matters
from .lifecycle import resolve, settle_all
from .models import Alert, Incident
from .opening import open_alert

# Parts of this module's face: what people and time do to alerts, what they say of them and begin from them.
from .lifecycle import acknowledge, assign, comment, note, reopen, snooze, wake, wake_due  # noqa: F401  isort:skip
from .judging import judge, quieten, tell_in_digest  # noqa: F401  isort:skip
from .doing import open_task, start_play  # noqa: F401  isort:skip
from .choosing import choose, forget_choice  # noqa: F401  isort:skip
from .rules import services as rules  # noqa: F401  isort:skip

# And who is told of an alert in what order, how, and what rules do by themselves.
from .escalation import climbing, foretold, policies, rotas  # noqa: F401  isort:skip
from .escalation.policies import names as policy_names  # noqa: F401  isort:skip
from .escalation import steps as policy_steps  # noqa: F401  isort:skip
from .notifying import outside, sending, telling, wishes  # noqa: F401  isort:skip
from .responses import answering, deeds  # noqa: F401  isort:skip
from .responses import writing as responses  # noqa: F401  isort:skip


def raise_risk(*, account_id: int, prediction_id: int, actor: Actor, now: datetime, cause: Event | None = None) -> Alert | None:
    """A risk that became high needs eyes; a rise into the middle band is shown in lists and alerts nobody."""
    prediction = Prediction.objects.select_related("account").get(pk=prediction_id)
    if prediction.band != Band.HIGH:
        return None
    return open_alert(matters.risk(prediction, today=now.date()), actor=actor, now=now, cause=cause)


def raise_unknown_message(*, account_id: int, message_id: int, actor: Actor, now: datetime, cause: Event | None = None) -> Alert | None:
    message = Message.objects.select_related("account", "contact").get(pk=message_id)
    return open_alert(matters.unknown_message(message), actor=actor, now=now, cause=cause)


def acknowledge_incident(incident: Incident, *, actor: Actor, now: datetime) -> int:
    """Take on what is open of it, together. Returns how many were."""
    done = 0
    for alert in Alert.objects.filter(incident=incident, state="open").order_by("pk"):
        try:
            acknowledge(alert, actor=actor, now=now)
            done += 1
        except Refused:
            continue
    if not done:
        raise Refused("nothing_open", "Nothing of this incident is open. Nothing was changed.")
    return done


def resolve_incident(incident: Incident, *, actor: Actor, now: datetime) -> int:
    """A person says that all of it is over. Returns how many alerts were resolved."""
    done = 0
    for alert in Alert.objects.unresolved().filter(incident=incident).order_by("pk"):
        try:
            resolve(alert, actor=actor, now=now)
            done += 1
        except Refused:
            continue
    if not done:
        raise Refused("incident_closed", "All of this incident is resolved already.")
    return done


def settle(kind: str, about: str | int, *, actor: Actor, now: datetime, cause: Event | None = None) -> int:
    """One matter has settled by itself, or somebody has seen to it. Returns how many alerts were resolved: one, or none was open."""
    return settle_all(Alert.objects.filter(kind=kind, dedup_key=matters.key(kind, about)), actor, now, cause)


def settle_every(*kinds: str, actor: Actor, now: datetime, cause: Event | None = None) -> int:
    """All matters of these kinds are settled, whatever they are about. Returns how many alerts were resolved."""
    return settle_all(Alert.objects.filter(kind__in=kinds), actor, now, cause)


def settle_leavers(*, actor: Actor, now: datetime, cause: Event | None = None) -> int:
    """Nobody needs to look at a customer who has left any more. Returns how many alerts were resolved."""
    return settle_all(Alert.objects.filter(account__stage=Stage.CHURNED), actor, now, cause)
