"""A rehearsed run, and what its steps would do: messages before the governor, tasks, traits, calls. Nothing is written."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.accounts.models import Account, Contact
from apps.core.errors import Refused
from apps.messaging.models import Message
from apps.messaging.services import foresight
from apps.messaging.types import MessageState

from . import choice, effects, entering, machine, run_facts, trials
from .definition import Definition, MessageStep, SplitStep, TaskStep, UpdateStep, WebhookStep, plain
from .entering import Spent
from .foretold import Foreseen
from .history import SENT
from .machine import Move, Standing
from .models import Enrolment, Play, PlayVersion
from .types import Arm, StepKind


@dataclass(eq=False)
class Run:
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


class Deeds:
    """`at` puts something into the order of things: (moment, order, what)."""

    def __init__(
        self, says: Definition, play: Play, *, governor: foresight.Foresight, learned: bool, at: Callable[[datetime, int, Any], None]
    ) -> None:
        self.says, self.play, self.governor, self.at = says, play, governor, at
        self.way = choice.Way(learned, governor.rulings)
        self.version = PlayVersion(play=play, definition=plain(says))
        self.accounts: dict[int, Account] = {}
        self.tasks: dict[tuple[int, str, str], tuple[Run, str]] = {}
        self.made_tasks: list[tuple[datetime, int]] = []
        self.withheld: Counter[str] = Counter()

    def drop_tasks(self, of: Run) -> None:
        self.tasks = {matter: (run, title) for matter, (run, title) in self.tasks.items() if run is not of}

    def carried_out(self, run: Run, move: Move, now: datetime) -> Move:
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

    def _message(self, run: Run, step: MessageStep, now: datetime) -> tuple[str, str]:
        row = self._as_row(run)
        to = effects.addressed(row, step, now, self.way)
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
            self.at(due_at, SENT, (run, run.position))
        return effects.queued_words(to.channel, message.subject, to.contact), to.why[:250]

    def way_of(self, run: Run) -> dict[str, str]:
        """At a split, the way that the lot gives this account."""
        step = self.says.steps[run.position] if run.position < len(self.says.steps) else None
        if not isinstance(step, SplitStep):
            return {}
        return {machine.way_of(step): trials.foreseen(self.accounts[run.account_id].external_id, self.play.key, step)}

    def _as_row(self, run: Run) -> Enrolment:
        """The run as those want to see it that work on rows; it is in no table."""
        account = self.accounts[run.account_id]
        if run.contact is not None:
            run.contact.account = account
        return Enrolment(
            play=self.play, version=self.version, account=account, contact=run.contact, arm=run.arm, position=run.position, entered_at=run.entered_at
        )

    def _task(self, run: Run, step: TaskStep, now: datetime) -> str:
        """The same matter of the play stays one open task."""
        matter = (run.account_id, step.type, step.reason)
        if matter not in self.tasks:
            self.tasks[matter] = (run, step.title)
            self.made_tasks.append((now, step.minutes_needed))
        return effects.task_words(self.accounts[run.account_id].owner, self.tasks[matter][1])

    def send(self, due: list[tuple[Run, int]], now: datetime) -> None:
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
                self.at(message.due_at, SENT, (run, at))

    def spent(self, runs: Iterable[Run], now: datetime) -> Spent:
        month = entering.month_of(now)
        messages = [message for run in runs for message in run.messages.values()]
        cost = [message.cost_estimate or Decimal(0) for message in messages if message.sent_at and month <= message.sent_at <= now]
        money = sum(cost, start=Decimal(0))
        return Spent(money, sum(minutes for at, minutes in self.made_tasks if at >= month))


def with_fate(run: Run, line: Foreseen) -> Foreseen:
    message = run.messages.get(line.position)
    if message is None:
        return line
    return replace(line, fate=str(message.state), held_for=run.held_for.get(line.position, ""), fate_at=message.sent_at)
