"""Who recommended us to whom, as a graph of accounts: rings in it, and the generation of an advocate."""

from django.db import connection

# Longer rings than this are no agreement of people any more.
LONGEST = 8

# How many referrals lead from one account to another, the shortest way; refused ones lead nowhere.
_WAY = """
with recursive way(account_id, steps, passed) as (
    select %(start)s::bigint, 0, array[%(start)s::bigint]
    union all
    select r.friend_account_id, way.steps + 1, way.passed || r.friend_account_id
    from way join community_referral r on r.account_id = way.account_id
    where r.state <> 'refused' and r.friend_account_id is not null and r.id <> %(without)s
        and way.steps < %(longest)s and not r.friend_account_id = any(way.passed) and way.account_id <> %(goal)s
)
select min(steps) from way where account_id = %(goal)s and steps > 0
"""

# 0: nobody referred their account; 1: somebody of generation 0 did, by an approved referral of the program; and so on. The earliest referral counts.
GENERATIONS = """
with recursive brought as (
    select distinct on (friend_account_id) friend_account_id as account_id, account_id as by_account_id
    from community_referral where program_id = %(program)s and state = 'approved' and friend_account_id is not null
    order by friend_account_id, signed_up_at, id
), line(account_id, generation, passed) as (
    select distinct a.account_id, 0, array[a.account_id] from community_advocate a
    where a.program_id = %(program)s and not exists (select 1 from brought b where b.account_id = a.account_id)
    union all
    select b.account_id, line.generation + 1, line.passed || b.account_id
    from line join brought b on b.by_account_id = line.account_id
    where line.generation < 20 and not b.account_id = any(line.passed)
)
select account_id, min(generation) from line group by account_id
"""


def steps_between(start: int, goal: int, *, without: int = 0) -> int:
    """The referrals on the shortest way from one account to another, at most LONGEST; 0 where no way leads there."""
    with connection.cursor() as cursor:
        cursor.execute(_WAY, {"start": start, "goal": goal, "without": without, "longest": LONGEST})
        return int(cursor.fetchone()[0] or 0)


def generations(program_id: int) -> dict[int, int]:
    """By account: how many referrals of this program lead to it. Accounts inside a ring of which nobody came by themselves are left out."""
    with connection.cursor() as cursor:
        cursor.execute(GENERATIONS, {"program": program_id})
        return dict(cursor.fetchall())
