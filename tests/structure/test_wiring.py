"""Every event is wired or listed as history; every task name that is started or scheduled exists."""

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest
from celery import current_app

from apps.events import switchboard
from apps.events.vocabulary import ALL, DomainEvent
from cs_platform.schedule import JOBS, LONG, PATIENT, WAITS
from cs_platform.wiring import HISTORY_ONLY, WIRING

ROOT = Path(__file__).resolve().parents[2]
STARTERS = {"after_commit", "turn_after_commit", "nudge"}


def started_tasks(paths: Iterable[Path]) -> dict[str, str]:
    """Task name -> where it is started; the name is always written out, so that it can be checked."""
    found = {}
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in STARTERS and node.args:
                name = node.args[0]
                if isinstance(name, ast.Constant):
                    found[str(name.value)] = f"{path.name}:{node.lineno}"
    return found


def unknown_tasks(names: Iterable[str]) -> list[str]:
    current_app.loader.import_default_modules()
    return sorted(set(names) - set(current_app.tasks))


def test_every_event_is_wired_or_history_only():
    kinds = set(ALL.values())
    assert set(WIRING) | HISTORY_ONLY == kinds
    assert set(WIRING) & HISTORY_ONLY == set()


def test_every_event_class_is_in_the_vocabulary_under_its_own_name():
    def leaves(kind: type[DomainEvent]) -> set[type[DomainEvent]]:
        return {kind} if not kind.__subclasses__() else set().union(*map(leaves, kind.__subclasses__()))

    assert leaves(DomainEvent) == set(ALL.values())
    assert len(ALL) == len(set(ALL.values()))


def test_the_switchboard_holds_the_wiring_table():
    for kind, handlers in WIRING.items():
        assert list(switchboard.handlers_for(kind.type)) == [switchboard.handler_name(handler) for handler in handlers]


def waits_of_the_broker(path: Path) -> list[str]:
    """Where a task is started by the broker's clock or by its own method: a business delay is a row with a moment, a start is a name after commit."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", "")
        late = [word.arg for word in node.keywords if word.arg in {"eta", "countdown"}]
        if late or name in {"delay", "apply_async", "delay_on_commit", "apply_async_on_commit"}:
            found.append(f"{path.name}:{node.lineno}: {', '.join(late) or name}")
    return found


def test_nothing_waits_in_the_broker():
    """Redis gives a task that waits longer than its visibility to several workers, and forgets it when it is emptied."""
    assert [found for name in ("apps", "cs_platform") for path in (ROOT / name).rglob("*.py") for found in waits_of_the_broker(path)] == []


def test_a_planted_wait_in_the_broker_is_found(tmp_path):
    path = tmp_path / "planted.py"
    path.write_text("task.apply_async(countdown=3600)\ntask.delay(1)\n")
    assert waits_of_the_broker(path) == ["planted.py:1: countdown", "planted.py:2: delay"]


def test_every_task_that_is_started_exists():
    started = started_tasks(path for name in ("apps", "cs_platform") for path in (ROOT / name).rglob("*.py"))
    assert len(started) >= 3
    assert unknown_tasks(started) == []


def test_every_scheduled_task_exists():
    assert unknown_tasks(job.task for job in JOBS) == []


def test_long_work_exists_and_never_stands_in_front_of_an_event():
    assert unknown_tasks(LONG) == []
    queues = {task: current_app.amqp.router.route({}, task)["queue"].name for task in [job.task for job in JOBS] + list(LONG)}
    assert {queues[task] for task in LONG} == {"rounds"}
    on_the_way = ("events.sweep", "health.score_stale", "churn.score_stale", "milestones.evaluate_stale", "interventions.advance")
    assert {queues[task] for task in on_the_way} == {"celery"}
    assert {task for task, queue in queues.items() if queue == "rounds"} == set(LONG)


def test_what_nobody_waits_for_goes_behind_what_somebody_waits_for():
    assert unknown_tasks(PATIENT) == []
    routes = {task: current_app.amqp.router.route({}, task) for task in (*PATIENT, "events.deliver", "churn.score_stale")}
    assert {route["queue"].name for route in routes.values()} == {"celery"}
    assert {task for task, route in routes.items() if route.get("priority") == WAITS} == set(PATIENT)


@pytest.mark.parametrize("line", ["after_commit('churn.score_staal', 1)", "jobs.after_commit('churn.score_staal')"])
def test_a_planted_misspelt_task_is_found(tmp_path, line):
    path = tmp_path / "services.py"
    path.write_text(line)
    assert unknown_tasks(started_tasks([path])) == ["churn.score_staal"]
