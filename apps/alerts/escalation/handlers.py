from apps.alerts.models import Alert
from apps.alerts.notifying import listening
from apps.alerts.responses import answering
from apps.alerts.types import AlertState, ClimbState
from apps.core import clock
from apps.events.models import Event
from apps.events.vocabulary import AlertChanged, AlertOpened

from . import climbing


def _alert(alert_id: int) -> Alert | None:
    return Alert.objects.select_related("account__owner", "rule", "owner", "cause").filter(pk=alert_id).first()


def begin_climb(event: AlertOpened, row: Event) -> None:
    if alert := _alert(event.alert_id):
        climbing.begin(alert, now=clock.now(), cause=row)


def respond(event: AlertOpened, row: Event) -> None:
    if alert := _alert(event.alert_id):
        answering.respond(alert, now=clock.now(), cause=row)


def follow_alert(event: AlertChanged, row: Event) -> None:
    """Taken on or resolved, it climbs no further; asleep, it waits; open again, it climbs on. The present state counts, not the event's."""
    alert, now = _alert(event.alert_id), clock.now()
    if alert is None:
        return
    match alert.state:
        case AlertState.OPEN:
            climbing.resume(alert, now=now)
        case AlertState.SNOOZED:
            climbing.pause(alert.pk, now=now)
        case AlertState.ACKNOWLEDGED:
            climbing.stop(alert.pk, ClimbState.ACKNOWLEDGED, by=alert.acknowledged_by, now=now)
        case _:
            climbing.stop(alert.pk, ClimbState.RESOLVED, by=alert.resolved_by, now=now)


def tell_listeners(event: AlertOpened, row: Event) -> None:
    if alert := _alert(event.alert_id):
        listening.tell_listeners(alert, now=clock.now(), cause=row)
