"""Who answers: how those who answered differ from those who did not, in the activity and the health of their accounts before they were asked."""

import math
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from ..models import Invitation
from .scoring import LEAST

DAYS = 28
_MOST = 20_000
_Z = 1.96

_SQL = """
with asked as (select id, account_id, asked_at, answered_at is not null as answered from campaigns_invitation where id in ({ids}))
select a.answered, count(*), avg(use.days)::float8, var_samp(use.days)::float8,
       count(was.score), avg(was.score)::float8, var_samp(was.score)::float8
from asked a
cross join lateral (
    select count(distinct r.day) as days from accounts_dailyrollup r
    where r.account_id = a.account_id and r.day >= (a.asked_at at time zone 'UTC')::date - {days} and r.day < (a.asked_at at time zone 'UTC')::date
) use
left join lateral (
    select h.score from health_healthscore h where h.account_id = a.account_id and h.as_of <= a.asked_at order by h.as_of desc, h.id desc limit 1
) was on true
group by a.answered
"""


@dataclass(frozen=True)
class Compared:
    """One measure of both groups: means, and the difference (answered minus not) with its 95 % interval."""

    what: str
    answered: float
    silent: float
    difference: float
    low: float
    high: float

    @property
    def differs(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Bias:
    """`words` says what follows for reading the score; `measures` what it stands on."""

    answered: int
    silent: int
    measures: tuple[Compared, ...]
    words: str


def of(invitations: QuerySet[Invitation]) -> Bias:
    """Of delivered invitations, the newest 20,000."""
    ids = invitations.order_by("-pk").values("pk")[:_MOST]
    inner, params = ids.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_SQL.format(ids=inner, days=DAYS), params)
        found = {answered: figures for answered, *figures in cursor.fetchall()}
    yes, no = found.get(True), found.get(False)
    counts = (yes[0] if yes else 0, no[0] if no else 0)
    if yes is None or no is None or min(counts) < LEAST:
        return Bias(
            *counts, (), f"Cannot tell yet who answers: it takes {LEAST} who did and {LEAST} who did not, there are {counts[0]} and {counts[1]}."
        )
    measures = [_compared("active days", yes[0:3], no[0:3]), _compared("health", yes[3:6], no[3:6])]
    return Bias(*counts, tuple(one for one in measures if one), _words([one for one in measures if one]))


def _compared(what: str, yes: list[Any], no: list[Any]) -> Compared | None:
    (n, mean, variance), (m, other, spread) = yes, no
    if min(n, m) < LEAST or None in (mean, other, variance, spread):
        return None
    half = _Z * math.sqrt(variance / n + spread / m)
    return Compared(what, mean, other, mean - other, mean - other - half, mean - other + half)


def _words(measures: list[Compared]) -> str:
    said = []
    for one in measures:
        if not one.differs:
            said.append(f"In {one.what} those who answered and those who did not are alike ({one.answered:.1f} and {one.silent:.1f}).")
            continue
        who = {"active days": ("more active", "less active"), "health": ("healthier", "less healthy")}[one.what][one.difference < 0]
        said.append(
            f"Those who answered are the {who} customers: {one.what} {one.answered:.1f} against {one.silent:.1f} "
            f"(difference {one.difference:+.1f}, {one.low:+.1f} to {one.high:+.1f}). Do not read the score as that of everybody."
        )
    return " ".join(said) or "Nothing is known of how those who answered differ from the others."
