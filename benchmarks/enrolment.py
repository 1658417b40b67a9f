"""100,000 enrolments that are due, planned and stepped, against the bare claim loop (claim and put off, one statement a batch) on rows alike.

`over_claim_loop` is of waits, which are nothing but the engine's own work; what a message or a task costs is messaging's and the tasks' own.
"""

from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from apps.core.actor import Actor
from apps.interventions import services, steps
from apps.interventions.models import Play, StepRecord

from .measure import cost

RUNS = 100_000
BATCH = steps.BATCH
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
SAYS = {
    "trigger": {"kind": "manual"},
    "steps": [
        {"kind": "wait", "minutes": 60},
        {"kind": "wait_for", "event": "reply", "minutes": 600},
        {"kind": "watch"},
    ],
    "holdout_percent": 0,
    "goal": {"window_days": 90},
}

_BARE = """
with mine as (
    select id from interventions_enrolment where state = 'waiting' and not paused and due_at <= %(now)s
    order by due_at, id limit %(batch)s for update skip locked
)
update interventions_enrolment e set due_at = %(later)s, position = position + 1 from mine where e.id = mine.id returning e.id
"""


_ACCOUNTS = """
insert into accounts_account (external_id, name, parent_id, domain, plan, stage, time_zone, currency, arr, traits, synthetic, version)
select 'enrolled-' || number, 'Customer ' || number, null, '', '', 'active', 'UTC', 'USD', 0, '{}', true, 1
from generate_series(1, %s) as number returning id
"""
_FILL = """
insert into interventions_enrolment (play_id, version_id, account_id, arm, trigger_key, exclusive, paused, position, state, due_at, waits_for,
    entered_at, window_ends_at, baseline, exit_reason)
select %(play)s, %(version)s, id, 'treated', '', true, false, 0, 'waiting', %(now)s, '', %(now)s, %(window)s, 0, ''
from accounts_account where external_id like 'enrolled-%%'
"""


def _fill(play: Play) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"play": play.pk, "version": play.current_id, "now": NOW, "window": NOW + timedelta(days=90)})
        cursor.execute("vacuum analyze interventions_enrolment")


def _bare() -> None:
    with connection.cursor() as cursor:
        while True:
            with transaction.atomic():
                cursor.execute(_BARE, {"now": NOW, "batch": BATCH, "later": NOW + timedelta(hours=1)})
                if not cursor.fetchall():
                    return


def _ours() -> None:
    while steps.advance(now=NOW):
        pass


def run() -> dict[str, float]:
    actor = Actor.job("benchmarks")
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNTS, [RUNS])
    plays = []
    for name in ("bare", "ours"):
        play = services.create_play(key=f"bench-{name}", name=f"Bench {name}", why="To measure it.", says=SAYS, actor=actor, now=NOW)
        plays.append(play)
    for play in plays:
        Play.objects.filter(pk=play.pk).update(state="live")
        play.refresh_from_db()
    figures = {}
    for name, play, work in zip(("bare", "ours"), plays, (_bare, _ours), strict=True):
        _fill(play)
        figures[name] = cost(work)
    assert StepRecord.objects.filter(enrolment__play=plays[1]).count() == RUNS
    with connection.cursor() as cursor:
        # Their windows are over on today's clock: a product that the next benchmark starts would have 200,000 runs to judge.
        cursor.execute("truncate interventions_enrolment cascade")
    return {
        "over_claim_loop": round(figures["ours"].cpu / figures["bare"].cpu, 1),
        "over_claim_loop_wall": round(figures["ours"].wall / figures["bare"].wall, 1),
        "steps_per_cpu_second": round(RUNS / figures["ours"].cpu),
        "bare_per_cpu_second": round(RUNS / figures["bare"].cpu),
    }
