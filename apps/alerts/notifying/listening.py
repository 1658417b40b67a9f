"""Telling those who asked to hear of alerts, as they asked: at once or in a digest. The ladder goes its own way besides."""

from datetime import datetime

from apps.accounts.models import User
from apps.alerts import selectors
from apps.alerts.models import Alert
from apps.alerts.types import AlertState, Channel, Pace, Road
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Event
from apps.events.vocabulary import AlertTold

from . import telling

_ACTOR = Actor.job("alerts.tell")
_ROADS = {Channel.EMAIL: Road.EMAIL, Channel.PUSH: Road.PUSH, Channel.SMS: Road.SMS}


def tell_listeners(alert: Alert, *, now: datetime, cause: Event | None = None) -> int:
    """Tell everybody who asked for it of an alert that is still open. Returns how many people."""
    if alert.state != AlertState.OPEN:
        return 0
    asked: dict[User, dict[str, Pace]] = {}
    for listener in selectors.listeners(alert):
        roads = asked.setdefault(listener.user, {})
        if road := _ROADS.get(Channel(listener.channel)):
            roads[road] = Pace.AT_ONCE if listener.at_once else Pace.DAILY
    for user, roads in asked.items():
        telling.tell(alert, people=[user], key=f"opened:{alert.pk}", words="", urgent=alert.severity == "urgent", now=now, asked=roads)
    if asked:
        people = sorted(user.pk for user in asked)
        told = AlertTold(account_id=alert.account_id, alert_id=alert.pk, user_ids=people, words="Told as they asked to be.")
        events.publish(told, actor=_ACTOR, now=now, cause=cause)
    return len(asked)
