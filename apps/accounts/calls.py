"""Reading renewals: at which gate they stand, where the model has yet to speak, and who was right about those that are decided."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt
from statistics import fmean, stdev

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Q

from .models import Renewal, User
from .types import Call, CallBy, RenewalState

CHECKPOINTS = (180, 90, 30)
# What a commitment without a number stands for when it is scored.
MEANT = {Call.GOOD: 0.95, Call.AT_RISK: 0.6, Call.CHURN: 0.1}
# From here on a chance is called good, and below that it is called leaving.
_GOOD, _LEAVING = 0.8, 0.4
# Fewer decided renewals than this say nothing about anybody's judgement.
LEAST = 20

# One line per decided renewal, who spoke and how wrong: the newest word of each checkpoint counts, checkpoints count alike.
_SCORED = """
select r.id, c.by, avg((c.probability - case when r.state = 'churned' then 0 else 1 end) ^ 2), bool_or(r.state <> 'churned')
from accounts_renewal r join (
    select distinct on (renewal_id, by, checkpoint) renewal_id, by, probability from accounts_renewalcall
    where withdrawn_at is null order by renewal_id, by, checkpoint, at desc) c on c.renewal_id = r.id
where r.state <> 'open' and r.id = any(%(renewals)s)
group by 1, 2
"""


def checkpoint(due_on: date, today: date) -> int:
    """The gate a renewal stands at: 180 until 90 days before, 90 until 30 days before, then 30."""
    days = (due_on - today).days
    return 180 if days > 90 else 90 if days > 30 else 30


def in_words(chance: float) -> Call:
    return Call.GOOD if chance >= _GOOD else Call.AT_RISK if chance >= _LEAVING else Call.CHURN


def waiting_for_model(*, now: datetime) -> list[tuple[int, int, int]]:
    """Open renewals at a gate where the model has not spoken: (renewal, account, checkpoint). One statement."""
    today = now.date()
    gates = Q(due_on__gt=today + timedelta(days=90)), Q(due_on__lte=today + timedelta(days=90), due_on__gt=today + timedelta(days=30))
    rows = Renewal.objects.filter(state=RenewalState.OPEN, due_on__lte=today + timedelta(days=180), due_on__gte=today)
    found: list[tuple[int, int, int]] = []
    for gate, within in zip(CHECKPOINTS, (*gates, Q(due_on__lte=today + timedelta(days=30))), strict=True):
        silent = rows.filter(within).exclude(calls__by=CallBy.MODEL, calls__checkpoint=gate)
        found += [(key, account, gate) for key, account in silent.values_list("pk", "account")]
    return found


@dataclass(frozen=True)
class Score:
    """How far somebody's chances were from what happened: 0 is perfect, 0.25 a coin. `low` to `high` is the 95 % interval; None: cannot tell."""

    n: int
    brier: float | None = None
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, errors: Sequence[float]) -> "Score":
        if len(errors) < LEAST:
            return cls(len(errors))
        mean, half = fmean(errors), 1.96 * stdev(errors) / sqrt(len(errors))
        return cls(len(errors), mean, mean - half, mean + half)


@dataclass(frozen=True)
class Judgement:
    """Success managers against the model on decided renewals, and both against always saying the share that renewed (`base`).

    `difference` is CSM minus model over the renewals on which both had spoken: below zero, people were closer.
    """

    decided: int
    renewed: int
    csm: Score
    model: Score
    difference: Score
    base: float | None

    @property
    def verdict(self) -> str:
        found = self.difference
        if found.brier is None or found.low is None or found.high is None:
            return f"We cannot tell yet who calls renewals better: {found.n} of {LEAST} decided renewals have calls by both."
        if found.low > 0:
            return f"The model was closer than success managers on {found.n} renewals."
        if found.high < 0:
            return f"Success managers were closer than the model on {found.n} renewals."
        return f"On {found.n} renewals success managers and the model were equally close, as far as the numbers can tell."


def judgement(user: User | AnonymousUser, *, since: date) -> Judgement:
    """Scored on the renewals of this person's book that were decided since then."""
    decided = list(Renewal.objects.for_user(user).exclude(state=RenewalState.OPEN).filter(decided_on__gte=since).values_list("pk", "state"))
    errors: dict[str, dict[int, float]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_SCORED, {"renewals": [key for key, _state in decided]})
        for key, by, error, _renewed in cursor.fetchall():
            errors[by][key] = float(error)
    both = errors[CallBy.CSM].keys() & errors[CallBy.MODEL].keys()
    renewed = sum(1 for _key, state in decided if state != RenewalState.CHURNED)
    share = renewed / len(decided) if decided else 0.0
    return Judgement(
        decided=len(decided),
        renewed=renewed,
        csm=Score.of(list(errors[CallBy.CSM].values())),
        model=Score.of(list(errors[CallBy.MODEL].values())),
        difference=Score.of([errors[CallBy.CSM][key] - errors[CallBy.MODEL][key] for key in both]),
        base=share * (1 - share) if len(decided) >= LEAST else None,
    )
