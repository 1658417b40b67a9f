"""What success managers and customers said in the demo company's last half year: pulses, calls, survey answers; and which companies belong together.

Derived from the stored activity by one statement each: a feeling follows how the account's use goes against its own level, with noise that follows
from the row's own numbers. One manager in nine feels the opposite, as some do.
"""

from datetime import datetime

from django.db import connection

# Every sixth week of the last half year, on a weekday that differs between accounts.
_MOODS = """
create temporary table demo_moods on commit drop as
select a.id, a.owner_id, k, m.at, ln((coalesce(u.lately, 0) + 3.0) / (coalesce(u.before, 0) / 3.0 + 3.0)) as mood,
       abs(hashint8(a.id * 31 + k)) %% 1000 / 1000.0 as dice
from accounts_account a
cross join generate_series(0, 4) k
cross join lateral (select %(now)s::timestamptz - make_interval(days => k * 42 + (a.id * 11 %% 40)::int, hours => (a.id %% 7)::int) as at) m
cross join lateral (
    select sum(count) filter (where day > m.at::date - 28) as lately, sum(count) filter (where day <= m.at::date - 28) as before
    from accounts_dailyrollup r where r.account_id = a.id and r.day > m.at::date - 112 and r.day <= m.at::date
) u
where a.synthetic and a.started_on < m.at::date - 30 and (a.churned_on is null or a.churned_on > m.at::date)
"""
_PULSES = """
insert into accounts_pulse (account_id, author_id, value, reason, at)
select id, owner_id,
       greatest(5, least(95, round(case when id %% 9 = 4 then 80 - 45 * mood else 66 + 45 * mood end + 24 * (dice - 0.5)))),
       case when mood < -0.5 then 'Quieter than I like.' when mood > 0.2 then 'They are growing into it.' else '' end, at
from demo_moods where dice < 0.8
"""
_CALLS = """
insert into accounts_note (account_id, author_id, kind, body, at, created_at)
select id, owner_id, case when dice < 0.5 then 'call' else 'meeting' end,
       (array['Went through the last month together.', 'They asked for reminders in two languages.', 'Renewal came up; they want to see usage first.',
              'Their new colleague needs a training.', 'All fine, a short call.'])[1 + (id + k)::int %% 5],
       at - interval '3 hours', at - interval '2 hours'
from demo_moods where dice < 0.65
"""
_ANSWERS = """
insert into accounts_surveyresponse (account_id, contact_id, source, external_id, kind, score, comment, topic, language, at)
select m.id, c.id, 'demo', 'nps-' || m.id || '-' || m.k, 'nps', greatest(0, least(10, round(7.6 + 3 * m.mood + 5 * (m.dice - 0.5)))),
       case when m.mood < -0.6 then 'We use it less than we planned.' when m.mood > 0.3 then 'Saves us an hour a day.' else '' end, '', 'en',
       m.at - interval '1 day'
from demo_moods m cross join lateral (
    select id from accounts_contact where account_id = m.id and departed_on is null order by id limit 1
) c
where m.dice between 0.25 and 0.75 and m.k %% 2 = 0
"""
# The three largest present customers each own four of the next in size.
_FAMILIES = """
with ranked as (
    select id, row_number() over (order by arr desc, id) as place from accounts_account where synthetic and churned_on is null
)
update accounts_account a set parent_id = p.id
from ranked c join ranked p on p.place = 1 + (c.place - 4) %% 3 where c.place between 4 and 15 and a.id = c.id
"""


def write(*, now: datetime) -> dict[str, int]:
    """Call it after the activity is stored, in the same transaction; returns how many rows of each kind."""
    counts = {}
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists pg_temp.demo_moods")
        cursor.execute(_MOODS, {"now": now})
        for kind, statement in (("pulses", _PULSES), ("calls", _CALLS), ("answers", _ANSWERS), ("daughters", _FAMILIES)):
            cursor.execute(statement.replace("%%", "%"))
            counts[kind] = cursor.rowcount
    return counts
