"""The auditor of periodic jobs: who should have run and did not, by the schedule as staff have set it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django_celery_beat.models import PeriodicTask

from apps.events.models import Heartbeat, JobRun
from apps.events.types import ProcessKind

from ..saying import spell
from .processes import is_alive
from .types import Group, State, Vital

# A job may miss one turn and be a minute late: others may have been before it in its queue.
TURNS, LATE = 2, timedelta(minutes=1)
# Long rounds wait for one another for as long as one of them may take.
LATE_ROUNDS = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT)


def queue_of(task: str) -> str:
    for pattern, route in settings.CELERY_TASK_ROUTES.items():
        start, star, end = pattern.partition("*")
        if task == pattern or (star and task.startswith(start) and task.endswith(end)):
            return str(route["queue"])
    return "celery"


def jobs(now: datetime) -> list[Vital]:
    """Every enabled job of the schedule that repeats after a while; those by the calendar are shown by their last run only."""
    runs = {run.name: run for run in JobRun.objects.all()}
    scheduled = list(
        PeriodicTask.objects.filter(enabled=True, one_off=False).exclude(task__startswith="celery.").select_related("interval").order_by("name")
    )
    beats = [row for row in Heartbeat.objects.filter(kind__in=(ProcessKind.BEAT, ProcessKind.WORKER))]
    clocks = [row for row in beats if row.kind == ProcessKind.BEAT and is_alive(row, now)]
    clock_since = min((row.started_at for row in clocks), default=None)
    return [_job(job, runs.get(job.task), clock_since, beats, now) for job in scheduled]


def _job(job: PeriodicTask, run: JobRun | None, clock_since: datetime | None, processes: Sequence[Heartbeat], now: datetime) -> Vital:
    every = job.interval.schedule.run_every.total_seconds() if job.interval else 0.0
    queue = queue_of(job.task)
    late = LATE_ROUNDS if queue == "rounds" else LATE
    heard = _last_heard(run)
    limit = TURNS * every + late.total_seconds()
    about = {"run": run, "every": every, "task": job.task, "queue": queue, "words": job.description or job.task}
    vital = partial(Vital, f"job-{job.task}", Group.JOBS, job.description or job.task, limit=limit, about=about)
    seconds = max(0.0, (now - heard).total_seconds()) if heard else None
    says = f"{spell(seconds)} ago" if seconds is not None else "not due yet"
    if clock_since is None:
        # Without its clock nothing is due: that is told once, of the clock.
        return vital(state=State.UNKNOWN, says=says, value=seconds)
    workers = [row for row in processes if row.kind == ProcessKind.WORKER and queue in row.queues and is_alive(row, now)]
    # After a rest of the whole system the clock starts at once what is due.
    back = max([clock_since, *([min(row.started_at for row in workers)] if workers else [])])
    since = heard or job.date_changed
    back_for = now - back
    if workers and every and back_for > late + timedelta(seconds=min(every, 60)) and (now - since).total_seconds() > limit:
        why = f"It should run every {spell(every)} and has not for {spell((now - since).total_seconds())}."
        todo = f"See what the workers of the queue {queue} are at, and whether the schedule starts it (Configure / Schedule)."
        return vital(state=State.STOPPED, says=says if heard else "never", why=why, todo=todo, since=since, value=seconds)
    if run and run.last_failure_at and (run.last_success_at is None or run.last_failure_at > run.last_success_at):
        why = f"Its last run failed: {run.last_error.splitlines()[0][:200] if run.last_error else 'without a word'}"
        todo = "It is tried again at its next turn. If it goes on failing, its log tells where."
        return vital(state=State.SLOW, says=says, why=why, todo=todo, since=run.last_failure_at, value=seconds)
    return vital(state=State.OK, says=says, value=seconds)


def _last_heard(run: JobRun | None) -> datetime | None:
    """A job that has begun is at work: its time limit ends it, and then it has failed."""
    if run is None:
        return None
    return max(filter(None, (run.last_started_at, run.last_success_at, run.last_failure_at)), default=None)
