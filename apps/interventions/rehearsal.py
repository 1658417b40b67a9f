"""What a play would have done in days that have passed: the same doors, machine and governor over this company's own history. Writes nothing.

Left out is what only the customer could tell: nobody answers a message that was never sent. Candidates are let in at once, whatever the rollout.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from apps.accounts.models import Account, ActivityEvent
from apps.churn.models import Prediction
from apps.messaging.services import foresight
from apps.messaging.types import MessageState

from . import arms, entering, facts, fits, goals, history, machine, triggers
from .conditions import facts_in, holds
from .definition import Becomes, Definition, Does, OnActivity, OnAudience, OnEvent
from .entering import Known
from .fact_list import RUN_FACTS
from .foretold import Entered, Foreseen, Foretold
from .history import CLOSED, HAPPENED, LOOKED, SENT, STEPPED, Happening
from .machine import Move, Over, Rest
from .models import Play, StepRecord
from .rehearsed import Deeds, Run, with_fate
from .types import Approval, Arm, ExitReason, NotEntered

__all__ = ["Entered", "Foreseen", "Foretold", "rehearse"]

_LET_IN_MINUTES = 2


def _nothing(done: int, total: int) -> None:
    """Nobody asks how far it is."""


def rehearse(
    says: Definition,
    *,
    play_key: str,
    since: datetime,
    until: datetime,
    progress: Callable[[int, int], None] = _nothing,
    name: str = "",
    learned: bool = False,
) -> Foretold:
    """What the live engine would have done had this play been live from `since` until `until` (not itself). `progress` hears days done of days.

    `learned`: channels chosen by what has worked until today; splits by the lot that the experiment would draw.
    """
    return _World(says, play_key, name or play_key, since, until, learned).play_through(progress)


class _World:
    def __init__(self, says: Definition, play_key: str, name: str, since: datetime, until: datetime, learned: bool) -> None:
        self.says, self.key, self.since, self.until = says, play_key, since, until
        self.runs: dict[int, list[Run]] = defaultdict(list)
        self.keys: set[str] = set()
        self.fitting: set[int] = set()
        self.passed: set[tuple[int, NotEntered, object]] = set()
        own = StepRecord.objects.filter(enrolment__play__key=play_key, message__isnull=False).values_list("message_id", flat=True)
        governor = foresight.Foresight(until, leaving_out=[key for key in own if key])
        self.arms = arms.Foresight(play_key, says)
        self.deeds = Deeds(says, Play(key=play_key, name=name), governor=governor, learned=learned, at=self._at)
        self.queue: list[tuple[datetime, int, int, Any]] = []
        self.numbers = count()
        self.asked = history.asked(says)

    # --- time

    def _at(self, moment: datetime, order: int, what: Any) -> None:
        if moment < self.until:
            heapq.heappush(self.queue, (moment, order, next(self.numbers), what))

    def play_through(self, progress: Callable[[int, int], None]) -> Foretold:
        if isinstance(self.says.trigger, OnAudience):
            self.fitting = fits.who_fits(self.says, facts.of(None, names=entering.asked_of(self.says), now=self.since))
        for moment, happening in history.happenings(self.says, since=self.since, until=self.until):
            self._at(moment, HAPPENED, happening)
        for moment in history.instants(self.says, since=self.since, until=self.until):
            self._at(moment, LOOKED, None)
        days, told = max(1, (self.until - self.since).days), -1
        while self.queue:
            moment, order, _, what = heapq.heappop(self.queue)
            if (done := (moment - self.since).days) != told:
                progress(done, days)
                told = done
            group = [what]
            while order != HAPPENED and self.queue and self.queue[0][:2] == (moment, order):
                group.append(heapq.heappop(self.queue)[3])
            self._go(moment, order, group)
        progress(days, days)
        return self._told()

    def _go(self, now: datetime, order: int, group: list[Any]) -> None:
        if order == HAPPENED:
            self._happened(group[0], now)
        elif order == LOOKED:
            self._looked(now)
        elif order == STEPPED:
            self._step(list(dict.fromkeys(run for run in group if run.runs and run.due_at == now)), now)
        elif order == SENT:
            self.deeds.send([(run, position) for run, position in group if run.messages[position].due_at == now], now)
        else:
            self._close([run for run in group if not run.judged], now)

    # --- what happened

    def _happened(self, what: Happening, now: datetime) -> None:
        if what.kind in ("account.churned", "import.finished"):
            self._stop_leavers(what.accounts, now)
        if isinstance(self.says.trigger, OnEvent) and what.kind == self.says.trigger.event and triggers.wanted(self.says.trigger, what.payload):
            assert what.accounts is not None
            self._enter({what.accounts[0]: f"event:{what.event_id}"}, now, prediction=what.payload.get("prediction_id"))
        if what.activity is not None:
            self._came(what.activity, now)
        if history.moved(what.kind, facts_in(self.says.audience)):
            if isinstance(self.says.trigger, OnAudience):
                self._look(what.accounts, now)
            self._review(self._open(what.accounts), now)
        if what.accounts is not None and self._may_be_success(what.kind):
            self._check_goals(self._watched(what.accounts), now)

    def _may_be_success(self, kind: str) -> bool:
        reached = self.says.goal.reached
        return history.moved(kind, facts_in(reached.when)) if isinstance(reached, Becomes) else kind == "activity.received"

    def _came(self, activity: Mapping[int, Collection[tuple[int, str]]], now: datetime) -> None:
        trigger = self.says.trigger
        if isinstance(trigger, OnActivity):
            first = {account: [key for key, name in came if name == trigger.name][:1] for account, came in activity.items()}
            self._enter({account: triggers.activity_key(keys[0]) for account, keys in sorted(first.items()) if keys}, now)
        for run in self._open(activity):
            name = run.waits_for.removeprefix("activity:")
            if run.waits_for.startswith("activity:") and any(came == name for _, came in activity[run.account_id]):
                self._wake(run, f"they did “{name}”", now)

    def _stop_leavers(self, accounts: Collection[int] | None, now: datetime) -> None:
        if entering.for_leavers(self.says):
            return
        going = self._open(accounts)
        known = facts.of(sorted({run.account_id for run in going}), names={"stage"}, now=now) if going else {}
        for run in going:
            if known.get(run.account_id, {"stage": "churned"})["stage"] == "churned":
                self._end(run, ExitReason.CHURNED, now)

    def _open(self, accounts: Collection[int] | None) -> list[Run]:
        chosen: Iterable[int] = list(self.runs) if accounts is None else accounts
        return [run for account in chosen for run in self.runs.get(account, ()) if run.runs]

    def _watched(self, accounts: Collection[int]) -> list[Run]:
        return [run for account in accounts for run in self.runs.get(account, ()) if run.goal_met_at is None and not run.judged]

    # --- entering

    def _look(self, accounts: Collection[int] | None, now: datetime) -> None:
        ids = None if accounts is None else sorted(accounts)
        found = fits.who_fits(self.says, facts.of(ids, names=entering.asked_of(self.says), now=now))
        before = self.fitting if ids is None else self.fitting & set(ids)
        begun, ceased = found - before, before - found
        self.fitting = (self.fitting - ceased) | begun
        self._enter({account: fits.fit_key(account, now) for account in sorted(ceased if self.says.on_leaving else begun)}, now)

    def _looked(self, now: datetime) -> None:
        if isinstance(self.says.trigger, OnAudience):
            self._look(None, now)
        if history.strikes(self.says, now):
            found = fits.who_fits(self.says, facts.of(None, names=entering.asked_of(self.says), now=now))
            self._enter({account: fits.schedule_key(account, now) for account in sorted(found)}, now)
        self._review(self._open(None), now)
        if isinstance(self.says.goal.reached, Becomes):
            self._check_goals([run for run in self._watched(list(self.runs)) if run.window_ends_at > now], now)

    def _enter(self, keys: Mapping[int, str], now: datetime, prediction: int | None = None) -> None:
        fresh = {account: key for account, key in keys.items() if key not in self.keys}
        if not fresh:
            return
        known = facts.of(sorted(fresh), names=entering.asked_of(self.says), now=now)
        spent = self.deeds.spent((run for mine in self.runs.values() for run in mine), now)
        welcome = []
        for account in fresh:
            mine = self.runs.get(account, [])
            last = max((run.entered_at for run in mine), default=None)
            about = Known(known.get(account), any(run.runs for run in mine), last)
            reason = entering.obstacle(self.says, about, spent=spent, in_rollout=True, now=now)
            if reason is None:
                welcome.append(account)
            else:
                self.passed.add((account, reason, now.date()))
        if welcome:
            self._begin({account: fresh[account] for account in welcome}, now, prediction)

    def _begin(self, keys: Mapping[int, str], now: datetime, prediction: int | None) -> None:
        people, usual = entering.contacts_for(keys, now), entering.baselines(keys, now)
        arm = self.arms.arm_of(list(keys), now)
        window = now + timedelta(days=self.says.goal.window_days)
        found = Prediction.objects.filter(pk=prediction).first() if prediction else None
        for account in Account.objects.filter(pk__in=keys).select_related("owner"):
            self.deeds.accounts[account.pk] = account
        for account_id, key in keys.items():
            due = window if arm[account_id] == Arm.HELD_OUT else now
            reasons = list(found.reasons) if found else []
            run = Run(account_id, arm[account_id], key, now, window, due, usual.get(account_id, 0.0), people.get(account_id), reasons)
            self.keys.add(key)
            self.runs[account_id].append(run)
            if self.says.approval == Approval.CSM:
                self.deeds.made_tasks.append((now, _LET_IN_MINUTES))
            self._at(due, STEPPED, run)
            self._at(window, CLOSED, run)
            if not self._hears_activity:
                for moment, happening in history.activity_of(self.says, account_id, since=now, until=min(self.until, window)):
                    self._at(moment, HAPPENED, happening)

    @property
    def _hears_activity(self) -> bool:
        """Whether all activity goes through the queue anyway."""
        return isinstance(self.says.trigger, OnAudience) and history.moved("activity.received", facts_in(self.says.audience))

    # --- runs

    def _end(self, run: Run, reason: ExitReason, now: datetime) -> None:
        run.exit_reason, run.ended_at, run.waits_for = reason.value, now, ""
        if reason != ExitReason.FINISHED:
            for message in run.messages.values():
                if message.state in (MessageState.QUEUED, MessageState.HELD, MessageState.GATHERED):
                    message.state, message.reason = MessageState.CANCELLED, f"The play ended: {reason.label}."
        if reason in (ExitReason.GOAL, ExitReason.CHURNED, ExitReason.MANUAL, ExitReason.UNMATCHED):
            self.deeds.drop_tasks(run)

    def _review(self, going: Collection[Run], now: datetime) -> None:
        if not going or not machine.audience_facts(self.says):
            return
        known = facts.of(sorted({run.account_id for run in going}), names=facts_in(self.says.audience), now=now)
        for run in going:
            if not holds(self.says.audience, known.get(run.account_id, {})):
                self._end(run, ExitReason.UNMATCHED, now)

    def _check_goals(self, runs: Collection[Run], now: datetime) -> None:
        runs = [run for run in runs if run.entered_at <= now < run.window_ends_at]
        for run in self._reached(runs, now):
            self._goal(run, now, now)

    def _goal(self, run: Run, at: datetime, now: datetime) -> None:
        run.goal_met_at = at
        if run.runs and self.says.exit_mode in machine.ENDS_ON_GOAL:
            self._end(run, ExitReason.GOAL, now)
        elif run.runs and run.waits_for == "goal":
            self._wake(run, "the goal was met", now)

    def _reached(self, runs: Collection[Run], now: datetime) -> list[Run]:
        reached = self.says.goal.reached
        if not runs:
            return []
        if isinstance(reached, Becomes):
            known = facts.of(sorted({run.account_id for run in runs}), names=facts_in(reached.when), now=now)
            return [run for run in runs if run.account_id in known and holds(reached.when, known[run.account_id])]
        return [run for run in runs if goals.enough(reached, baseline=run.baseline, seen=self._seen(run, now))]

    def _seen(self, run: Run, now: datetime) -> int:
        reached = self.says.goal.reached
        assert not isinstance(reached, Becomes)
        since = goals.counted_since(reached, entered_at=run.entered_at, now=now)
        rows = ActivityEvent.objects.filter(account_id=run.account_id, at__gt=since, at__lte=now)
        return (rows.filter(name=reached.name) if isinstance(reached, Does) else rows).count()

    def _close(self, runs: Collection[Run], now: datetime) -> None:
        """Windows close: the goal is judged for the last time, as things stood."""
        for run in self._reached([run for run in runs if run.goal_met_at is None], now):
            self._goal(run, now, now)
        for run in runs:
            run.judged = True

    def _wake(self, run: Run, because: str, now: datetime) -> None:
        self._apply(run, machine.arrive(self.says, run.standing, because, now), now)

    # --- steps

    def _step(self, runs: list[Run], now: datetime) -> None:
        self._close([run for run in runs if run.window_ends_at <= now and not run.judged], now)
        runs = [run for run in runs if run.runs]
        names = machine.audience_facts(self.says).union(*(machine.needs(self.says, run.standing) for run in runs)) - set(RUN_FACTS)
        asking = sorted({run.account_id for run in runs if run.arm == Arm.TREATED})
        known = facts.of(asking, names=names, now=now) if names and asking else {}
        for run in runs:
            decided = machine.decide(self.says, run.standing, {**known.get(run.account_id, {}), **run.facts(), **self.deeds.way_of(run)}, now)
            match decided:
                case Over():
                    self._end(run, decided.reason, now)
                case Rest():
                    run.due_at = decided.due_at
                    self._at(run.due_at, STEPPED, run)
                case Move():
                    self._apply(run, self.deeds.carried_out(run, decided, now), now)
                    if decided.ends is not None:
                        self._end(run, decided.ends, now)

    def _apply(self, run: Run, move: Move, now: datetime) -> None:
        if move.resolves:
            run.lines = [replace(line, went=move.went, because=move.because) if line.position == move.position else line for line in run.lines]
        else:
            line = Foreseen(run.account_id, run.entered_at, run.arm.value, move.position, move.step, move.kind.value, now, move.what[:250])
            run.lines.append(replace(line, went=move.went, because=move.because))
        run.position, run.due_at, run.waits_for = move.next, move.due_at, move.waits_for
        self._at(run.due_at, STEPPED, run)

    # --- the telling

    def _told(self) -> Foretold:
        runs = sorted((run for mine in self.runs.values() for run in mine), key=lambda run: (run.entered_at, run.account_id))
        messages = [message for run in runs for message in run.messages.values()]
        sent = [message for message in messages if message.state == MessageState.SENT]
        entries = [
            Entered(run.account_id, run.entered_at, run.arm.value, run.trigger_key, run.exit_reason, run.ended_at, run.goal_met_at) for run in runs
        ]
        return Foretold(
            since=self.since,
            until=self.until,
            entries=tuple(entries),
            lines=tuple(with_fate(run, line) for run in runs for line in run.lines),
            passed_over=dict(Counter(reason.value for _, reason, _ in self.passed)),
            messages=dict(Counter(message.channel for message in sent)),
            withheld=dict(self.deeds.withheld),
            tasks=len(self.deeds.made_tasks),
            csm_minutes=sum(minutes for _, minutes in self.deeds.made_tasks),
            money=float(sum(message.cost_estimate or 0 for message in sent)),
        )
