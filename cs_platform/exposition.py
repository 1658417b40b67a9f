"""What Prometheus reads. Labels have few values: routes, queues, channels, jobs; never a customer."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Count
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from apps.alerts.models import Alert
from apps.alerts.types import Severity
from apps.dashboards.system import counted, registry
from apps.dashboards.system.types import State, Vital
from apps.events.models import Heartbeat, JobRun
from apps.events.types import ProcessKind
from apps.messaging.models import Message
from apps.messaging.types import MessageState

CONTENT_TYPE = CONTENT_TYPE_LATEST
_STATES = {State.OK: 0, State.SLOW: 1, State.STOPPED: 2, State.UNKNOWN: 3}
# What is under way; how many lie in each final state is asked of the database by whoever wants to know.
_UNDER_WAY = (MessageState.QUEUED, MessageState.HELD, MessageState.SENDING, MessageState.GATHERED, MessageState.UNKNOWN)


def text(now: datetime) -> bytes:
    """The whole of it as of now."""
    book = CollectorRegistry()
    book.register(_Rows(now))
    return generate_latest(book)


class _Rows(Collector):
    """Reads when it is asked, so that every web process answers the same."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        vitals = registry.look(self.now)
        yield from _requests()
        yield from _signs(vitals)
        yield from _jobs()
        yield from _messages(vitals)
        beat = Heartbeat.objects.filter(kind=ProcessKind.BEAT).order_by("-at").first()
        if beat is not None:
            yield _gauge("cs_beat_last_tick_timestamp_seconds", "When the clock of the periodic jobs last ticked.", beat.at.timestamp())
        alerts = GaugeMetricFamily("cs_alerts_open", "Alerts that are not resolved.", labels=["severity"])
        open_alerts = dict(Alert.objects.unresolved().values_list("severity").annotate(Count("pk")).order_by())
        for severity in Severity:
            alerts.add_metric([severity.value], open_alerts.get(severity.value, 0))
        yield alerts


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _requests() -> Iterator[Metric]:
    found = counted.read()
    total = CounterMetricFamily("cs_http_requests", "Requests answered, of all web processes together.", labels=["route", "method", "code"])
    for (route, method, code), count in sorted(found.counts.items()):
        total.add_metric([route, method, code], count)
    yield total
    took = HistogramMetricFamily("cs_http_request_seconds", "How long requests took.", labels=["route"])
    for route, counts in sorted(found.buckets.items()):
        limits, below = [], 0
        for limit, count in zip([*(str(limit) for limit in counted.BUCKETS), "+Inf"], counts, strict=True):
            below += count
            limits.append((limit, float(below)))
        took.add_metric([route], limits, found.seconds.get(route, 0.0))
    yield took


def _signs(vitals: list[Vital]) -> Iterator[Metric]:
    states = GaugeMetricFamily("cs_vital_state", "A vital sign: 0 well, 1 slow, 2 stopped, 3 not known.", labels=["vital", "group"])
    depth = GaugeMetricFamily("cs_queue_depth", "What waits, counted up to 10,000 for rows.", labels=["queue"])
    oldest = GaugeMetricFamily("cs_queue_oldest_seconds", "How long the oldest has waited.", labels=["queue"])
    workers = GaugeMetricFamily("cs_workers", "Workers that live.", labels=["queue"])
    busy = GaugeMetricFamily("cs_workers_busy", "Tasks in hand.", labels=["queue"])
    behind = GaugeMetricFamily("cs_read_model_stale", "Accounts of which more is known than the figures say.", labels=["model"])
    behind_for = GaugeMetricFamily("cs_read_model_oldest_seconds", "How far figures are behind.", labels=["model"])
    models = GaugeMetricFamily("cs_model_age_days", "Since when the model at work learned.", labels=["model"])
    for vital in vitals:
        states.add_metric([vital.key, vital.group.value], _STATES[vital.state])
        kind, _, name = vital.key.partition("-")
        if vital.group == "queues" and "queue" in vital.about:
            depth.add_metric([vital.about["queue"]], vital.about["depth"])
            oldest.add_metric([vital.about["queue"]], vital.value or 0.0)
        elif kind == "workers":
            workers.add_metric([name], vital.about["alive"])
            busy.add_metric([name], vital.about["busy"])
        elif kind == "read":
            behind.add_metric([name], vital.about["depth"])
            behind_for.add_metric([name], vital.value or 0.0)
        elif kind == "model" and vital.value is not None:
            models.add_metric([name], vital.value)
        elif vital.key == "backup" and "at" in vital.about:
            yield _gauge("cs_backup_last_success_timestamp_seconds", "When a backup was last good.", vital.about["at"].timestamp())
        elif vital.key == "web":
            yield _gauge("cs_ws_connections", "Open pages on the live line.", vital.about["sockets"])
            yield _gauge("cs_ws_dropped_total", "Frames that slow pages skipped.", vital.about["dropped"])
            if vital.about["push_lag"] is not None:
                yield _gauge("cs_ws_push_lag_seconds", "From Valkey to the web process, measured last.", vital.about["push_lag"])
        elif vital.key in ("database", "connections", "transaction", "disk", "history"):
            names = {
                "database": "cs_database_bytes",
                "connections": "cs_database_connections",
                "transaction": "cs_database_longest_transaction_seconds",
            }
            names |= {"disk": "cs_disk_free_percent", "history": "cs_history_unsealed_seconds"}
            yield _gauge(names[vital.key], vital.name, vital.value or 0.0)
    yield from (states, depth, oldest, workers, busy, behind, behind_for, models)


def _jobs() -> Iterator[Metric]:
    took = SummaryMetricFamily("cs_job_seconds", "Successful runs of periodic jobs.", labels=["task"])
    failed = CounterMetricFamily("cs_job_failures", "Runs of periodic jobs that failed.", labels=["task"])
    for run in JobRun.objects.order_by("name"):
        took.add_metric([run.name], run.runs - run.failures, run.total_seconds)
        failed.add_metric([run.name], run.failures)
    yield took
    yield failed


def _messages(vitals: list[Vital]) -> Iterator[Metric]:
    rows = GaugeMetricFamily("cs_outbox_messages", "Messages under way.", labels=["channel", "state"])
    for channel, state, count in (
        Message.objects.filter(state__in=_UNDER_WAY).values_list("channel", "state").annotate(count=Count("pk")).order_by("channel", "state")
    ):
        rows.add_metric([channel, state], count)
    yield rows
    oldest = GaugeMetricFamily("cs_outbox_oldest_due_seconds", "How long the oldest message that is due has waited.", labels=["channel"])
    late = {vital.key.removeprefix("messages-"): vital.value or 0.0 for vital in vitals if vital.key.startswith("messages-")}
    for channel in settings.MESSAGE_PROVIDERS:
        oldest.add_metric([channel], late.get(channel, 0.0))
    yield oldest
