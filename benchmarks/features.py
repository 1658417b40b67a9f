"""Point-in-time features of every account by one statement, against a bare scan of the events; and what one more day costs, against all of it.

A hundred events per account over half a year: twenty-five days of four events, of eight names; four tickets, two answers to surveys, six invoices,
three people and three movements of ARR. `fresh_over_full` is the same statement before the tables of this story have any statistics, `alone_ms` the
row of one account, planned before. FEATURES_ACCOUNTS sets the size; 100000 makes ten million events and takes some minutes to fill.
"""

import os
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts import partitions, rollups
from apps.accounts.models import Account, Contact
from apps.churn import features

from .measure import cost

ACCOUNTS = int(os.environ.get("FEATURES_ACCOUNTS", "2000"))
NOW = datetime(2026, 3, 11, tzinfo=UTC)
DAYS = 180

# Days are drawn with a leaning of each account's own, so that some fade and some grow.
_EVENTS = """
insert into accounts_activityevent (account_id, source, message_id, name, at, received_at, value, properties)
select account, 'bench', '', 'kind.' || width_bucket(random(), array[.3, .5, .65, .75, .85, .92, .97]),
       %(now)s - make_interval(days => %(days)s - day, secs => -second - pause), %(now)s, 1, '{"plan": "pro", "screen": "/reports/7"}'
from (
    select a.id as account, floor(power(random(), exp(-a.leaning)) * %(days)s)::int as day, (random() * 80000)::int as second
    from (select id, (random() + random() + random() - 1.5) as leaning from accounts_account where external_id like 'features-%%') a,
         generate_series(1, 25)
) visits, unnest(array[0, 60, 300, 900]) pause
"""
_NAMES = """
insert into accounts_eventname (name, meaning)
select 'kind.' || n, (array['engagement', 'core', 'other', 'support', 'billing', 'engagement', 'core', 'payment'])[n + 1] from generate_series(0, 7) n
on conflict do nothing
"""
# The story beside the activity. Half of the tickets are solved, a sixth of the invoices is not paid.
_STORY = (
    """
insert into accounts_ticket (account_id, source, external_id, subject, priority, state, opened_at, answered_at, solved_at, version)
select id, 'bench', 't' || id || '-' || n, '', 'p' || 1 + (id + n) %% 4, case when n %% 2 = 0 then 'solved' else 'open' end, opened,
       opened + interval '5 hours', case when n %% 2 = 0 then opened + interval '2 days' end, 1
from (select id, n, %(now)s - make_interval(days => ((id * 7 + n * 40) %% 170 + 3)::int) as opened from accounts_account, generate_series(1, 4) n) e
""",
    """
insert into accounts_surveyresponse (account_id, source, external_id, kind, score, comment, topic, language, at, version)
select id, 'bench', 's' || id || '-' || n, 'nps', (id + n) %% 11, '', '', '', %(now)s - make_interval(days => ((id + n * 60) %% 170)::int), 1
from accounts_account, generate_series(1, 2) n
""",
    """
insert into accounts_invoice (account_id, external_id, number, state, amount, currency, issued_on, due_on, paid_on, version)
select id, 'i' || id || '-' || n, '', case when (id + n) %% 6 = 0 then 'open' else 'paid' end, 100, 'USD', due - 14, due,
       case when (id + n) %% 6 <> 0 then due end, 1
from (select id, n, %(now)s::date - n * 30 as due from accounts_account, generate_series(1, 6) n) each
""",
    """
insert into accounts_arrmovement (account_id, kind, amount, currency, effective_on, recorded_at, reason, source, actor, idem_key)
select id, 'expansion', 100, 'USD', %(now)s::date - n * 90, %(now)s - make_interval(days => n * 90), '', 'bench', 'bench', 'b' || id || '-' || n
from accounts_account, generate_series(1, 3) n
""",
)
_TOLD = ("accounts_ticket", "accounts_surveyresponse", "accounts_invoice", "accounts_arrmovement", "accounts_contact")
# What a day of events adds to the rollups, as the statement that stores events does it.
_ONE_DAY = """
insert into accounts_dailyrollup (account_id, day, name, count, value)
select account_id, (at at time zone 'UTC')::date, name, count(*), sum(value::numeric) from accounts_activityevent where at >= %(day)s and at < %(now)s
group by 1, 2, 3 order by 1, 2, 3
on conflict (account_id, day, name) do update
set count = accounts_dailyrollup.count + excluded.count, value = accounts_dailyrollup.value + excluded.value
"""


def _do(statement: str, **parameters: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []


def _fill() -> None:
    made = [Account(external_id=f"features-{n}", name=f"Features {n}", started_on=NOW.date() - timedelta(days=400)) for n in range(ACCOUNTS)]
    Account.objects.bulk_create(made, batch_size=5000)
    partitions.ensure(NOW.date() - timedelta(days=back) for back in range(DAYS + 1))
    _do("select setseed(0.5)")
    _do(_NAMES)
    _do(_EVENTS, now=NOW, days=DAYS)
    _do("vacuum analyze accounts_activityevent")
    _do("vacuum analyze accounts_account")
    for statement in _STORY:
        _do(statement, now=NOW)
    people = Account.objects.filter(external_id__startswith="features-").values_list("pk", flat=True)
    Contact.objects.bulk_create((Contact(account_id=key, external_id=f"{key}-{n}") for key in people for n in range(3)), batch_size=5000)


def _scan() -> None:
    _do("select count(*), max(at) from accounts_activityevent")


def run() -> dict[str, float]:
    _fill()
    rebuilt = cost(rollups.rebuild).cpu
    _do("vacuum analyze accounts_dailyrollup")
    day = NOW - timedelta(days=1)
    touched = [row[0] for row in _do("select distinct account_id from accounts_activityevent where at >= %(day)s and at < %(now)s", day=day, now=NOW)]

    def one_day() -> None:
        _do(_ONE_DAY, day=day, now=NOW)
        features.rows(as_of=NOW, account_ids=touched)

    with CaptureQueriesContext(connection) as queries:
        fresh = cost(lambda: features.rows(as_of=NOW)).cpu
    for table in _TOLD:
        _do(f"vacuum analyze {table}")
    rounds = [(cost(_scan).cpu, cost(lambda: features.rows(as_of=NOW)).cpu) for _ in range(3)]
    scan, full = (min(of) for of in zip(*rounds, strict=True))
    alone = min(cost(lambda: features.rows(as_of=NOW, account_ids=touched[:1])).cpu for _ in range(30))
    _do("delete from accounts_dailyrollup where day = %(day)s", day=day.date())
    increment = cost(one_day).cpu
    return {
        "full_over_scan": round(full / scan, 1),
        "day_over_full": round(increment / full, 3),
        "day_over_rebuild": round(increment / (rebuilt + full), 3),
        "fresh_over_full": round(fresh / full, 2),
        "alone_ms": round(alone * 1000, 1),
        "statements": len(queries),
        "accounts": ACCOUNTS,
        "events": ACCOUNTS * 100,
        "touched": len(touched),
        "full_cpu_ms": round(full * 1000),
        "scan_cpu_ms": round(scan * 1000),
    }
