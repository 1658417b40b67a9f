"""The experiment that confirms the learned order, or not: accounts by lot get the catalogue's order or the learned one; staying decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.experiments import selectors as trials
from apps.experiments import services as experiments
from apps.experiments.models import Experiment
from apps.experiments.types import ExperimentState, Outcome, Verdict

from . import valued
from .types import PATHWAYS, OrderRule

WINDOW_DAYS, _STILL_DAYS = 90, 28
_WORTH_FINDING = 0.05
_METRIC = "stayed"
_STAYED = """
select e.account_id, e.at from experiments_exposure e join accounts_account a on a.id = e.account_id
where e.experiment_id = %(experiment)s and e.at <= %(ripe)s
  and (a.churned_on is null or a.churned_on > (e.at + %(window)s)::date)
  and exists (
    select 1 from accounts_dailyrollup r where r.account_id = e.account_id
      and r.day > ((e.at + %(window)s) at time zone 'utc')::date - %(still)s and r.day <= ((e.at + %(window)s) at time zone 'utc')::date
  )
  and not exists (select 1 from experiments_outcomerow o where o.experiment_id = e.experiment_id and o.key = 'stayed:' || e.account_id)
order by e.account_id
"""


@dataclass(frozen=True)
class Proof:
    """How far the learned order is confirmed. `experiment` decides who gets what while it runs; `short` ends a reason, `words` tell it whole."""

    experiment: Experiment | None
    verdict: Verdict | None
    short: str
    words: str

    @property
    def runs(self) -> bool:
        return self.experiment is not None and self.experiment.state == ExperimentState.RUNNING

    @property
    def rule(self) -> OrderRule:
        """The order of everybody outside the experiment. What was found worse or no different is not used."""
        refuted = self.verdict in (Verdict.WORSE, Verdict.NO_DIFFERENCE)
        return OrderRule.CATALOGUE if refuted else OrderRule.LEARNED


_NEVER = Proof(None, None, "not proven yet", "No experiment has compared the learned order with the catalogue's yet: it is an observation.")
_SHORT = {
    Verdict.BETTER: "proven by an experiment",
    Verdict.WORSE: "an experiment found the learned order worse",
    Verdict.NO_DIFFERENCE: "an experiment found no difference",
    Verdict.MISMATCH: "not proven: the groups of the experiment are not as planned",
    Verdict.WAITING: "not proven yet",
}


def newest() -> Experiment | None:
    return Experiment.objects.filter(key__startswith=PATHWAYS).exclude(state=ExperimentState.DRAFT).order_by("-pk").first()


def proof(*, now: datetime) -> Proof:
    """What the newest experiment says so far."""
    experiment = newest()
    if experiment is None:
        return _NEVER
    read = trials.readout(experiment, now=now)
    return Proof(experiment, read.verdict, _SHORT[read.verdict], read.words)


def start(*, actor: Actor, now: datetime, planned_size: int | None = None) -> Experiment:
    """Let the lot decide between the two orders from now on. `planned_size`: accounts in each of the two groups; else as many as 5 points need, or
    as there are.
    """
    last = newest()
    if last is not None and last.state == ExperimentState.RUNNING:
        raise Refused("already_running", f"“{last.name}” is running; its plan is not changed on the way.")
    reading = valued.newest_reading()
    if reading is None or reading.refused:
        raise Refused("no_learned_order", f"There is no learned order to compare yet. {reading.refused if reading else ''}".strip())
    count = Experiment.objects.filter(key__startswith=PATHWAYS).count()
    experiment = experiments.create(
        key=PATHWAYS if not count else f"{PATHWAYS}-{count + 1}",
        name="Order of milestones",
        hypothesis="Accounts whose next milestone is chosen by what it seems to be worth stay more often than those who follow the catalogue.",
        variants=[
            {"key": OrderRule.CATALOGUE.value, "name": "Catalogue order", "weight": 0.5},
            {"key": OrderRule.LEARNED.value, "name": "Learned order", "weight": 0.5},
        ],
        metric=_METRIC,
        metric_words=f"still active {WINDOW_DAYS} days after their first milestone that the orders would choose differently",
        window_days=WINDOW_DAYS,
        planned_size=planned_size or _size(reading.stayed / reading.accounts),
        actor=actor,
        now=now,
    )
    return experiments.start(experiment, actor=actor, now=now)


def _size(stayed: float) -> int:
    wanted = trials.size_per_arm(min(stayed, 1 - 2 * _WORTH_FINDING), _WORTH_FINDING)
    return max(20, min(wanted, Account.objects.at_risk().count() // 2))


def arms(experiment: Experiment, account_ids: Sequence[int], *, actor: Actor, now: datetime) -> dict[int, str]:
    """The order that each account was given by lot."""
    return {key: one.given for key, one in experiments.assign(experiment, account_ids=account_ids, actor=actor, now=now).items()}


def record_stayed(*, now: datetime) -> int:
    """Tell the running experiment which accounts were still active when their window ended; returns how many are new."""
    experiment = newest()
    if experiment is None or experiment.state != ExperimentState.RUNNING:
        return 0
    window = timedelta(days=experiment.window_days)
    asked: dict[str, Any] = {"experiment": experiment.pk, "ripe": now - window, "window": window, "still": _STILL_DAYS}
    with connection.cursor() as cursor:
        cursor.execute(_STAYED, asked)
        rows = cursor.fetchall()
    # Outcomes count before the window ends; being there at its end is told of the last moment inside.
    last = window - timedelta(seconds=1)
    outcomes = [Outcome(account_id=key, metric=_METRIC, value=1.0, at=at + last, key=f"{_METRIC}:{key}") for key, at in rows]
    return experiments.record_outcomes(experiment, outcomes=outcomes)
