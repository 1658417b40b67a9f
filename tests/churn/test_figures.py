"""Figures on their side: a column per feature, the same that an account shows alone."""

from datetime import timedelta

import numpy as np
import pytest

from apps.churn import definitions, features, population
from apps.churn.figures import Figures
from apps.churn.models import ChurnDefinition
from tests import make

DAY = timedelta(days=1)


def test_a_part_and_the_accounts_one_by_one_keep_what_is_known_and_what_is_not():
    seen = Figures(np.array([7, 8, 9]), {"n_28": np.array([1.0, np.nan, 3.0]), "trait:tier": ["a", None, False]})

    assert seen.rows() == [
        {"id": 7, "n_28": 1.0, "trait:tier": "a"},
        {"id": 8, "n_28": None, "trait:tier": None},
        {"id": 9, "n_28": 3.0, "trait:tier": False},
    ]
    assert seen.part(np.array([2, 0])).rows() == [seen.rows()[2], seen.rows()[0]]
    assert seen("trait:other") == [None, None, None]
    assert len(seen.part(np.flatnonzero(seen.ids > 10))) == 0
    assert seen.part(np.flatnonzero(seen.ids > 10)).rows() == []


@pytest.mark.django_db
def test_columns_hold_what_each_account_has_and_none_where_it_has_nothing(now):
    day = now.date()
    young = make.account(started_on=day - 3 * DAY, plan="Pro", traits={"tier": "a", "since": (day - 10 * DAY).isoformat(), "flags": ["x"]})
    old = make.account(started_on=day - 900 * DAY, arr=1200, traits={"tier": 4, "beta": None})
    make.activity(old, now - DAY, name="login")

    seen = features.figures(as_of=now, names=["login"])

    assert seen.ids.tolist() == [young.pk, old.pk]
    assert seen("plan") == ["Pro", old.plan]
    assert seen("tenure").tolist() == [3.0, 900.0]
    assert seen("name:login").tolist() == [0.0, 1.0]
    assert seen("trait:tier") == ["a", 4]
    assert seen("trait:beta") == [None, None]
    assert seen("trait:flags") == [["x"], None]
    assert seen("dated:since").tolist()[0] == 10.0
    assert np.isnan(seen("dated:since")[1])
    assert np.isnan(seen("trend_28")[0])
    assert [row["id"] for row in features.rows(as_of=now)] == [young.pk, old.pk]
    assert len(features.figures(as_of=now, account_ids=[])) == 0


@pytest.mark.django_db
def test_a_definition_speaks_of_those_that_can_still_leave(now):
    active, silent = (make.account(started_on=now.date() - 400 * DAY) for _ in range(2))
    make.account(started_on=now.date() - 400 * DAY, stage="churned", churned_on=now.date() - 9 * DAY)
    make.activity(active, now - 5 * DAY)

    def told(**kind):
        return population.at_risk(ChurnDefinition(**kind), as_of=now).ids.tolist()

    assert told(kind="cancelled", horizon_days=60) == [active.pk, silent.pk]
    assert told(kind="inactive", inactive_days=30) == [active.pk]
    assert told(kind="snapshot") == [active.pk, silent.pk]
    assert population.at_risk(definitions.ensure_default(now=now), as_of=now, account_ids=[silent.pk]).ids.tolist() == [silent.pk]
