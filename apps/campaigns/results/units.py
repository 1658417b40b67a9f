"""The accounts of a campaign by assignment: what each was drawn for, and what it did in its window; one statement for all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from apps.accounts.models import Account, User
from apps.accounts.selectors import revenue
from apps.interventions.services import definition as plays

from ..models import Campaign, Occurrence
from .said import Said

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Who was left out before anything was drawn is on neither side. Who was drawn stays on their side, whatever became of their messages: also those that
# were skipped, cancelled or came back. The clock of both sides begins when that time was due, or frozen if that was sooner.
_UNITS = """
with assigned as (
    select r.occurrence_id, r.account_id, bool_or(r.state = 'held_out') as held, max(r.variant) as variant, max(r.weights) as weights
    from campaigns_recipient r
    where r.occurrence_id = any(%(occurrences)s) and r.state <> 'excluded' and (%(book)s::bigint[] is null or r.account_id = any(%(book)s))
    group by r.occurrence_id, r.account_id
), units as (
    select a.*, least(o.frozen_at, o.due_at) as at, least(o.frozen_at, o.due_at) + %(window)s as until, o.version_id
    from assigned a join campaigns_occurrence o on o.id = a.occurrence_id
)
select u.occurrence_id, u.version_id, u.account_id, u.held, u.variant, u.weights, u.at, goal.at, c.churned_on, c.started_on,
       coalesce(m.before, 0)::float, coalesce(m.change, 0)::float, coalesce(m.unknown, false), coalesce(d.acts, 0)::float, c.segment
from units u
join accounts_account c on c.id = u.account_id
left join lateral (
    select sum(m.amount * r.rate) filter (where m.effective_on < u.at::date) as before,
           sum(m.amount * r.rate) filter (where m.effective_on >= u.at::date and m.effective_on <= least(u.until, %(now)s)::date) as change,
           bool_or(r.rate is null and m.effective_on >= u.at::date and m.effective_on <= u.until::date) as unknown
    from accounts_arrmovement m
    left join unnest(%(currencies)s::text[], %(rates)s::numeric[]) as r(currency, rate) on r.currency = m.currency
    where m.account_id = u.account_id and m.recorded_at <= %(now)s
) m on true
left join lateral (
    select sum(d.count) as acts from accounts_dailyrollup d where d.account_id = u.account_id and d.day >= u.at::date - 28 and d.day < u.at::date
) d on true
left join lateral ({goal}) goal on true
order by u.at, u.occurrence_id, u.account_id
"""
_DOES = """
    select v.at from accounts_activityevent v
    where v.account_id = u.account_id and v.name = %(name)s and v.at > u.at and v.at <= least(u.until, %(now)s)
    order by v.at offset %(times)s - 1 limit 1
"""
# Back at the share of the own pattern in the last week of the window; a recovered week has at least one event.
_RECOVERS = """
    select u.until as at where u.until <= %(now)s and (
        select count(*) from accounts_activityevent v where v.account_id = u.account_id and v.at > u.until - interval '7 days' and v.at <= u.until
    ) >= greatest(1, %(percent)s / 100.0 / 8 * (
        select count(*) from accounts_activityevent v where v.account_id = u.account_id and v.at > u.at - interval '56 days' and v.at <= u.at
    ))
"""
_BECOMES = """
    select g.at from campaigns_goalreached g
    where g.occurrence_id = u.occurrence_id and g.account_id = u.account_id and g.at <= least(u.until, %(now)s)
"""
_STAYED = "select u.until as at where u.until <= %(now)s and (c.churned_on is null or c.churned_on > u.until::date)"


@dataclass(frozen=True)
class Unit:
    """One account of one occurrence."""

    occurrence: int
    version: int
    account: int
    held: bool
    variant: str
    weights: int
    at: datetime
    reached_at: datetime | None
    churned_on: date | None
    started_on: date | None
    arr_before: float
    arr_change: float
    rate_unknown: bool
    acts_before: float
    segment: str


class Units:
    """Many of them, as columns. `over`: their window is; `reached`, `stayed`: within it."""

    def __init__(self, rows: Iterable[Unit], *, window: timedelta, now: datetime) -> None:
        self.rows, self.window, self.now = list(rows), window, now

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def held(self) -> Flags:
        return np.array([row.held for row in self.rows], dtype=bool)

    @cached_property
    def over(self) -> Flags:
        return np.array([row.at + self.window <= self.now for row in self.rows], dtype=bool)

    @cached_property
    def reached(self) -> Flags:
        return np.array([row.reached_at is not None for row in self.rows], dtype=bool)

    @cached_property
    def stayed(self) -> Flags:
        return np.array(
            [row.churned_on is None or not row.at.date() <= row.churned_on <= (row.at + self.window).date() for row in self.rows], dtype=bool
        )

    @cached_property
    def change(self) -> Numbers:
        return np.array([row.arr_change for row in self.rows], dtype=np.float64)

    @cached_property
    def known(self) -> Flags:
        """Whose movements all have a rate."""
        return np.array([not row.rate_unknown for row in self.rows], dtype=bool)

    @cached_property
    def before(self) -> Numbers:
        """What was known of each before: yearly revenue, and activity of four weeks on a log scale."""
        told = [(row.arr_before, np.log1p(row.acts_before)) for row in self.rows]
        return np.array(told, dtype=np.float64).reshape(len(self.rows), 2)

    def only(self, chosen: Flags) -> "Units":
        return Units((row for row, yes in zip(self.rows, chosen, strict=True) if yes), window=self.window, now=self.now)

    def first_of_each(self) -> "Units":
        """Every account once, at the first time it was in: whoever is held out stays so, and a second time is no second customer."""
        seen: set[int] = set()
        return Units((row for row in self.rows if not (row.account in seen or seen.add(row.account))), window=self.window, now=self.now)  # type: ignore[func-returns-value]


def of_campaign(campaign: Campaign, says: Said, *, now: datetime, user: User | None = None) -> Units:
    """All units of all occurrences that were frozen by `now`, oldest first."""
    occurrences = list(Occurrence.objects.filter(campaign=campaign, frozen_at__lte=now).values_list("pk", flat=True))
    window = timedelta(days=says.window_days)
    if not occurrences:
        return Units([], window=window, now=now)
    rates = revenue.rates_on(now.date(), known_at=now)
    asked: dict[str, Any] = {"occurrences": occurrences, "book": book_of(user), "window": window, "now": now}
    asked |= {"currencies": list(rates), "rates": list(rates.values())}
    goal = _STAYED
    if isinstance(says.goal, plays.Does):
        goal, asked = _DOES, asked | {"name": says.goal.name, "times": says.goal.times}
    elif isinstance(says.goal, plays.Recovers):
        goal, asked = _RECOVERS, asked | {"percent": says.goal.percent}
    elif says.goal is not None:
        goal = _BECOMES
    with connection.cursor() as cursor:
        cursor.execute(_UNITS.replace("{goal}", goal), asked)
        return Units((Unit(*row) for row in cursor.fetchall()), window=window, now=now)


def book_of(user: User | None) -> list[int] | None:
    """The accounts that count; None: all."""
    return None if user is None or user.sees_everything else list(Account.objects.for_user(user).values_list("pk", flat=True))
