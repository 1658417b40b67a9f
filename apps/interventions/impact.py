"""What plays changed: the treated against those held out, account by account, with what it cost. No rate stands without its do-nothing rate."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

from apps.accounts.models import Account, User
from apps.accounts.selectors import revenue
from apps.experiments import selectors as experiments
from apps.experiments.selectors import Arm as Counted
from apps.experiments.selectors import Between, Effect, Mean, difference
from apps.experiments.types import GLOBAL_HOLDOUT

from .models import Enrolment, Play
from .types import Arm, EnrolmentState

# The first run of an account in the period counts: who is held out stays held out, and a second run is no second customer. A run counts for the goal
# once its window is over, and for leaving once `within` days have passed; before that nobody knows how it ends. What a leaver took with them is the
# yearly revenue booked by the day of entry, in the workspace's currency; leavers whose currency has no rate are counted and left out of the money.
_ARMS = """
with first as (
    select distinct on (e.play_id, e.account_id) e.play_id, e.account_id, e.arm, e.entered_at, e.goal_met_at, e.window_ends_at
    from interventions_enrolment e
    where e.entered_at >= %(since)s and e.entered_at <= %(now)s and e.state <> 'candidate'
        and (%(book)s::bigint[] is null or e.account_id = any(%(book)s))
    order by e.play_id, e.account_id, e.entered_at, e.id
), judged as (
    select f.*, f.window_ends_at <= %(now)s as over, f.goal_met_at is not null and f.goal_met_at <= f.window_ends_at as reached,
        f.entered_at <= %(now)s::timestamptz - make_interval(days => %(within)s) as old,
        a.churned_on is not null and a.churned_on between f.entered_at::date and f.entered_at::date + %(within)s as gone
    from first f join accounts_account a on a.id = f.account_id
), lost as (
    select j.*, case when j.old and j.gone then (
        select coalesce(sum(m.amount * r.rate), 0) from accounts_arrmovement m
        join unnest(%(currencies)s::text[], %(rates)s::numeric[]) as r(currency, rate) on r.currency = m.currency
        where m.account_id = j.account_id and m.effective_on <= j.entered_at::date
            and not (m.kind = 'churn' and m.effective_on = j.entered_at::date)
    ) else 0 end as arr from judged j
)
select play_id, arm, count(*), count(*) filter (where over), count(*) filter (where over and reached),
    count(*) filter (where old), count(*) filter (where old and gone),
    coalesce(sum(arr), 0)::float, coalesce(sum(arr * arr), 0)::float
from lost group by play_id, arm
"""
_COSTS = """
select e.play_id, 'money' as kind, m.currency, sum(coalesce(m.cost_actual, m.cost_estimate))::float,
    coalesce(sum(coalesce(m.cost_actual, m.cost_estimate)) filter (where e.entered_at <= %(old)s), 0)::float
from interventions_enrolment e join interventions_steprecord s on s.enrolment_id = e.id join messaging_message m on m.id = s.message_id
where e.entered_at >= %(since)s and e.entered_at <= %(now)s and coalesce(m.cost_actual, m.cost_estimate) is not null
    and (%(book)s::bigint[] is null or e.account_id = any(%(book)s))
group by e.play_id, m.currency
union all
select e.play_id, 'minutes', '', sum(t.minutes), coalesce(sum(t.minutes) filter (where e.entered_at <= %(old)s), 0)
from interventions_enrolment e join interventions_task t on t.enrolment_id = e.id and t.state = 'done'
where e.entered_at >= %(since)s and e.entered_at <= %(now)s and (%(book)s::bigint[] is null or e.account_id = any(%(book)s))
group by e.play_id
"""
_EVERYBODY = """
with members as (
    select distinct on (h.account_id) h.account_id, h.held_out, h.since from experiments_holdoutmember h where h.holdout_id = %(holdout)s
    order by h.account_id, h.since
)
select m.held_out, count(*), count(*) filter (where a.churned_on is not null and a.churned_on >= m.since::date and a.churned_on <= %(now)s::date)
from members m join accounts_account a on a.id = m.account_id
where (%(book)s::bigint[] is null or m.account_id = any(%(book)s)) and (a.churned_on is null or a.churned_on >= m.since::date)
group by m.held_out
"""
PERIODS = (90, 182, 365)
WITHIN = (30, 60, 90)


@dataclass(frozen=True)
class Cost:
    """What the runs of a play cost: messages by currency, minutes of success managers for tasks that were done."""

    money: Mapping[str, Decimal] = field(default_factory=dict)
    minutes: int = 0

    @property
    def whole(self) -> float | None:
        """In the workspace's currency, an hour of a success manager counted as the setting says; None where messages cost another currency."""
        if any(currency != settings.WORKSPACE_CURRENCY for currency in self.money):
            return None
        return float(sum(self.money.values())) + self.minutes / 60 * settings.CSM_HOUR_COST


@dataclass(frozen=True)
class Impact:
    """A play's effect. `goal`: reached it, `stayed`: were still customers after `within` days; both treated against held out."""

    play: Play
    running: int
    goal: Effect
    stayed: Effect
    within: int
    arr: Between | None
    treated: int
    cost: Cost
    # Of the runs that are old enough to say who stayed: what the customers who stayed because of it cost.
    counted_cost: Cost

    @property
    def saved(self) -> tuple[float, float, float] | None:
        """How many of the treated stayed because of it, with the ends of the 95 % interval; None where nothing is compared."""
        if self.stayed.difference is None:
            return None
        return tuple(self.treated * share for share in (self.stayed.difference, self.stayed.low, self.stayed.high))  # type: ignore[return-value]

    @property
    def arr_saved(self) -> tuple[float, float, float] | None:
        """Yearly revenue that stayed because of it, with the ends of the 95 % interval."""
        if self.arr is None:
            return None
        low, high = self.arr.interval()
        return self.treated * self.arr.effect, self.treated * low, self.treated * high

    @property
    def per_save(self) -> float | None:
        """What one more customer who stayed cost; None until the effect is sure."""
        if not self.stayed.enough or self.saved is None or self.saved[1] <= 0 or self.counted_cost.whole is None:
            return None
        return self.counted_cost.whole / self.saved[0]


def of_plays(user: User, *, days: int, within: int, now: datetime) -> list[Impact]:
    """Every play with runs that began in the last `days`, in this person's book; those with the most to say first."""
    asked = _asked(user, now, since=now - timedelta(days=days)) | {"within": within, "old": now - timedelta(days=within)}
    rates = revenue.rates_on(now.date(), known_at=now)
    asked |= {"currencies": list(rates), "rates": list(rates.values())}
    arms: dict[int, dict[str, tuple[Any, ...]]] = defaultdict(dict)
    for play_id, arm, *figures in _rows(_ARMS, asked):
        arms[play_id][arm] = tuple(figures)
    costs = _costs(asked)
    plays = Play.objects.in_bulk(list(arms))
    found = [_impact(plays[play_id], by_arm, costs.get(play_id, (Cost(), Cost())), within) for play_id, by_arm in arms.items()]
    return sorted(found, key=lambda one: (-one.goal.treated.n - one.goal.held_out.n, one.play.name))


def _impact(play: Play, by_arm: Mapping[str, tuple[Any, ...]], costs: tuple[Cost, Cost], within: int) -> Impact:
    nothing = (0,) * 7
    treated, held = by_arm.get(Arm.TREATED, nothing), by_arm.get(Arm.HELD_OUT, nothing)
    lost = [Mean(figures[3], figures[5], figures[6]) for figures in (treated, held)]
    return Impact(
        play=play,
        running=treated[0] + held[0] - treated[1] - held[1],
        goal=experiments.effect(Counted(treated[1], treated[2]), Counted(held[1], held[2])),
        stayed=experiments.effect(Counted(treated[3], treated[3] - treated[4]), Counted(held[3], held[3] - held[4])),
        within=within,
        arr=difference(lost[0], lost[1]),
        treated=treated[3],
        cost=costs[0],
        counted_cost=costs[1],
    )


def _costs(asked: Mapping[str, Any]) -> dict[int, tuple[Cost, Cost]]:
    """By play what all its runs cost, and what those cost that are old enough to be counted."""
    money: dict[int, tuple[dict[str, Decimal], ...]] = defaultdict(lambda: ({}, {}))
    minutes: dict[int, tuple[int, ...]] = defaultdict(lambda: (0, 0))
    for play_id, kind, currency, *amounts in _rows(_COSTS, asked):
        if kind == "minutes":
            minutes[play_id] = tuple(map(int, amounts))
        else:
            for sums, amount in zip(money[play_id], amounts, strict=True):
                sums[currency] = Decimal(str(amount))
    return {key: (Cost(money[key][0], minutes[key][0]), Cost(money[key][1], minutes[key][1])) for key in {*money, *minutes}}


@dataclass(frozen=True)
class Whole:
    """All that the product does against nothing of it: the accounts that every play leaves alone."""

    since: datetime
    until: datetime
    share_percent: float
    stayed: Effect


def of_everything(user: User, *, now: datetime) -> Whole | None:
    """Who left since the draw, of those every play leaves alone and of all others; None where nobody is left alone."""
    holdout = experiments.holdout_at(GLOBAL_HOLDOUT, now)
    if holdout is None:
        return None
    figures = {held: (n, gone) for held, n, gone in _rows(_EVERYBODY, _asked(user, now) | {"holdout": holdout.pk})}
    arms = [Counted(n, n - gone) for n, gone in (figures.get(held, (0, 0)) for held in (False, True))]
    return Whole(holdout.starts_at, holdout.ends_at, float(holdout.share_percent), experiments.effect(*arms))


def runs(user: User, play: Play, *, arm: str, days: int, now: datetime) -> Any:
    """The runs behind a figure, newest first, in this person's book."""
    found = Enrolment.objects.for_user(user).filter(play=play, arm=arm, entered_at__gte=now - timedelta(days=days), entered_at__lte=now)
    return found.exclude(state=EnrolmentState.CANDIDATE).select_related("account", "account__owner", "version").order_by("-entered_at", "-id")


def _asked(user: User, now: datetime, since: datetime | None = None) -> dict[str, Any]:
    book = None if user.sees_everything else list(Account.objects.for_user(user).values_list("pk", flat=True))
    return {"book": book, "now": now, "since": since}


def _rows(sql: str, asked: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, dict(asked))
        return list(cursor.fetchall())
