"""A large backlog is worked off in turns: an event never stands behind all of it."""

import re

import pytest
from django.db import connection

from apps.core.jobs import nudge
from apps.health.models import AccountHealth
from tests import make
from tests.product import running, wait_for

MANY = 3_000
_DONE = re.compile(r"Task (health\.score_stale|events\.sweep|metrics\.tell)\S* succeeded")
_IMPORTED = """
with made as (
    insert into accounts_account (external_id, name, domain, plan, stage, time_zone, currency, arr, traits, synthetic, version)
    select 'turn-' || number, 'Customer ' || number, '', '', 'active', 'UTC', 'USD', 0, '{}', true, 1
    from generate_series(1, %s) as number returning id
)
insert into health_accounthealth (account_id, stale_since) select id, now() from made
"""


@pytest.mark.django_db(transaction=True)
def test_what_comes_while_a_backlog_is_worked_off_has_its_turn_between_two_of_its_own():
    make.meanings(**{"ticket.opened": "support"})
    with connection.cursor() as cursor:
        cursor.execute(_IMPORTED, [MANY])
    with running(web=False, worker=False) as product:
        nudge("health.score_stale")
        for _ in range(3):
            nudge("events.sweep")
        product.start_worker(concurrency=1)
        wait_for(lambda: not AccountHealth.objects.filter(stale_since__isnull=False).exists(), what="the backlog to be settled")
        done = _DONE.findall(product.said("worker"))
        first, last = done.index("health.score_stale"), len(done) - 1 - done[::-1].index("health.score_stale")
        assert done[first:last].count("health.score_stale") > 1
        assert done[first:last].count("events.sweep") == 3


@pytest.mark.django_db(transaction=True)
def test_what_nobody_waits_for_is_taken_last_though_it_was_sent_first():
    with running(web=False, worker=False) as product:
        nudge("metrics.tell")
        nudge("health.score_stale", patient=True)
        for _ in range(3):
            nudge("events.sweep")
        product.start_worker(concurrency=1)
        done = wait_for(lambda: len(found := _DONE.findall(product.said("worker"))) == 5 and found, what="all five")
        assert done[:3] == ["events.sweep"] * 3
