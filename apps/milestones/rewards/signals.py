"""Signs of gaming, each with its reason in words. They decide nothing: a claim that shows one waits for a person. Thresholds: docs/rewards.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from ..types import Signal

_LOOK_BACK = timedelta(days=7)
# More claims than this within an hour are not made by a team at work.
MOST_PER_HOUR = 12
# So many acts of a day with nearly the same distance between them are a program's.
LEAST_ACTS = 10
_CLOCKWORK_SHARE, _CLOCKWORK_SECONDS = 0.8, 2.0
LEAST_CLAIMS, _ONE_PERSON_SHARE = 20, 0.9
LEAST_DECIDED, _REVERSED_SHARE = 5, 0.2
MOMENTS = timedelta(seconds=60)
# What a person has looked at and let through is not asked again for so long.
CLEARED_FOR = timedelta(days=30)

_FACTS = """
with mine as (
    select created_at, contact_id, state from milestones_rewardclaim
    where account_id = %(account)s and created_at > %(since)s and created_at <= %(now)s
)
select count(*) filter (where created_at > %(hour)s), count(*), count(distinct contact_id),
    coalesce((select count(*) from mine where contact_id is not null group by contact_id order by 1 desc limit 1), 0),
    (select count(*) from milestones_rewardclaim where account_id = %(account)s and state in ('granted', 'reversed')),
    (select count(*) from milestones_rewardclaim where account_id = %(account)s and state = 'reversed'),
    (select count(*) from accounts_contact where account_id = %(account)s and departed_on is null)
from mine
"""
_TIMES = """
select extract(epoch from at)::float from accounts_activityevent
where account_id = %(account)s and name = %(name)s and at > %(since)s and at <= %(at)s order by at desc limit 60
"""
_CLEARED = """
select distinct reason ->> 'signal' from milestones_rewardclaim c cross join jsonb_array_elements(c.reasons) reason
where c.account_id = %(account)s and c.state = 'granted' and c.decided_by <> '' and c.decided_at > %(since)s
"""


@dataclass(frozen=True)
class Facts:
    """What is known of an account's claims. Times are seconds, newest first."""

    last_hour: int = 0
    last_week: int = 0
    people: int = 0
    by_one: int = 0
    decided: int = 0
    reversed: int = 0
    times: Sequence[float] = ()
    took: timedelta | None = None


@dataclass(frozen=True)
class Sign:
    signal: str
    words: str

    def as_json(self) -> dict[str, str]:
        return {"signal": str(self.signal), "words": self.words}


def signs(facts: Facts) -> list[Sign]:
    """Everything about these facts that a person should look at; empty for most."""
    found = []
    if facts.last_hour >= MOST_PER_HOUR:
        found.append(Sign(Signal.VELOCITY, f"{facts.last_hour} claims within an hour; a team at work makes fewer than {MOST_PER_HOUR}."))
    if (alike := _alike(facts.times)) is not None:
        found.append(
            Sign(
                Signal.CLOCKWORK,
                f"{alike[0]} of {alike[1]} acts came {alike[2]:.0f} s after the one before, give or take {_CLOCKWORK_SECONDS:.0f} s.",
            )
        )
    if facts.last_week >= LEAST_CLAIMS and facts.people > 2 and facts.by_one >= _ONE_PERSON_SHARE * facts.last_week:
        found.append(Sign(Signal.ONE_PERSON, f"One of {facts.people} people made {facts.by_one} of {facts.last_week} claims of a week."))
    if facts.decided >= LEAST_DECIDED and facts.reversed > _REVERSED_SHARE * facts.decided:
        found.append(Sign(Signal.REVERSALS, f"{facts.reversed} of {facts.decided} earlier grants were taken back."))
    if facts.took is not None and facts.took < MOMENTS:
        found.append(Sign(Signal.TOO_FAST, f"Reached {facts.took.total_seconds():.0f} s after it opened."))
    return found


def _alike(times: Sequence[float]) -> tuple[int, int, float] | None:
    """(alike, all, seconds) where most distances between acts are the same within two seconds."""
    if len(times) < LEAST_ACTS:
        return None
    gaps = [abs(later - earlier) for later, earlier in zip(times, times[1:], strict=False)]
    middle = sorted(gaps)[len(gaps) // 2]
    # Acts within the same moment are one click that tells of several things.
    if middle < 1:
        return None
    alike = sum(abs(gap - middle) <= _CLOCKWORK_SECONDS for gap in gaps)
    return (alike, len(gaps), middle) if alike >= _CLOCKWORK_SHARE * len(gaps) else None


def facts_of(account_id: int, *, at: datetime, now: datetime, activity: str = "", took: timedelta | None = None) -> Facts:
    """Three short statements over one account."""
    said: dict[str, Any] = {"account": account_id, "since": now - _LOOK_BACK, "hour": now - timedelta(hours=1), "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, said)
        last_hour, last_week, _, by_one, decided, taken_back, people = cursor.fetchone()
        times: list[float] = []
        if activity:
            cursor.execute(_TIMES, {"account": account_id, "name": activity, "since": at - timedelta(days=1), "at": at})
            times = [row[0] for row in cursor.fetchall()]
    return Facts(last_hour, last_week, people, by_one, decided, taken_back, times, took)


def cleared(account_id: int, *, now: datetime) -> set[str]:
    """Signals that a person looked at lately for this account and let through."""
    with connection.cursor() as cursor:
        cursor.execute(_CLEARED, {"account": account_id, "since": now - CLEARED_FOR})
        return {row[0] for row in cursor.fetchall()}
