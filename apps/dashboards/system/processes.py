"""Whether web, workers and the clock of the periodic jobs live, by the signs that they write themselves."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from apps.events.models import Heartbeat
from apps.events.services import heartbeats
from apps.events.types import ProcessKind

from ..saying import spell
from .types import Group, State, Vital

# A product that has just been started is still waking: what has not been seen yet is not missed so long.
WAKING = timedelta(seconds=45)
# A task in hand for longer is told; the time limit of tasks ends it after ten minutes.
LONG_TASK = timedelta(minutes=5)
LOST = "Nothing is lost: what waits is kept in rows and is done when it runs again."
QUEUE_WORDS = {
    "celery": "events, scores and plays",
    "messages": "sending messages",
    "webhooks": "telling webhooks",
    "rounds": "long rounds, trainings and imports",
}


def processes(now: datetime) -> list[Vital]:
    rows = list(Heartbeat.objects.order_by("kind", "name"))
    web = [row for row in rows if row.kind == ProcessKind.WEB]
    watched_since = _watched_since(web, now)
    beats = [row for row in rows if row.kind == ProcessKind.BEAT]
    workers = [row for row in rows if row.kind == ProcessKind.WORKER]
    queues = [str(queue.name) for queue in settings.CELERY_TASK_QUEUES]
    return [
        _beat(beats, watched_since, now),
        *(_workers_of(queue, [row for row in workers if queue in row.queues], watched_since, now) for queue in queues),
        _web(web, now),
    ]


def awake_since(now: datetime) -> datetime | None:
    """From when on everything had time to start since the web did; None where no web process shows that it lives."""
    since = _watched_since(Heartbeat.objects.filter(kind=ProcessKind.WEB), now)
    return since + WAKING if since else None


def _watched_since(web: Iterable[Heartbeat], now: datetime) -> datetime | None:
    return min((row.started_at for row in web if is_alive(row, now)), default=None)


def is_alive(row: Heartbeat, now: datetime) -> bool:
    return row.stopped_at is None and row.at > now - heartbeats.SILENT


def _missed_since(rows: Sequence[Heartbeat], watched_since: datetime | None, now: datetime) -> datetime | None:
    """From when on none of them lives; None while it is too early to say, or nobody watches."""
    if watched_since is None:
        return None
    seen = max((row.stopped_at or row.at for row in rows), default=None)
    if seen is not None and seen > watched_since:
        return seen
    return (seen or watched_since + WAKING) if now - watched_since > WAKING else None


def _beat(rows: Sequence[Heartbeat], watched_since: datetime | None, now: datetime) -> Vital:
    alive = [row for row in rows if is_alive(row, now)]
    newest = max((row.at for row in rows), default=None)
    seconds = (now - newest).total_seconds() if newest else None
    limit = heartbeats.SILENT.total_seconds()
    vital = partial(Vital, key="beat", group=Group.PROCESSES, name="Clock of the jobs", value=seconds, limit=limit)
    if len(alive) > 1:
        why = "More than one clock starts the periodic jobs. Jobs are safe to run twice, and cost twice."
        return vital(state=State.SLOW, says=f"{len(alive)} clocks tick", why=why, todo="Stop all celery beat processes but one.")
    if alive:
        return vital(state=State.OK, says=f"ticked {spell(seconds or 0)} ago")
    since = _missed_since(rows, watched_since, now)
    if since is None:
        return vital(state=State.UNKNOWN, says="not seen yet")
    why = f"The clock that starts the periodic jobs does not tick. {LOST}"
    todo = "Start celery beat again; its last words are in its log."
    return vital(state=State.STOPPED, says="does not tick", why=why, todo=todo, since=since)


def _workers_of(queue: str, rows: Sequence[Heartbeat], watched_since: datetime | None, now: datetime) -> Vital:
    alive = [row for row in rows if is_alive(row, now)]
    silent = [row for row in rows if not is_alive(row, now) and row.stopped_at is None and row.at > now - timedelta(hours=1)]
    newest = max((row.at for row in rows), default=None)
    doing = sorted((one["since"], one["task"], row.name) for row in alive for one in row.says.get("doing", ()))
    hands, busy = sum(row.says.get("hands", 0) for row in alive), sum(row.says.get("busy", 0) for row in alive)
    words = QUEUE_WORDS.get(queue, queue)
    vital = partial(
        Vital,
        key=f"workers-{queue}",
        group=Group.PROCESSES,
        name=f"Workers for {words}",
        value=float(len(alive)),
        limit=1.0,
        unit="workers",
        about={"queue": queue, "alive": len(alive), "hands": hands, "busy": busy, "doing": doing[:5], "at": newest},
    )
    if not alive:
        since = _missed_since(rows, watched_since, now)
        if since is None:
            return vital(state=State.UNKNOWN, says="not seen yet")
        why = f"No worker takes on {words}. {LOST}"
        todo = f"Start a worker for the queue {queue}; its last words are in its log."
        return vital(state=State.STOPPED, says="none lives", why=why, todo=todo, since=since)
    says = f"{busy} of {hands} hands busy"
    if silent:
        why = f"{silent[0].name} has fallen silent; {len(alive)} of {len(alive) + len(silent)} go on. {LOST}"
        return vital(state=State.SLOW, says=says, why=why, todo="Look into its log and start it again.", since=silent[0].at)
    if doing and now - datetime.fromisoformat(doing[0][0]) > LONG_TASK:
        since, task, name = datetime.fromisoformat(doing[0][0]), doing[0][1], doing[0][2]
        why = f"{name} has been at {task} for {spell((now - since).total_seconds())}. It is ended by itself after ten minutes and taken up again."
        return vital(state=State.SLOW, says=says, why=why, todo="Nothing yet. If it comes again and again, look at the job.", since=since)
    return vital(state=State.OK, says=says)


def _web(rows: Sequence[Heartbeat], now: datetime) -> Vital:
    alive = [row for row in rows if is_alive(row, now)]
    sockets = sum(row.says.get("sockets", 0) for row in alive)
    lags = [row.says["push_lag"] for row in alive if row.says.get("push_lag") is not None]
    about = {
        "sockets": sockets,
        "push_lag": max(lags, default=None),
        "processes": len(alive),
        "dropped": sum(row.says.get("dropped", 0) for row in alive),
    }
    state = State.OK if alive else State.UNKNOWN
    says = f"{len(alive)} {'process' if len(alive) == 1 else 'processes'}, {sockets:,} open pages" if alive else "nobody watches"
    why = "" if alive else "No web process writes its sign of life, so nobody notices when something stops."
    todo = "" if alive else "Set SYSTEM_WATCH=1 where the web processes start."
    return Vital("web", Group.PROCESSES, "Web", state, says, why, todo, value=float(sockets), unit="pages", about=about)
