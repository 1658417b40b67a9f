"""Random plays, clocks, replies, pauses, edits and crashes: no step twice, no run lost, every end has a reason, the held-out are left alone."""

import os
import signal
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from apps.accounts import services as accounts
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.events.models import Event
from apps.interventions import effects, goals, services, steps
from apps.interventions.models import Enrolment, Play, StepRecord, Task
from apps.messaging import services as messaging
from apps.messaging.models import Message
from cs_platform.invariants import INVARIANTS, broken
from tests import make

ACTOR = Actor.job("test")
# Whether steps are late is the clock's business here, not the engine's.
_TIMELY = {"step_overdue", "event_waiting"}


class Crash(BaseException):
    """The process is gone."""


LETTER = {"kind": "message", "channel": "email", "template": "save-fading"}
CALL = {"kind": "task", "title": "Call them", "reason": "call"}
REPLY = {"kind": "wait_for", "event": "reply", "minutes": 300}
DONE = {"kind": "wait_for", "event": "task_closed", "minutes": 500}
GOAL = {"kind": "wait_for", "event": "goal", "minutes": 400}
BRANCH = {"kind": "branch", "cases": [{"when": {"fact": "run.sent", "op": "at_least", "value": 1}, "go": "last"}]}
STEPS = [
    LETTER,
    {**LETTER, "channel": "in_app"},
    CALL,
    {**CALL, "reason": "more"},
    {"kind": "wait", "minutes": 0},
    {"kind": "wait", "minutes": 700},
    REPLY,
    {**REPLY, "on_event": "last"},
    DONE,
    GOAL,
    BRANCH,
    {"kind": "update", "trait": "seen", "value": True},
    {"kind": "webhook", "name": "tell"},
]


class Engine(RuleBasedStateMachine):
    @initialize(
        chosen=st.lists(st.sampled_from(STEPS), min_size=1, max_size=6),
        last=st.sampled_from(["watch", "end"]),
        mode=st.sampled_from(["goal", "unmatched", "goal_or_unmatched", "never"]),
        stops=st.booleans(),
        asks=st.booleans(),
    )
    def begin(self, chosen, last, mode, stops, asks):
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.now = make._LONG_AGO + timedelta(days=400, hours=12)
        messaging.ensure_templates(now=self.now)
        says = {
            "steps": [*chosen, {"kind": last, "id": "last"}],
            "exit_mode": mode,
            "stop_on_reply": stops,
            "approval": "csm" if asks else "automatic",
            "audience": {"fact": "plan", "value": "Team"},
            "goal": {"reached": {"kind": "activity", "name": "login", "times": 2}, "window_days": 4},
            "entry": {"cooldown_days": 1},
            "holdout_percent": 30,
        }
        self.play = make.play(says=says)
        self.accounts = [make.account(plan="Team", owner=make.user() if number else None) for number in range(4)]
        for account in self.accounts[:3]:
            make.contact(account)
        self.seen = {}

    def teardown(self):
        if hasattr(self, "savepoint"):
            try:
                self._run_out()
            finally:
                transaction.set_rollback(True)
                self.savepoint.__exit__(None, None, None)

    def _run_out(self):
        """No run is lost: left to itself, each comes to its end."""
        self.play.refresh_from_db()
        if self.play.state == "paused":
            services.turn(self.play, "live", actor=ACTOR, now=self.now)
        for _ in range(30):
            steps.advance(now=self.now)
            self.now += timedelta(hours=12)
        goals.judge_windows(actor=ACTOR, now=self.now)
        assert not Enrolment.objects.filter(state="waiting").exists()
        assert (
            not Enrolment.objects.filter(judged_at=None)
            .exclude(state="candidate")
            .filter(window_ends_at__lte=self.now)
            .exclude(exit_reason="refused")
            .exists()
        )

    @rule(which=st.integers(0, 3), key=st.sampled_from(["", "a", "b"]))
    def enter(self, which, key):
        account = self.accounts[which]
        services.enrol(self.play, account_id=account.pk, key=key and f"{key}:{account.pk}", actor=ACTOR, now=self.now)

    @rule(minutes=st.sampled_from([0, 1, 200, 400, 1500]))
    def pass_time(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule()
    def advance(self):
        steps.advance(now=self.now)

    @rule()
    def judge(self):
        goals.judge_windows(actor=ACTOR, now=self.now)

    @rule(late=st.booleans())
    def crash(self, late):
        """The process dies inside a step: either before anything is written, or after, and nothing of it stays."""
        before = self._rows()
        name, of = ("_write_rows", steps) if late else ("do", effects)
        real = getattr(of, name)

        def dying(*given):
            real(*given)
            raise Crash

        setattr(of, name, dying)
        try:
            with transaction.atomic():
                steps.advance(now=self.now)
        except Crash:
            assert self._rows() == before
        finally:
            setattr(of, name, real)

    @staticmethod
    def _rows():
        return [list(model.objects.order_by("pk").values_list()) for model in (Enrolment, StepRecord, Message, Task)]

    @rule(which=st.integers(0, 3))
    def use(self, which):
        make.activity(self.accounts[which], self.now)
        services.check_goals([self.accounts[which].pk], actor=ACTOR, now=self.now)

    @rule(which=st.integers(0, 9))
    def reply(self, which):
        messages = list(Message.objects.order_by("pk"))
        if messages:
            services.note_reply(message_id=messages[which % len(messages)].pk, actor=ACTOR, now=self.now)

    @rule(which=st.integers(0, 9))
    def close_task(self, which):
        tasks = list(Task.objects.waiting().order_by("pk"))
        if tasks:
            task = tasks[which % len(tasks)]
            services.close_task(task, outcome="done", actor=ACTOR, now=self.now)
            services.note_task_closed(task_id=task.pk, outcome="done", now=self.now)

    @rule(lets_in=st.booleans())
    def answer(self, lets_in):
        candidate = Enrolment.objects.filter(state="candidate").order_by("pk").first()
        if candidate is not None:
            self.play.refresh_from_db()
            if lets_in and self.play.state == "paused":
                with pytest.raises(Refused, match="nobody enters"):
                    services.let_in(candidate, actor=ACTOR, now=self.now)
            else:
                (services.let_in if lets_in else services.refuse_entry)(candidate, actor=ACTOR, now=self.now)

    @rule()
    def pause_or_go_on(self):
        self.play.refresh_from_db()
        services.turn(self.play, "live" if self.play.state == "paused" else "paused", actor=ACTOR, now=self.now)

    @rule(step=st.sampled_from(STEPS[:6]))
    def edit(self, step):
        make.rewrite(self.play, now=self.now, steps=[step, {"kind": "watch", "id": "last"}])

    @rule(which=st.integers(0, 3), plan=st.sampled_from(["Team", "Solo"]))
    def move_plan(self, which, plan):
        accounts.edit(self.accounts[which], changes={"plan": plan}, actor=ACTOR, now=self.now)
        self.accounts[which].refresh_from_db()

    @precondition(lambda self: hasattr(self, "play"))
    @rule()
    def stop_one(self):
        run = Enrolment.objects.filter(state="waiting").order_by("pk").first()
        if run is not None:
            services.stop(run, actor=ACTOR, now=self.now)

    @invariant()
    def nothing_is_broken(self):
        if not hasattr(self, "play"):
            return
        assert [row for row in broken(self.now) if row["name"] not in _TIMELY] == []
        records = {(row.enrolment_id, row.position): (row.step, row.at, row.what) for row in StepRecord.objects.all()}
        for key, said in self.seen.items():
            assert records[key] == said, "a step that was taken is not taken again"
        self.seen = records
        assert Event.objects.filter(type="play.ended").count() == Enrolment.objects.filter(state="ended").exclude(exit_reason="refused").count()


@pytest.mark.django_db
def test_whatever_happens_in_whatever_order_no_step_is_doubled_and_no_run_lost():
    assert {known.name for known in INVARIANTS} >= _TIMELY
    run_state_machine_as_test(
        Engine,
        settings=settings(max_examples=12, stateful_step_count=18, deadline=None, suppress_health_check=list(HealthCheck)),
    )


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_at_any_statement_leaves_whole_steps_only(now):
    """kill -9 at the first statement of advancing, then at the second, and so on until one gets through."""
    messaging.ensure_templates(now=now)
    update, wait, tell = {"kind": "update", "trait": "seen", "value": True}, {"kind": "wait", "minutes": 5}, {"kind": "webhook", "name": "tell"}
    play = make.play(says={"steps": [LETTER, update, CALL, wait, BRANCH, {**tell, "id": "last"}]})
    account = make.account(owner=make.user())
    make.contact(account)
    run = services.enrol(play, account_id=account.pk, actor=ACTOR, now=now)
    later, deaths = now + timedelta(minutes=5), 0
    for statement in range(1, 400):
        if _dies_at(statement, later if StepRecord.objects.filter(kind="wait").exists() else now) != signal.SIGKILL:
            break
        deaths += 1
        done = StepRecord.objects.filter(enrolment=run).count()
        run.refresh_from_db()
        assert run.position >= done, "a step and its record come together"
    for moment in (now, later, later):
        steps.advance(now=moment)
    run.refresh_from_db()
    assert (run.exit_reason, deaths >= 20) == ("finished", True)
    assert list(StepRecord.objects.order_by("position").values_list("kind", flat=True)) == ["message", "update", "task", "wait", "branch", "webhook"]
    assert (Message.objects.count(), Task.objects.count(), Event.objects.filter(type="play.called").count()) == (1, 1, 1)
    assert [row for row in broken(later) if row["name"] not in _TIMELY] == []


def _dies_at(statement: int, now) -> int:
    """Advance in a process of its own that dies at its n-th statement; the signal that ended it, 0 where it came through."""
    child = os.fork()
    if child == 0:
        # The parent's line to the database is not ours to use, nor to close.
        connection.connection = None
        seen = [0]

        def counting(execute, sql, params, many, context):
            seen[0] += 1
            result = execute(sql, params, many, context)
            if seen[0] == statement:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        try:
            with connection.execute_wrapper(counting):
                steps.advance(now=now)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


@pytest.mark.django_db(transaction=True)
def test_eight_different_causes_at_once_start_one_run(now):
    play, account = make.play(), make.account()

    def trigger(number):
        services.enrol(play, account_id=account.pk, key=f"event:{number}", actor=ACTOR, now=now)
        connection.close()

    make.at_once(trigger, 8)
    assert (Enrolment.objects.count(), Event.objects.filter(type="play.entered").count()) == (1, 1)
    assert Play.objects.get().enrolments.get().state == "waiting"
