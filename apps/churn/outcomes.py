"""What came of accounts after a day, in the sense of a definition: the labels that models learn from and that predictions are judged by."""

# ruff: noqa: S608 (the statements are put together from constants of this module)

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import connection

from .models import ChurnDefinition
from .types import DefinitionKind

# Contracts are often decided after their day: who is gone within a month of it did not renew.
GRACE = 30

_FAILED = (
    r"'(payment|card|charge|debit).{0,20}(fail|declin|refus|bounc|expir)|(fail|declin|refus|expir)\w* .{0,12}(payment|card)"
    r"|unpaid|non.?payment|dunning|involuntary'"
)
# Lost to a failed payment, not to a decision: it says so where the leaving was noted, or a bill was overdue on the day of leaving.
UNPAID = f"""(
    exists (
        select 1 from accounts_invoice i where i.account_id = a.id and i.state <> 'void' and i.due_on < a.churned_on
          and (i.paid_on is null or i.paid_on > a.churned_on)
    ) or exists (
        select 1 from accounts_arrmovement m where m.account_id = a.id and m.kind = 'churn' and m.reverses_id is null and m.reason ~* {_FAILED}
    ) or exists (
        select 1 from jsonb_each_text(a.traits) t where t.key ~* 'reason' and t.value ~* {_FAILED}
    )
)"""

# A renewal that is due in the window and was not decided before it: from the calendar, or for years in which nobody kept one, the return of the
# account's date, which is the same day for those who stayed and those who left.
DUE = """
    select r.account_id, r.due_on, r.state, r.decided_on from accounts_renewal r
    where r.due_on >= %(day)s::date and r.due_on < %(day)s::date + %(horizon)s and (r.decided_on is null or r.decided_on >= %(day)s::date)
    union all
    select n.id, n.due_on, null, null from (
        select a.id, %(day)s::date + ((a.renews_on - %(day)s::date) %% 365 + 365) %% 365 as due_on
        from accounts_account a where a.renews_on is not null
    ) n
    where n.due_on < %(day)s::date + %(horizon)s
      and not exists (select 1 from accounts_renewal r where r.account_id = n.id and r.due_on between n.due_on - 60 and n.due_on + 60)
"""

_LEFT = "select a.id from accounts_account a where a.churned_on >= %(day)s::date and a.churned_on < %(day)s::date + %(horizon)s"
_CAME = {
    DefinitionKind.CANCELLED: _LEFT,
    DefinitionKind.UNPAID: f"{_LEFT} and {UNPAID}",
    DefinitionKind.NOT_RENEWED: f"""
        select d.account_id from ({DUE}) d join accounts_account a on a.id = d.account_id
        where (d.state = 'churned' and d.decided_on < d.due_on + {GRACE}) or (a.churned_on >= %(day)s::date and a.churned_on < d.due_on + {GRACE})
    """,
    DefinitionKind.DOWNGRADED: """
        select f.account_id from (
            select m.account_id,
                coalesce(sum(m.amount) filter (where m.effective_on < %(day)s::date), 0) as arr,
                coalesce(sum(m.amount) filter (where m.effective_on >= %(day)s::date and m.kind = 'contraction'), 0) as fall
            from accounts_arrmovement m where m.effective_on < %(day)s::date + %(horizon)s group by m.account_id, m.currency
        ) f where f.arr > 0 and -f.fall * 100 >= f.arr * %(least)s
    """,
    DefinitionKind.INACTIVE: """
        select a.id from accounts_account a where not exists (
            select 1 from accounts_dailyrollup r where r.account_id = a.id and r.day >= %(day)s::date and r.day < %(day)s::date + %(silent)s
        )
    """,
}
_IN_QUESTION = {
    DefinitionKind.NOT_RENEWED: f"select d.account_id from ({DUE}) d",
    DefinitionKind.DOWNGRADED: """
        select m.account_id from accounts_arrmovement m where m.effective_on < %(day)s::date
        group by m.account_id, m.currency having sum(m.amount) > 0
    """,
}


def window(definition: ChurnDefinition) -> int:
    """Days after which it is known what came of a row."""
    if definition.kind == DefinitionKind.INACTIVE:
        return int(definition.inactive_days or 0)
    return definition.horizon_days + (GRACE if definition.kind == DefinitionKind.NOT_RENEWED else 0)


def parameters(definition: ChurnDefinition, day: date) -> dict[str, Any]:
    return {"day": day, "horizon": definition.horizon_days, "silent": definition.inactive_days or 0, "least": definition.least_percent or 0}


def came(definition: ChurnDefinition, *, day: date) -> set[int]:
    """Accounts to which it happened in the window that begins with `day`; for customers of that day only. One statement."""
    statement = _CAME[DefinitionKind(definition.kind)]
    if definition.leave_unpaid_apart:
        statement += f" and not {UNPAID}"
    return _ids(statement, parameters(definition, day))


def labels(definition: ChurnDefinition, *, day: date, ids: Sequence[int]) -> np.ndarray:
    """1.0 where it happened, by account in the given order."""
    found = came(definition, day=day)
    return np.array([key in found for key in ids], float)


def in_question(definition: ChurnDefinition, *, day: date) -> set[int] | None:
    """Whom the definition speaks of at a day; None for every customer."""
    statement = _IN_QUESTION.get(DefinitionKind(definition.kind))
    return None if statement is None else _ids(statement, parameters(definition, day))


def last_known(definition: ChurnDefinition, *, end: date) -> date:
    """The last day whose window is over at `end`."""
    return end - timedelta(days=window(definition))


def _ids(statement: str, given: dict[str, Any]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return {key for (key,) in cursor.fetchall()}
