"""What must be true of rows before a model of them is believed."""

from datetime import timedelta

import numpy as np
import pytest

from apps.accounts.models import Account
from apps.churn import dataset, gate, services
from apps.churn.scoring import leaks
from tests.churn import worlds

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def table_of(now):
    """A column definition's rows, learned from four fifths of the accounts."""
    definition = services.define(name="table", kind="snapshot", horizon_days=90, now=now)
    return definition, dataset.gather(definition, as_of=now)


def apart(data, learn, test):
    telling = leaks.refused(data.part(learn), data.account_keys, data.labels[learn])
    return {"learn": learn, "test": test, "keys": [key for key in data.table if key not in telling], "telling": telling}


def halves(data):
    test = np.arange(len(data.labels)) % 5 == 0
    return apart(data, ~test, test)


def dated(now, **fields):
    worlds.company(now.date(), **fields)
    definition = services.define(name="leaving", kind="cancelled", horizon_days=30, now=now)
    return definition, dataset.gather(definition, as_of=now)


def later_dates(data):
    return apart(data, data.when < len(data.dates) - 4, data.when >= len(data.dates) - 2)


def failed(found):
    return [finding.check for finding in found if not finding.passed]


def words_of(found, check):
    return next(finding.words for finding in found if finding.check == check)


def test_honest_rows_pass_every_check_and_say_what_was_found(now):
    definition, data = dated(now)
    found = gate.judge(definition, data, **later_dates(data))
    assert [finding.check for finding in found] == ["enough", "outcome", "future", "copies", "shuffled", "signal", "too_good"]
    assert failed(found) == []
    assert words_of(found, "enough") == f"{data.leavers()} of 300 accounts left, seen on {len(data.dates)} dates."
    assert words_of(found, "outcome") == "No column tells the outcome."
    assert found[0].as_json() == {"check": "enough", "passed": True, "words": words_of(found, "enough")}


def test_too_few_leavers_are_said_in_numbers(now):
    definition, data = dated(now, accounts=220, leavers=12)
    assert words_of(gate.judge(definition, data, **later_dates(data)), "enough") == f"{data.leavers()} accounts that left, 25 are needed."
    assert failed(gate.judge(definition, data, **later_dates(data)))[0] == "enough"


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_dealt_out_outcomes_are_no_signal(seed, now):
    worlds.table_company(shuffled=True, seed=seed)
    definition, data = table_of(now)
    assert failed(gate.judge(definition, data, **halves(data))) == ["signal"]


def test_rows_drawn_again_before_the_split_are_found_as_copies(now):
    worlds.table_company()
    leavers = list(Account.objects.filter(stage="churned"))
    Account.objects.bulk_create(
        Account(external_id=f"again{turn}-{one.pk}", name="Again", stage="churned", traits=one.traits) for turn in range(3) for one in leavers
    )
    definition, data = table_of(now)
    found = gate.judge(definition, data, **halves(data))
    assert "copies" in failed(found)
    assert words_of(found, "copies").endswith("copies, as drawing rows again makes them. Import every customer once.")


def test_a_column_that_tells_the_outcome_is_named_and_the_rest_is_judged_without_it(now):
    accounts = worlds.table_company()
    for account in accounts:
        account.traits |= {"balance": float(account.stage == "churned")}
    Account.objects.bulk_update(accounts, ["traits"])
    definition, data = table_of(now)
    found = gate.judge(definition, data, **halves(data))
    assert words_of(found, "outcome").startswith("Left out, because they tell the outcome: trait:balance: it tells the outcome alone (AUC 1.00;")
    assert failed(found) == []


def test_a_ranking_too_good_for_dated_rows_asks_for_a_person(now):
    definition, data = dated(now)
    # No column alone gives it away; two together do.
    draw = np.random.default_rng(0)
    noise = draw.normal(0, 1, len(data.labels))
    data.table["trait:one"], data.table["trait:other"] = data.labels + noise, noise.copy()
    found = gate.judge(definition, data, **later_dates(data))
    assert failed(found) == ["too_good"]
    assert words_of(found, "too_good").endswith("too good to be true, a person must look first.")


def test_dates_are_read_as_their_age_and_left_out_where_they_are_of_today(now):
    accounts = worlds.company(now.date())
    for number, account in enumerate(accounts):
        left = account.churned_on or now.date()
        account.traits |= {"signed_on": str(now.date() - (400 + number) * DAY), "last_seen": str(left - DAY), "colour": "2024-red"}
    Account.objects.bulk_update(accounts, ["traits"])
    definition = services.define(name="leaving", kind="cancelled", horizon_days=30, now=now)

    data = dataset.gather(definition, as_of=now)

    place = int(np.flatnonzero(data.accounts == accounts[7].pk)[0])
    assert data.table["dated:signed_on"][place] == (data.dates[data.when[place]] - (now.date() - 407 * DAY)).days
    assert "trait:signed_on" not in data.table
    assert set(data.table["trait:colour"]) == {"2024-red"}
    assert list(data.left_out) == ["dated:last_seen"]
    assert "dated:last_seen" not in data.table
    found = gate.judge(definition, data, **later_dates(data))
    assert words_of(found, "future").startswith("Left out: dated:last_seen: ")
    assert "future" not in failed(found)
    data.table["dated:later"] = np.full(len(data.labels), -3.0)
    assert words_of(gate.judge(definition, data, **later_dates(data)), "future").startswith("Dates after the day of the row in later:")
