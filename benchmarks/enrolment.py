"""100,000 enrolments that are due, planned and stepped, against the bare claim loop (claim and put off, one statement a batch) on rows alike.

`over_claim_loop` is of waits and branches, which are the engine's own work; what a message or a task costs is messaging's and the tasks' own.
"""

from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

from apps.accounts.models import Account
from apps.core.actor import Actor
from apps.interventions import services, steps
from apps.interventions.models import Enrolment, Play, StepRecord

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


def _fill(accounts: list[int], play: Play) -> None:
    rows = (
        Enrolment(
            play=play, version=play.current, account_id=account, arm="treated", due_at=NOW, entered_at=NOW, window_ends_at=NOW + timedelta(days=90)
        )
        for account in accounts
    )
    Enrolment.objects.bulk_create(rows, batch_size=5_000)


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
    named = (Account(external_id=f"enrolled-{number}", name=f"Customer {number}") for number in range(RUNS))
    accounts = [account.pk for account in Account.objects.bulk_create(named, batch_size=5_000)]
    plays = []
    for name in ("bare", "ours"):
        play = services.create_play(key=f"bench-{name}", name=f"Bench {name}", why="To measure it.", says=SAYS, actor=actor, now=NOW)
        plays.append(play)
    for play in plays:
        Play.objects.filter(pk=play.pk).update(state="live")
        play.refresh_from_db()
    figures = {}
    for name, play, work in zip(("bare", "ours"), plays, (_bare, _ours), strict=True):
        _fill(accounts, play)
        with connection.cursor() as cursor:
            cursor.execute("vacuum analyze interventions_enrolment")
        figures[name] = cost(work)
    assert StepRecord.objects.filter(enrolment__play=plays[1]).count() == RUNS
    return {
        "over_claim_loop": round(figures["ours"].cpu / figures["bare"].cpu, 1),
        "over_claim_loop_wall": round(figures["ours"].wall / figures["bare"].wall, 1),
        "steps_per_cpu_second": round(RUNS / figures["ours"].cpu),
        "bare_per_cpu_second": round(RUNS / figures["bare"].cpu),
    }
