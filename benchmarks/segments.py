"""Segments kept up from change to change, against a look at everybody by the same rules: what a change of 1 % of the accounts costs.

SEGMENTS_ACCOUNTS sets the size (100000 for the figure in the docs).
"""

import os
from datetime import UTC, datetime, timedelta

from django.db import connection

from apps.accounts.models import Account
from apps.campaigns import services
from apps.campaigns.models import Membership, Segment
from apps.core.actor import Actor
from apps.events.models import Event
from apps.health.models import AccountHealth

from .measure import bare, cost

ACCOUNTS = int(os.environ.get("SEGMENTS_ACCOUNTS", "10000"))
DAYS = 60
NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
ACTOR = Actor.job("bench")
Kind = services.segments.Kind
RULES = {
    "there": {"kind": "field", "name": "stage", "op": "is_not", "value": "churned"},
    "large": {"all": [{"kind": "in", "segment": "there"}, {"kind": "field", "name": "arr", "op": "at_least", "value": 60_000}]},
    "busy": {"kind": "did", "name": "act.1", "times": 12, "within_days": 28},
    "silent": {"all": [{"kind": "in", "segment": "there"}, {"kind": "last", "name": "act.2", "op": "at_least", "days": 5}]},
    "poor": {"all": [{"kind": "health", "op": "under", "value": 40}, {"none": [{"kind": "in", "segment": "large"}]}]},
    "grows": {"all": [{"kind": "field", "name": "seats_used_percent", "op": "at_least", "value": 80}, {"kind": "health", "op": "over", "value": 70}]},
    "core": {
        "any": [{"kind": "did", "name": "act.3", "op": "over", "times": 40}, {"kind": "did", "meaning": "core", "times": 20, "within_days": 14}]
    },
    "lot": {"all": [{"kind": "bucket", "salt": "lot", "to": 20}, {"kind": "field", "name": "age_days", "op": "over", "value": 90}]},
}

_ROLLUPS = """
insert into accounts_dailyrollup (account_id, day, name, count, value)
select a.id, %(today)s::date - d, 'act.' || n, 1 + (a.seats * 3 + d + n) %% 3, 1
from accounts_account a, generate_series(1, %(days)s) d, generate_series(0, 5) n
where a.external_id like 'seg-%%' and (a.seats * 31 + d * 17 + n * 13) %% 11 < 1 + (a.seats + n) %% 3
"""
_HEALTH = """
insert into health_accounthealth (account_id, score, band, coverage, parts)
select id, (seats * 37) % 100, case when (seats * 37) % 100 < 40 then 'poor' when (seats * 37) % 100 < 70 then 'fair' else 'good' end, 100, '[]'
from accounts_account where external_id like 'seg-%'
"""


def _fill_world() -> None:
    start = NOW.date() - timedelta(days=400)
    Account.objects.bulk_create(
        [
            Account(
                external_id=f"seg-{number}",
                name=f"Seg {number}",
                seats=number + 1,
                seats_used=number * 7 % (number + 1),
                arr=number * 97 % 100_000,
                started_on=start + timedelta(days=number % 395),
            )
            for number in range(ACCOUNTS)
        ],
        batch_size=5_000,
    )
    with connection.cursor() as cursor:
        cursor.execute("insert into accounts_eventname (name, meaning) values ('act.4', 'core'), ('act.5', 'core')")
    with bare("accounts_dailyrollup"), connection.cursor() as cursor:
        cursor.execute(_ROLLUPS, {"today": NOW.date(), "days": DAYS})
    with connection.cursor() as cursor:
        cursor.execute(_HEALTH)
        for table in ("accounts_account", "health_accounthealth"):
            cursor.execute(f"vacuum analyze {table}")


def _first_looks() -> None:
    while services.segments.fill(now=NOW, actor=ACTOR):
        pass


def _settle(now: datetime) -> None:
    while services.segments.refresh(now=now, actor=ACTOR):
        pass


def run() -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")
    _fill_world()
    for key, rule in RULES.items():
        made = services.segments.create(key=key, name=key, rule=rule, actor=ACTOR, now=NOW)
        services.segments.go_live(made, actor=ACTOR, now=NOW)
    first = cost(_first_looks)
    _settle(NOW)
    with connection.cursor() as cursor:
        for table in ("campaigns_membership", "campaigns_segmentmark", "campaigns_segmentwake"):
            cursor.execute(f"vacuum analyze {table}")
    differing: list[int] = []
    full = [cost(lambda: differing.append(services.segments.rebuild(now=NOW, actor=ACTOR))) for _ in range(2)]
    assert differing == [0, 0], f"{differing} accounts differ although nothing happened"

    touched = list(Account.objects.filter(external_id__startswith="seg-").order_by("seats").values_list("pk", flat=True)[::97][: ACCOUNTS // 100])
    later = NOW + timedelta(minutes=1)
    AccountHealth.objects.filter(account__in=touched).update(score=10, band="poor")
    by_health = cost(lambda: (services.segments.mark(touched, kinds=Kind.HEALTH, now=later), _settle(later)))
    told = Event.objects.filter(type__in=("segment.entered", "segment.left")).count()

    later += timedelta(minutes=1)
    Account.objects.filter(pk__in=touched).update(arr=99_000, seats_used=1)
    by_everything = cost(lambda: (services.segments.mark(touched, kinds=services.segments.EVERYTHING, now=later), _settle(later)))
    assert services.segments.rebuild(now=later, actor=ACTOR) == 0

    midnight = (NOW + timedelta(days=1)).replace(hour=0)
    woken: list[int] = []

    def wake() -> None:
        while done := services.segments.wake(now=midnight, actor=ACTOR):
            woken.append(done)

    by_time = cost(wake)
    assert services.segments.rebuild(now=midnight, actor=ACTOR) == 0
    whole = min(one.cpu for one in full)
    return {
        "change_over_full": round(by_everything.cpu / whole, 3),
        "change_of_one_kind_over_full": round(by_health.cpu / whole, 3),
        "full_cpu_ms": round(whole * 1000),
        "change_cpu_ms": round(by_everything.cpu * 1000),
        "first_look_cpu_ms": round(first.cpu * 1000),
        "accounts": ACCOUNTS,
        "segments": len(RULES),
        "members": sum(Segment.objects.values_list("size", flat=True)),
        "stays": Membership.objects.count(),
        "touched_accounts": len(touched),
        "told": told,
        "woken_at_midnight": sum(woken),
        "wake_us_per_account": round(by_time.cpu / max(1, sum(woken)) * 1e6),
        "differ_when_nothing_happened": differing[0],
    }
