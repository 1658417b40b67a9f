"""The live board: each part is read by itself, because each is refetched by itself."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum
from django_celery_beat.models import PeriodicTask

from apps.accounts.models import Account
from apps.alerts.models import Alert
from apps.churn.models import AccountRisk
from apps.churn.types import Band
from apps.events.models import Delivery, JobRun
from apps.events.types import DeliveryState
from apps.interventions.models import Enrolment, Task
from apps.interventions.types import Arm, EnrolmentState, ExitReason
from apps.messaging.models import Message
from apps.messaging.types import WAITING, MessageState

from . import feed

NEWEST = 8
FEED = 14


def counts(user: Any, now: datetime) -> dict[str, Any]:
    """Customers by risk band with their ARR, and what changed in a day."""
    rows = (
        AccountRisk.objects.for_user(user)
        .exclude(account__stage="churned")
        .filter(probability__isnull=False)
        .values("band", "account__currency")
        .annotate(accounts=Count("pk"), arr=Sum("account__arr"), newest=Max("as_of"))
    )
    bands = {band: {"band": band, "word": Band(band).label, "accounts": 0, "arr": {}} for band in (Band.HIGH, Band.MEDIUM, Band.LOW)}
    newest = None
    for row in rows:
        entry: dict[str, Any] = bands[Band(row["band"])]
        entry["accounts"] += row["accounts"]
        entry["arr"][row["account__currency"]] = entry["arr"].get(row["account__currency"], Decimal(0)) + row["arr"]
        newest = max(filter(None, (newest, row["newest"])), default=None)
    total = sum(int(str(entry["accounts"])) for entry in bands.values())
    for entry in bands.values():
        entry["share"] = round(100 * int(str(entry["accounts"])) / total) if total else 0
    open_alerts = Alert.objects.unresolved().for_user(user).count()
    open_tasks = Task.objects.waiting().for_user(user).count()
    unscored = Account.objects.for_user(user).at_risk().count() - total
    return {
        "bands": list(bands.values()),
        "total": total,
        "unscored": max(0, unscored),
        "scored_at": newest,
        "open_alerts": open_alerts,
        "open_tasks": open_tasks,
    }


def alerts(user: Any, now: datetime) -> dict[str, Any]:
    rows = Alert.objects.unresolved().for_user(user).select_related("account").order_by("-opened_at")
    return {"alerts": list(rows[:NEWEST]), "more": max(0, Alert.objects.unresolved().for_user(user).count() - NEWEST)}


def feed_part(user: Any, now: datetime) -> dict[str, Any]:
    return {"feed": feed.newest(user, limit=FEED)}


def lag(user: Any, now: datetime) -> dict[str, Any]:
    """How far behind the machinery is: for everyone, because it concerns every figure on the page."""
    waiting = Delivery.objects.filter(state=DeliveryState.PENDING, due_at__lte=now).aggregate(n=Count("pk"), oldest=Min("due_at"))
    messages = Message.objects.filter(state__in=WAITING, due_at__lte=now).aggregate(n=Count("pk"), oldest=Min("due_at"))
    stale = AccountRisk.objects.filter(stale_since__lte=now).aggregate(n=Count("pk"), oldest=Min("stale_since"))
    return {
        "queues": [
            _queue("Events", waiting, now),
            _queue("Scores", stale, now),
            _queue("Messages", messages, now),
        ],
        "given_up": Delivery.objects.filter(state=DeliveryState.FAILED).count(),
        "unknown": Message.objects.filter(state=MessageState.UNKNOWN).count(),
        "jobs": _jobs(),
    }


def _jobs() -> list[JobRun]:
    """Every job that ran, in the words of its schedule."""
    words = dict(PeriodicTask.objects.exclude(description="").values_list("task", "description"))
    jobs = list(JobRun.objects.order_by("name"))
    for job in jobs:
        job.words = words.get(job.name, job.name)  # type: ignore[attr-defined]
    return jobs


def _queue(title: str, row: dict[str, Any], now: datetime) -> dict[str, Any]:
    seconds = max(0.0, (now - row["oldest"]).total_seconds()) if row["oldest"] else 0.0
    return {"title": title, "n": row["n"], "seconds": round(seconds), "tone": "good" if seconds < 30 else "warn" if seconds < 300 else "bad"}


def plays(user: Any, now: datetime) -> dict[str, Any]:
    """Runs of each play, and what became of those that ended in 30 days; the held-out arm stands beside the treated one."""
    recent = Q(state=EnrolmentState.ENDED, ended_at__gte=now - timedelta(days=30))
    rows = (
        Enrolment.objects.for_user(user)
        .values("play__name")
        .annotate(
            running=Count("pk", filter=Q(state=EnrolmentState.WAITING, arm=Arm.TREATED)),
            held_out=Count("pk", filter=Q(state=EnrolmentState.WAITING, arm=Arm.HELD_OUT)),
            ended=Count("pk", filter=recent & Q(arm=Arm.TREATED)),
            goal=Count("pk", filter=recent & Q(arm=Arm.TREATED) & Q(exit_reason__in=[ExitReason.GOAL, ExitReason.REPLIED])),
        )
        .order_by("-running", "play__name")
    )
    return {"plays": list(rows)}


PARTS: dict[str, Any] = {"counts": counts, "alerts": alerts, "feed": feed_part, "lag": lag, "plays": plays}
