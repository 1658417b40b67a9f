"""The gate of choosing by predicted gain: shut by few rows, shut where everybody gains alike, open where gains differ."""

from datetime import timedelta

import numpy as np
import pytest

from apps.accounts.models import Account, ActivityEvent, DailyRollup
from apps.campaigns.selectors import results
from apps.experiments.statistics import uplift
from tests import make

DAY = timedelta(days=1)


def drawn(count, seed, *, differs):
    """Rows of five columns; the effect is 12 points for the upper half of the first column and nothing for the others, or 6 for everybody."""
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=(count, 5))
    treated = draw.random(count) < 0.7
    gain = np.where(rows[:, 0] > 0, 0.12, 0.0) if differs else np.full(count, 0.06)
    base = 1 / (1 + np.exp(2.0 - 0.6 * rows[:, 1]))
    return rows, treated, draw.random(count) < np.clip(base + gain * treated, 0, 1)


def test_the_gate_opens_where_gains_differ_and_seldom_where_they_do_not():
    different = [uplift.best(*drawn(12_000, seed, differs=True), seed=seed) for seed in range(4)]
    alike = [uplift.best(*drawn(12_000, seed, differs=False), seed=seed) for seed in range(12)]
    assert sum(one.low > 0 for one in different) == 4
    assert sum(one.low > 0 for one in alike) <= 2
    assert np.mean([one.qini for one in different]) > 1.0
    # The learned gain is larger where the effect is.
    rows = np.zeros((2, 5))
    rows[0, 0], rows[1, 0] = 1.5, -1.5
    assert all(np.diff(one.learned.gain(rows))[0] < 0 for one in different)


def test_qini_is_the_area_above_a_random_order():
    treated = np.array([True, False, True, False])
    success = np.array([True, False, False, False])
    # Gains after 1, 2, 3, 4 rows: 1, 1, 1, 1; a random order: .25, .5, .75, 1.
    assert uplift.qini(np.array([4.0, 3.0, 2.0, 1.0]), treated, success) == pytest.approx(100 * 0.375 / 2)


@pytest.mark.django_db
def test_few_accounts_leave_the_gate_shut_and_the_page_says_why(now):
    campaign = make.campaign_read(now=now)
    accounts = Account.objects.bulk_create([Account(external_id=f"t{n}", name=f"T {n}") for n in range(50)])
    make.went_out(campaign, accounts, at=now - 40 * DAY, held=10)
    found = results.targeting(campaign, now=now)
    assert not found.open
    assert found.why == (
        "Not by predicted gain: it takes 2,000 accounts drawn by lot and 200 of them with the goal; there are 50 and 0. "
        "Until then everybody in the segment is written to."
    )
    assert results.gains(campaign, [accounts[0].pk], now=now) is None


@pytest.mark.django_db
def test_an_open_gate_ranks_accounts_by_what_was_known_before(now):
    campaign = make.campaign_read(now=now)
    draw = np.random.default_rng(3)
    accounts = Account.objects.bulk_create([Account(external_id=f"t{n}", name=f"T {n}") for n in range(3_000)])
    at = now - 40 * DAY
    # Busy accounts gain 30 points, quiet ones nothing; a tenth do it anyway.
    busy = draw.random(3_000) < 0.5
    make.went_out(campaign, accounts, at=at, held=600)
    who = [one for one, yes in zip(accounts, busy, strict=True) if yes]
    for day in ((at - 40 * DAY).date(), (at - 5 * DAY).date(), (now - 5 * DAY).date()):
        DailyRollup.objects.bulk_create([DailyRollup(account=one, day=day, name="login", count=60, value=60) for one in who])
    chance = 0.1 + 0.3 * (busy & (np.arange(3_000) >= 600))
    done = [one for one, yes in zip(accounts, draw.random(3_000) < chance, strict=True) if yes]
    ActivityEvent.objects.bulk_create(
        [ActivityEvent(account=one, source="t", message_id=f"t{one.pk}", name="report.shared", at=at + DAY, received_at=at) for one in done]
    )

    found = results.targeting(campaign, now=now)

    assert found.open
    assert found.low > 0
    assert found.rows == 3_000
    assert found.drivers[0][0] in ("activity of 4 weeks", "trend of activity")
    a_busy, a_quiet = (accounts[int(np.flatnonzero(busy == yes)[0])].pk for yes in (True, False))
    gains = results.gains(campaign, [a_busy, a_quiet], now=now)
    assert gains[a_busy] > 0.15 > gains[a_quiet]
