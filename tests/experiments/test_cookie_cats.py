"""A real test of 90,189 players through the product's own read-out: a gate at level 40 instead of 30, and who came back on the seventh day."""

import csv
import gzip
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from apps.core.actor import Actor
from apps.experiments import selectors, services
from apps.experiments.types import Verdict
from tests import make

pytestmark = pytest.mark.django_db
ACTOR = Actor.job("test")
# Their lot was drawn elsewhere; here it is only written down.
_LOTS = """
with player as (select * from unnest(%(who)s::text[], %(which)s::text[], %(came_back)s::boolean[]) as player (who, variant, came_back)
), account as (
    insert into accounts_account (external_id, name, plan, domain, stage, time_zone, currency, arr, traits, synthetic, version)
    select who, 'Player ' || who, '', '', 'active', 'UTC', 'USD', 0, '{}', true, 1 from player returning id, external_id
), lot as (select id, variant, came_back from account join player on who = external_id
), assigned as (
    insert into experiments_assignment (experiment_id, account_id, variant, bucket, at) select %(experiment)s, id, variant, 0, %(now)s from lot
), exposed as (
    insert into experiments_exposure (experiment_id, account_id, at) select %(experiment)s, id, %(now)s from lot
)
insert into experiments_outcomerow (experiment_id, account_id, metric, value, at, key)
select %(experiment)s, id, 'came_back', 1, %(now)s::timestamptz + interval '7 days', id::text from lot where came_back
"""


def players():
    """(player, variant, came back on day 7)"""
    found = [folder / "shared" / "data" / "dev" / "cookie_cats_ab_test.csv.gz" for folder in Path(__file__).resolve().parents]
    path = next((one for one in found if one.is_file()), None)
    if path is None:
        pytest.skip("NOT RUN: ../shared is not here")
    with gzip.open(path, "rt") as file:
        return [(row["userid"], row["version"], row["retention_7"] == "TRUE") for row in csv.DictReader(file)]


@pytest.mark.shared
def test_the_read_out_of_a_real_test_gives_the_known_difference_and_flags_the_sizes(now):
    rows = players()
    variants = [{"key": "gate_30", "name": "Gate at level 30", "weight": 0.5}, {"key": "gate_40", "name": "Gate at level 40", "weight": 0.5}]
    plan = {"variants": variants, "metric": "came_back", "metric_words": "came back on day 7", "planned_size": 44_700, "planned_looks": 1}
    experiment = services.start(make.experiment(now=now, key="cookie-cats", **plan), actor=ACTOR, now=now)
    who, which, came_back = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_LOTS, {"experiment": experiment.pk, "now": now, "who": list(who), "which": list(which), "came_back": list(came_back)})
    end = now + timedelta(days=experiment.window_days)
    services.take_look(experiment, actor=ACTOR, now=end)
    experiment = services.stop(experiment, reason="It is over.", actor=ACTOR, now=end)

    found = selectors.readout(experiment, now=end)

    control, later = found.variants
    assert [(one.n, int(one.total)) for one in found.variants] == [(44_700, 8_502), (45_489, 8_279)]
    assert (round(100 * control.mean, 2), round(100 * later.mean, 2)) == (19.02, 18.20)
    assert [round(100 * value, 2) for value in (later.difference, later.low, later.high)] == [-0.82, -1.33, -0.31]
    assert later.verdict == found.verdict == Verdict.WORSE
    # 44,700 against 45,489 of an even split: odd enough to be said beside the figures.
    assert found.suspect
    assert found.final_p == pytest.approx(0.0086, abs=1e-4)
    assert found.words.endswith(
        "Mind the sizes: 44,700 and 45,489 accounts differ from the plan as only 0.9% of honest splits do. Find out why before you act on it."
    )
