"""What a play would have done in days that have passed: the same doors, machine and governor over this company's own history. Writes nothing.

Left out is what only the customer could tell: nobody answers a message that was never sent. Candidates are let in at once, whatever the rollout.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from apps.accounts.models import Account, ActivityEvent, Contact
from apps.churn.models import Prediction
from apps.core.errors import Refused
from apps.messaging.models import Message
from apps.messaging.services import foresight
from apps.messaging.types import MessageState

from . import arms, choice, effects, entering, facts, fits, goals, history, machine, run_facts, trials, triggers
from .conditions import facts_in, holds
from .definition import Becomes, Definition, Does, MessageStep, OnActivity, OnAudience, OnEvent, SplitStep, TaskStep, UpdateStep, WebhookStep, plain
from .entering import Known, Spent
from .fact_list import RUN_FACTS
from .foretold import Entered, Foreseen, Foretold
from .history import CLOSED, HAPPENED, LOOKED, SENT, STEPPED, Happening
from .machine import Move, Over, Rest, Standing
from .models import Enrolment, Play, PlayVersion, StepRecord
from .types import Approval, Arm, ExitReason, NotEntered, StepKind

__all__ = ["Entered", "Foreseen", "Foretold", "rehearse"]

_LET_IN_MINUTES = 2


@dataclass(eq=False)
class _Run:
    """A rehearsed run: what the row of a live one holds."""

    account_id: int
    arm: Arm
    trigger_key: str
    entered_at: datetime
    window_ends_at: datetime
    due_at: datetime
    baseline: float
    contact: Contact | None
    reasons: list[dict[str, Any]]
    position: int = 0
    waits_for: str = ""
    goal_met_at: datetime | None = None
    exit_reason: str = ""
    ended_at: datetime | None = None
    judged: bool = False
    lines: list[Foreseen] = field(default_factory=list)
    messages: dict[int, Message] = field(default_factory=dict)
    held_for: dict[int, str] = field(default_factory=dict)

    @property
    def runs(self) -> bool:
        return not self.exit_reason

    @property
    def standing(self) -> Standing:
        return Standing(self.arm == Arm.HELD_OUT, self.position, self.waits_for, self.window_ends_at, self.goal_met_at is not None)

    def facts(self) -> dict[str, Any]:
        sent = sum(message.state == MessageState.SENT for message in self.messages.values())
        lost = sum(message.state in run_facts.HELD_UP for message in self.messages.values())
        unwritten = sum(line.kind == StepKind.MESSAGE for line in self.lines) - len(self.messages)
        return {
            "run.replied": False,
            "run.reply": None,
            "run.reason": run_facts.reason_of(self.reasons),
            "run.goal_met": self.goal_met_at is not None,
            "run.sent": sent,
            "run.read": 0,
            "run.held_up": lost + unwritten,
            "run.task_outcome": None,
        }


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
        self.learned = learned
        self.says, self.key, self.since, self.until = says, play_key, since, until
        self.play = Play(key=play_key, name=name)
        self.version = PlayVersion(play=self.play, definition=plain(says))
        self.runs: dict[int, list[_Run]] = defaultdict(list)
        self.keys: set[str] = set()
        self.fitting: set[int] = set()
        self.passed: set[tuple[int, NotEntered, object]] = set()
        self.tasks: dict[tuple[int, str, str], tuple[_Run, str]] = {}
        self.made_tasks: list[tuple[datetime, int]] = []
        self.withheld: Counter[str] = Counter()
        own = StepRecord.objects.filter(enrolment__play__key=play_key, message__isnull=False).values_list("message_id", flat=True)
        self.governor = foresight.Foresight(until, leaving_out=[key for key in own if key])
        self.queue: list[tuple[datetime, int, int, Any]] = []
        self.numbers = count()
        self.asked = history.asked(says)
        self.accounts: dict[int, Account] = {}

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
            self._send([(run, position) for run, position in group if run.messages[position].due_at == now], now)
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

    def _open(self, accounts: Collection[int] | None) -> list[_Run]:
        chosen: Iterable[int] = list(self.runs) if accounts is None else accounts
        return [run for account in chosen for run in self.runs.get(account, ()) if run.runs]

    def _watched(self, accounts: Collection[int]) -> list[_Run]:
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
        spent = self._spent(now)
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
        arm = arms.arm_of(self.key, self.says, list(keys), now)
        window = now + timedelta(days=self.says.goal.window_days)
        found = Prediction.objects.filter(pk=prediction).first() if prediction else None
        for account in Account.objects.filter(pk__in=keys).select_related("owner"):
            self.accounts[account.pk] = account
        for account_id, key in keys.items():
            due = window if arm[account_id] == Arm.HELD_OUT else now
            reasons = list(found.reasons) if found else []
            run = _Run(account_id, arm[account_id], key, now, window, due, usual.get(account_id, 0.0), people.get(account_id), reasons)
            self.keys.add(key)
            self.runs[account_id].append(run)
            if self.says.approval == Approval.CSM:
                self.made_tasks.append((now, _LET_IN_MINUTES))
            self._at(due, STEPPED, run)
            self._at(window, CLOSED, run)
            if not self._hears_activity:
                for moment, happening in history.activity_of(self.says, account_id, since=now, until=min(self.until, window)):
                    self._at(moment, HAPPENED, happening)

    @property
    def _hears_activity(self) -> bool:
        """Whether all activity goes through the queue anyway."""
        return isinstance(self.says.trigger, OnAudience) and history.moved("activity.received", facts_in(self.says.audience))

    def _spent(self, now: datetime) -> Spent:
        month = entering.month_of(now)
        messages = [message for runs in self.runs.values() for run in runs for message in run.messages.values()]
        cost = [message.cost_estimate or Decimal(0) for message in messages if message.sent_at and month <= message.sent_at <= now]
        money = sum(cost, start=Decimal(0))
        return Spent(money, sum(minutes for at, minutes in self.made_tasks if at >= month))

    # --- runs

    def _end(self, run: _Run, reason: ExitReason, now: datetime) -> None:
        run.exit_reason, run.ended_at, run.waits_for = reason.value, now, ""
        if reason != ExitReason.FINISHED:
            for message in run.messages.values():
                if message.state in (MessageState.QUEUED, MessageState.HELD, MessageState.GATHERED):
                    message.state, message.reason = MessageState.CANCELLED, f"The play ended: {reason.label}."
        if reason in (ExitReason.GOAL, ExitReason.CHURNED, ExitReason.MANUAL, ExitReason.UNMATCHED):
            self.tasks = {matter: (of, title) for matter, (of, title) in self.tasks.items() if of is not run}

    def _review(self, going: Collection[_Run], now: datetime) -> None:
        if not going or not machine.audience_facts(self.says):
            return
        known = facts.of(sorted({run.account_id for run in going}), names=facts_in(self.says.audience), now=now)
        for run in going:
            if not holds(self.says.audience, known.get(run.account_id, {})):
                self._end(run, ExitReason.UNMATCHED, now)

    def _check_goals(self, runs: Collection[_Run], now: datetime) -> None:
        runs = [run for run in runs if run.entered_at <= now < run.window_ends_at]
        for run in self._reached(runs, now):
            self._goal(run, now, now)

    def _goal(self, run: _Run, at: datetime, now: datetime) -> None:
        run.goal_met_at = at
        if run.runs and self.says.exit_mode in machine.ENDS_ON_GOAL:
            self._end(run, ExitReason.GOAL, now)
        elif run.runs and run.waits_for == "goal":
            self._wake(run, "the goal was met", now)

    def _reached(self, runs: Collection[_Run], now: datetime) -> list[_Run]:
        reached = self.says.goal.reached
        if not runs:
            return []
        if isinstance(reached, Becomes):
            known = facts.of(sorted({run.account_id for run in runs}), names=facts_in(reached.when), now=now)
            return [run for run in runs if run.account_id in known and holds(reached.when, known[run.account_id])]
        return [run for run in runs if goals.enough(reached, baseline=run.baseline, seen=self._seen(run, now))]

    def _seen(self, run: _Run, now: datetime) -> int:
        reached = self.says.goal.reached
        assert not isinstance(reached, Becomes)
        since = goals.counted_since(reached, entered_at=run.entered_at, now=now)
        rows = ActivityEvent.objects.filter(account_id=run.account_id, at__gt=since, at__lte=now)
        return (rows.filter(name=reached.name) if isinstance(reached, Does) else rows).count()

    def _close(self, runs: Collection[_Run], now: datetime) -> None:
        """Windows close: the goal is judged for the last time, as things stood."""
        for run in self._reached([run for run in runs if run.goal_met_at is None], now):
            self._goal(run, now, now)
        for run in runs:
            run.judged = True

    def _wake(self, run: _Run, because: str, now: datetime) -> None:
        self._apply(run, machine.arrive(self.says, run.standing, because, now), now)

    # --- steps

    def _step(self, runs: list[_Run], now: datetime) -> None:
        self._close([run for run in runs if run.window_ends_at <= now and not run.judged], now)
        runs = [run for run in runs if run.runs]
        names = machine.audience_facts(self.says).union(*(machine.needs(self.says, run.standing) for run in runs)) - set(RUN_FACTS)
        asking = sorted({run.account_id for run in runs if run.arm == Arm.TREATED})
        known = facts.of(asking, names=names, now=now) if names and asking else {}
        for run in runs:
            decided = machine.decide(self.says, run.standing, {**known.get(run.account_id, {}), **run.facts(), **self._way(run)}, now)
            match decided:
                case Over():
                    self._end(run, decided.reason, now)
                case Rest():
                    run.due_at = decided.due_at
                    self._at(run.due_at, STEPPED, run)
                case Move():
                    self._apply(run, self._carried_out(run, decided, now), now)
                    if decided.ends is not None:
                        self._end(run, decided.ends, now)

    def _way(self, run: _Run) -> dict[str, str]:
        """At a split, the way that the lot gives this account."""
        step = self.says.steps[run.position] if run.position < len(self.says.steps) else None
        if not isinstance(step, SplitStep):
            return {}
        return {machine.way_of(step): trials.foreseen(self.accounts[run.account_id].external_id, self.key, step)}

    def _apply(self, run: _Run, move: Move, now: datetime) -> None:
        if move.resolves:
            run.lines = [replace(line, went=move.went, because=move.because) if line.position == move.position else line for line in run.lines]
        else:
            line = Foreseen(run.account_id, run.entered_at, run.arm.value, move.position, move.step, move.kind.value, now, move.what[:250])
            run.lines.append(replace(line, went=move.went, because=move.because))
        run.position, run.due_at, run.waits_for = move.next, move.due_at, move.waits_for
        self._at(run.due_at, STEPPED, run)

    def _carried_out(self, run: _Run, move: Move, now: datetime) -> Move:
        match move.effect:
            case MessageStep():
                what, because = self._message(run, move.effect, now)
                return replace(move, what=what, because=move.because or because)
            case TaskStep():
                return replace(move, what=self._task(run, move.effect, now))
            case UpdateStep():
                return replace(move, what=effects.update_words(move.effect))
            case WebhookStep():
                return replace(move, what=effects.call_words(move.effect))
            case _:
                return move

    def _message(self, run: _Run, step: MessageStep, now: datetime) -> tuple[str, str]:
        row = self._as_row(run)
        to = effects.addressed(row, step, now, choice.Way(self.learned, self.governor.rulings))
        if to.contact is None or not to.channel:
            self.withheld[foresight.kind_of(to.words)] += 1
            return to.words, ""
        due_at = effects.due_of(row, step, to.due_at or now)
        try:
            message = foresight.draft(
                contact=to.contact,
                channel=to.channel,
                template_key=step.template,
                lane=self.says.lane,
                context=effects.context_of(row),
                due_at=due_at,
                expires_at=(to.due_at or now) + effects.MESSAGE_LIFETIME,
                now=now,
            )
        except Refused as refusal:
            self.withheld[foresight.kind_of(refusal.message)] += 1
            return effects.refused_words(to.channel, refusal), to.why[:250]
        run.messages[run.position] = message
        if due_at <= now and self.governor.gathers(message):
            message.state, message.reason = MessageState.GATHERED, "Leaves in a digest."
            self.withheld["waits for a digest"] += 1
        else:
            self._at(due_at, SENT, (run, run.position))
        return effects.queued_words(to.channel, message.subject, to.contact), to.why[:250]

    def _as_row(self, run: _Run) -> Enrolment:
        """The run as those want to see it that work on rows; it is in no table."""
        account = self.accounts[run.account_id]
        if run.contact is not None:
            run.contact.account = account
        return Enrolment(
            play=self.play, version=self.version, account=account, contact=run.contact, arm=run.arm, position=run.position, entered_at=run.entered_at
        )

    def _task(self, run: _Run, step: TaskStep, now: datetime) -> str:
        """The same matter of the play stays one open task."""
        matter = (run.account_id, step.type, step.reason)
        if matter not in self.tasks:
            self.tasks[matter] = (run, step.title)
            self.made_tasks.append((now, step.minutes_needed))
        return effects.task_words(self.accounts[run.account_id].owner, self.tasks[matter][1])

    def _send(self, due: list[tuple[_Run, int]], now: datetime) -> None:
        waiting = [(run, at) for run, at in due if run.messages[at].state in (MessageState.QUEUED, MessageState.HELD)]
        place = {id(message): number for number, message in enumerate(foresight.in_order(run.messages[at] for run, at in waiting))}
        for run, at in sorted(waiting, key=lambda item: place[id(item[0].messages[item[1]])]):
            message = run.messages[at]
            ruling = self.governor.rule(message, now=now)
            if ruling.send:
                continue
            kind = foresight.kind_of(ruling.reason)
            if run.held_for.get(at, "") == "" or foresight.kind_of(run.held_for[at]) != kind:
                self.withheld[kind] += 1
            run.held_for[at] = ruling.reason[:250]
            if ruling.state == MessageState.HELD:
                self._at(message.due_at, SENT, (run, at))

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
            lines=tuple(self._with_fate(run, line) for run in runs for line in run.lines),
            passed_over=dict(Counter(reason.value for _, reason, _ in self.passed)),
            messages=dict(Counter(message.channel for message in sent)),
            withheld=dict(self.withheld),
            tasks=len(self.made_tasks),
            csm_minutes=sum(minutes for _, minutes in self.made_tasks),
            money=float(sum(message.cost_estimate or 0 for message in sent)),
        )

    @staticmethod
    def _with_fate(run: _Run, line: Foreseen) -> Foreseen:
        message = run.messages.get(line.position)
        if message is None:
            return line
        return replace(line, fate=str(message.state), held_for=run.held_for.get(line.position, ""), fate_at=message.sent_at)
