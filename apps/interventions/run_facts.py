"""What is known of a run itself, for its branches."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from apps.messaging.types import LEFT, MessageState

from .models import Enrolment, StepRecord, Task
from .types import StepKind, TaskState

# What will not reach the customer any more.
HELD_UP = (MessageState.SUPPRESSED, MessageState.FAILED, MessageState.EXPIRED, MessageState.CANCELLED, MessageState.RETURNED)


def of(run_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Every run fact of these runs, in three statements."""
    found: dict[int, dict[str, Any]] = {}
    for run in Enrolment.objects.filter(pk__in=run_ids).select_related("prediction"):
        found[run.pk] = {
            "run.replied": run.replied_at is not None,
            "run.reply": None,
            "run.reason": reason_of(run.prediction.reasons if run.prediction else []),
            "run.goal_met": run.goal_met_at is not None,
            "run.sent": 0,
            "run.read": 0,
            "run.held_up": 0,
            "run.task_outcome": None,
        }
    _add_messages(found)
    _add_tasks(found)
    return found


def reason_of(reasons: Collection[dict[str, Any]]) -> str | None:
    """The strongest reason of the risk that opened the door."""
    return next((reason["words"] for reason in reasons if reason["contribution"] > 0), None)


def _add_messages(found: dict[int, dict[str, Any]]) -> None:
    replies: dict[int, list[str]] = defaultdict(list)
    records = StepRecord.objects.filter(enrolment__in=found, kind=StepKind.MESSAGE).order_by("position")
    for run, message, state, read_at, reply in records.values_list(
        "enrolment_id", "message_id", "message__state", "message__read_at", "message__reply"
    ):
        fact = found[run]
        if message is None or state in HELD_UP:
            fact["run.held_up"] += 1
            continue
        fact["run.sent"] += state in LEFT
        fact["run.read"] += read_at is not None
        if reply:
            replies[run].append(reply)
    for run, words in replies.items():
        found[run]["run.reply"] = " ".join(words)


def _add_tasks(found: dict[int, dict[str, Any]]) -> None:
    """The outcome of the latest task, where it is closed. Answering a reply is no task of the play's own."""
    mine = Task.objects.filter(enrolment__in=found).exclude(reason__in=("reply", "let_in"))
    for run, state, outcome in mine.order_by("created_at", "pk").values_list("enrolment_id", "state", "outcome"):
        found[run]["run.task_outcome"] = None if state == TaskState.OPEN else outcome
