"""How many customers already left in the sense of a definition, told before anything is trained. Never writes."""

# ruff: noqa: S608 (the statements are put together from constants of this module)

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from . import features
from .dataset import LEAST_ACCOUNTS, LEAST_DATES, LEAST_LEAVERS, record, snapshot_dates
from .models import ChurnDefinition
from .outcomes import DUE, GRACE, UNPAID, parameters, window
from .types import DefinitionKind

YEAR = 365

_LEFT = "select a.id from accounts_account a where a.churned_on >= %(since)s::date and a.churned_on < %(cut)s::date"
_HERE = "select a.id from accounts_account a where a.churned_on is null and a.stage <> 'churned'"
_BEFORE = "select a.id from accounts_account a where a.churned_on >= %(since)s::date or (a.churned_on is null and a.stage <> 'churned')"
_DUE_THEN = f"""
    select d.account_id from ({DUE.replace("%(day)s", "%(since)s").replace("%(horizon)s", "%(year)s")}) d
    join accounts_account a on a.id = d.account_id
    where (a.churned_on >= %(since)s::date or (a.churned_on is null and a.stage <> 'churned'))
"""
# Accounts to which it happened in the year; of whom; and who stands before it now.
_SIDES = {
    DefinitionKind.CANCELLED: (_LEFT, _BEFORE, _HERE),
    DefinitionKind.UNPAID: (f"{_LEFT} and {UNPAID}", _BEFORE, _HERE),
    DefinitionKind.NOT_RENEWED: (
        f"""
        {_DUE_THEN} and ((d.state = 'churned' and d.decided_on < %(cut)s::date)
           or (a.churned_on >= %(since)s::date and a.churned_on < least(d.due_on + {GRACE}, %(cut)s::date)))
        """,
        _DUE_THEN,
        f"select d.account_id from ({DUE}) d join ({_HERE}) h on h.id = d.account_id",
    ),
    DefinitionKind.DOWNGRADED: (
        """
        select m.account_id from (
            select account_id, kind, effective_on, amount,
                sum(amount) over (partition by account_id, currency order by effective_on, id rows between unbounded preceding and 1 preceding) as arr
            from accounts_arrmovement where effective_on < %(cut)s::date
        ) m where m.kind = 'contraction' and m.amount < 0 and m.effective_on >= %(since)s::date and -m.amount * 100 >= m.arr * %(least)s
        """,
        "select m.account_id from accounts_arrmovement m where m.effective_on < %(cut)s::date and m.amount > 0",
        """
        select m.account_id from accounts_arrmovement m where m.effective_on < %(cut)s::date
        group by m.account_id, m.currency having sum(m.amount) > 0
        """,
    ),
    DefinitionKind.INACTIVE: (
        """
        select account_id from accounts_dailyrollup where day < %(cut)s::date group by account_id
        having max(day) >= %(since)s::date - %(silent)s and max(day) < %(cut)s::date - %(silent)s
        """,
        "select account_id from accounts_dailyrollup where day >= %(since)s::date - %(silent)s and day < %(cut)s::date",
        f"""
        select r.account_id from accounts_dailyrollup r join ({_HERE}) h on h.id = r.account_id
        where r.day >= %(since)s::date and r.day < %(cut)s::date
        """,
    ),
    DefinitionKind.SNAPSHOT: (
        "select a.id from accounts_account a where a.stage = 'churned'",
        "select a.id from accounts_account a",
        "select a.id from accounts_account a where a.stage <> 'churned'",
    ),
}


@dataclass(frozen=True)
class Counts:
    """What there is to learn from. `left` of `customers` in the last year (for a column: ever), `population` who stands before it now, `dates` past
    dates of which it is known what came."""

    meaning: str
    left: int
    customers: int
    population: int
    dates: int
    dated: bool

    @property
    def enough(self) -> bool:
        return self.left >= LEAST_LEAVERS and self.customers >= LEAST_ACCOUNTS and (not self.dated or self.dates >= LEAST_DATES)

    @property
    def words(self) -> str:
        when = " in the last 12 months" if self.dated else ""
        needs = f"{LEAST_LEAVERS} of {LEAST_ACCOUNTS} are needed for a model"
        if self.dated and self.dates < LEAST_DATES:
            needs += f", and {LEAST_DATES} past dates whose outcome is known (there are {self.dates})"
        return f"{self.left} of {self.customers} customers left{when} by this meaning; {needs}. It now speaks of {self.population}."


def counts(definition: ChurnDefinition, *, now: datetime) -> Counts:
    """Count it live; two statements, whatever the number of accounts."""
    cut = features.moment(now)["cut"]
    left, customers, population = _SIDES[DefinitionKind(definition.kind)]
    if definition.leave_unpaid_apart:
        left += f" and not {UNPAID}"
    given = parameters(definition, cut) | {"cut": cut, "since": cut - timedelta(days=YEAR), "year": YEAR}
    with connection.cursor() as cursor:
        cursor.execute(
            f"select (select count(distinct l.id) from ({left}) l (id)), (select count(distinct c.id) from ({customers}) c (id)),"
            f" (select count(distinct p.id) from ({population}) p (id))",
            given,
        )
        gone, of, now_there = cursor.fetchone()
    dated = definition.kind != DefinitionKind.SNAPSHOT
    first, end = record(cut) if dated else (None, None)
    dates = snapshot_dates(first, end, window(definition)) if first and end else []
    return Counts(definition.in_words, gone, of, now_there, len(dates), dated)
