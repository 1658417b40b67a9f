"""Who did what a statement tells of, among comparable accounts of which nobody refused to be counted."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from ..models import Statement
from ..types import STANDARD_CHOICES, Cohort, Deed, Surface

# Comparable customers, without those where anybody who is there now said no to being counted.
_PEOPLE = """
with comparable as (
    select a.id, a.started_on from accounts_account a where a.stage <> 'churned' and {cohort}
    and not exists (
        select 1 from accounts_contact p where p.account_id = a.id and p.departed_on is null and not coalesce((
            select s.allowed from community_sharingchoice s
            where s.contact_id = p.id and s.surface = 'proof' order by s.id desc limit 1), %(standard)s))
)
"""
# For the first days only those whose first days are over, so that nobody is told to be behind.
_DID = {
    Deed.FIRST_DAYS: """
select c.id, (select count(*) from accounts_dailyrollup r where r.account_id = c.id and r.name = %(activity)s
    and r.day >= c.started_on and r.day < c.started_on + %(days)s)::float from comparable c
where c.started_on is not null and c.started_on + %(days)s <= %(today)s
""",
    Deed.LATELY: """
select c.id, (select count(*) from accounts_dailyrollup r where r.account_id = c.id and r.name = %(activity)s and r.day > %(since)s)::float
from comparable c
""",
    Deed.SUM: """
select c.id, (select coalesce(sum(r.count), 0) from accounts_dailyrollup r where r.account_id = c.id and r.name = %(activity)s
    and r.day > %(since)s)::float from comparable c
""",
    Deed.MILESTONE: """
select c.id, (select count(*) from milestones_progress p where p.account_id = c.id and p.milestone_id = %(milestone)s
    and p.state = 'achieved')::float from comparable c
""",
}
_COHORTS = {Cohort.EVERYBODY: "true", Cohort.PLAN: "a.plan = %(value)s", Cohort.SEGMENT: "a.segment = %(value)s", Cohort.TIER: "a.tier = %(value)s"}


def who_did(statement: Statement, *, now: datetime) -> tuple[dict[int, float], int]:
    """(account -> what it brought, how many comparable ones did not); one statement."""
    deed = Deed(statement.deed)
    said: dict[str, Any] = {
        "standard": STANDARD_CHOICES[Surface.PROOF],
        "value": statement.cohort_value,
        "activity": statement.activity,
        "milestone": statement.milestone_id,
        "days": statement.days,
        "today": now.date(),
        "since": now.date() - timedelta(days=statement.days),
    }
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE.format(cohort=_COHORTS[Cohort(statement.cohort)]) + _DID[deed], said)
        rows = cursor.fetchall()
    did = {account: value if deed == Deed.SUM else 1.0 for account, value in rows if value > 0}
    return did, len(rows) - len(did)
