"""Do the present accounts look like those that were learned from? Seldom an alarm without cause, always one when the tracking breaks."""

from datetime import date, timedelta

import numpy as np
import pytest

from apps.churn import dataset, drift
from apps.churn.scoring import encoding

DAYS = [date(2026, 1, 1) + timedelta(days=28 * step) for step in range(4)]


def figures(draw, count, *, working=1.0):
    """Habits of accounts; `working` is the share of logins that still arrives."""
    rate = draw.gamma(2.0, 6.0, count)
    logins = draw.poisson(rate * working).astype(float)
    before = draw.poisson(rate).astype(float)
    return {
        "name:login": logins,
        "n_28": logins + draw.poisson(3, count),
        "trend_28": np.log((logins + 1) / (before + 1)),
        "support_28": draw.poisson(0.4, count).astype(float),
        "seats": np.where(draw.random(count) < 0.2, np.nan, draw.integers(1, 200, count)),
        "tenure": draw.uniform(0, 900, count),
        "plan": draw.choice(["basic", "team", "firm"], count, p=[0.5, 0.4, 0.1]).tolist(),
    }


def learned(draw, count):
    parts = [figures(draw, count) for _ in DAYS]
    rows = count * len(DAYS)
    table = {key: np.concatenate([part[key] for part in parts]) for key in parts[0] if key != "plan"}
    table["plan"] = [value for part in parts for value in part["plan"]]
    nobody = np.zeros(rows, bool)
    return dataset.Dataset(
        table=table,
        labels=np.zeros(rows),
        accounts=np.tile(np.arange(count), len(DAYS)),
        when=np.repeat(np.arange(len(DAYS)), count),
        dates=DAYS,
        window=30,
        names=["login"],
        treated=nobody,
        held_out=nobody,
    )


def compared(seed, count, *, now=None, change=lambda table: table, **habits):
    draw = np.random.default_rng(seed)
    then = drift.reference(learned(draw, count))
    table = change(figures(draw, now or count, **habits))
    return drift.compare(then, table.__getitem__, now or count)


@pytest.mark.parametrize("count", [100, 500, 1000, 5000])
def test_without_any_change_there_is_seldom_an_alarm(count):
    found = [compared(seed, count) for seed in range(25 if count < 5000 else 5)]
    assert sum(look.alarm for look in found) == 0
    if count >= 500:
        assert {look.figures["compared"] for look in found} == {6}
    else:
        assert all("chance alone looks like change" in look.verdict for look in found)


@pytest.mark.parametrize("count", [500, 2000])
def test_broken_tracking_is_an_alarm_that_names_the_figures(count):
    look = compared(3, count, working=0.35)
    assert look.alarm
    moved = {one["key"] for one in look.figures["features"] if one["alarm"]}
    assert {"name:login", "n_28", "trend_28"} <= moved
    assert not moved & {"support_28", "seats", "plan"}
    assert "“login” in 28 days (half were above" in look.verdict
    assert look.figures["features"][0]["psi"] > 0.5


def test_a_hundred_accounts_are_not_judged_even_if_the_tracking_broke():
    look = compared(3, 100, working=0.35)
    assert not look.alarm
    assert look.figures == {"rows_now": 100, "rows_then": 100, "features": []}


def test_a_limit_grows_where_few_are_compared():
    few, many = ({one["key"]: one["limit"] for one in compared(1, count).figures["features"]} for count in (500, 5000))
    assert many["n_28"] == 0.25
    assert few["n_28"] >= 0.25
    assert compared(1, 5000, now=500).figures["features"][0]["limit"] >= 0.25


def test_age_moves_by_itself_and_is_not_compared():
    look = compared(2, 1000, change=lambda table: table | {"tenure": table["tenure"] + 365})
    assert not look.alarm
    assert "tenure" not in {one["key"] for one in look.figures["features"]}


def test_a_level_that_takes_over_and_a_figure_that_is_lost_are_named():
    look = compared(4, 1000, change=lambda table: table | {"plan": ["firm"] * 1000, "seats": np.full(1000, np.nan)})
    told = {one["key"]: one for one in look.figures["features"]}
    assert told["plan"]["alarm"]
    assert told["plan"]["change"].endswith("then, 100% now")
    assert told["seats"]["alarm"]
    assert told["seats"]["change"] == "unknown now"


def test_what_is_kept_with_a_model_is_small_and_of_the_newest_dates():
    kept = drift.reference(learned(np.random.default_rng(0), 600))
    assert kept["accounts"] == 600
    assert kept["dates"] == [day.isoformat() for day in DAYS[-1:]]
    assert sum(len(str(feature)) for feature in kept["features"].values()) < 300 * len(kept["features"])
    assert all(sum(feature["shares"]) == pytest.approx(1, abs=1e-4) for feature in kept["features"].values())


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("n_28", "actions in 28 days"),
        ("trend_28", "Activity of the last 28 days"),
        ("name:login", "“login” in 28 days"),
        ("since", "days without activity"),
        ("trait:MonthlyCharges", "Monthly charges"),
        ("plan", "plan"),
        ("arr", "ARR"),
    ],
)
def test_a_figure_is_called_by_what_it_counts(key, words):
    assert drift.name(key) == words


def test_rows_are_read_as_scoring_reads_them():
    draw = np.random.default_rng(0)
    then = drift.reference(learned(draw, 600))
    table = figures(draw, 600)
    rows = [{key: None if values[at] != values[at] else values[at] for key, values in table.items()} for at in range(600)]
    assert drift.compare(then, encoding.of(rows), 600) == drift.compare(then, table.__getitem__, 600)
