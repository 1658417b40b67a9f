"""Alerts of the platform about itself. The web processes raise them, since what they are about may be the very worker or clock that else would."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from apps.alerts import services as alerts
from apps.alerts.models import Alert
from apps.alerts.types import Severity
from apps.core.actor import Actor
from apps.events import services as events
from apps.events.models import Delivery
from apps.events.types import DeliveryState

from .system import processes, registry
from .system.types import State, Vital

KIND = "system"
# A restart is over sooner: nobody is told of it.
AFTER = timedelta(minutes=1)
# Any number that is ours alone; one web process at a time raises and settles.
_LOCK = 7_301_988
_ACTOR = Actor.job("system.watch")


def watch(now: datetime, *, after: timedelta = AFTER) -> int:
    """Raise an alert for everything that has stopped for a while, settle those of what goes again; returns how many were raised or settled."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not (cursor.fetchone() or (False,))[0]:
                return 0
        vitals = registry.look(now)
        stopped = {vital.key: vital for vital in vitals if vital.state == State.STOPPED}
        known = set(Alert.objects.unresolved().filter(kind=KIND).values_list("dedup_key", flat=True))
        # What lay still while everything was off is taken up first: it counts from when all had time to start.
        awake = processes.awake_since(now)
        late = [vital for vital in _causes(stopped) if vital.since and now - max(vital.since, awake or vital.since) >= after]
        new = [vital for vital in late if f"{KIND}:{vital.key}" not in known]
        # Where staff switched the rule off nothing is raised.
        raised = [vital for vital in new if alerts.open_alert(_matter(vital), actor=_ACTOR, now=now) is not None]
        # A sign that is not known just now settles nothing.
        well = {f"{KIND}:{vital.key}": vital.key for vital in vitals if vital.state in (State.OK, State.SLOW)}
        broke = any(vital.key.startswith("check-") for vital in vitals)
        gone = [] if broke else sorted(known - {f"{KIND}:{vital.key}" for vital in vitals})
        settled = [*(well[key] for key in sorted(known & set(well))), *(key.removeprefix(f"{KIND}:") for key in gone)]
        for key in settled:
            alerts.settle(KIND, key, actor=_ACTOR, now=now)
    if raised and any(key.startswith("workers-celery") or key == "valkey" for key in stopped):
        _deliver_ourselves(now)
    return len(raised) + len(settled)


def _causes(stopped: dict[str, Vital]) -> list[Vital]:
    """Without what only follows: a queue does not move while its workers are gone, and every job is late then."""
    gone = {key.removeprefix("workers-") for key in stopped if key.startswith("workers-")}
    follows = {f"queue-{queue}" for queue in gone}
    if "celery" in gone or "beat" in stopped:
        follows |= {"deliveries", *(key for key in stopped if key.startswith("read-"))}
    if "messages" in gone:
        follows |= {key for key in stopped if key.startswith("messages-")}
    if "webhooks" in gone:
        follows.add("webhooks-due")
    return [vital for key, vital in stopped.items() if key not in follows]


def _matter(vital: Vital) -> alerts.matters.Matter:
    severity = Severity.URGENT if vital.group in ("processes", "store", "providers") else Severity.WARNING
    title = f"Stopped: {vital.name[:1].lower()}{vital.name[1:]}"
    return alerts.matters.Matter(KIND, vital.key, severity, title, [words for words in (vital.why, vital.todo) if words])


def _deliver_ourselves(now: datetime) -> None:
    """Nobody else carries the news while the workers are gone."""
    news = Delivery.objects.filter(state=DeliveryState.PENDING, event__type__in=("alert.opened",), event__actor=str(_ACTOR))
    for key in list(news.order_by("pk").values_list("pk", flat=True)[:200]):
        events.deliver(key, now=now)
