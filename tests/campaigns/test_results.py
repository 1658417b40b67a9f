"""The incremental read-out of campaigns: exact figures, who counts on which side, what blocks a verdict."""

from datetime import timedelta

import pytest

from apps.accounts.models import Account, ArrMovement
from apps.campaigns.models import Recipient, WeightsVersion
from apps.campaigns.selectors import results
from apps.campaigns.types import CampaignVerdict, ReadingRule
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def money_moves(account, amount, on):
    kind = "expansion" if amount > 0 else "contraction"
    ArrMovement.objects.create(
        account=account, kind=kind, amount=amount, currency="USD", effective_on=on, recorded_at="2020-01-01T00:00Z", source="t", actor="t",
        idem_key=f"{account.pk}:{on}:{amount}",
    )  # fmt: skip


def test_treated_accounts_are_compared_with_the_held_out_of_the_same_occurrence(now):
    campaign = make.campaign_read(now=now, state="done")
    accounts = make.crowd(500)
    at = now - 40 * DAY
    make.went_out(campaign, accounts, at=at, held=100)
    make.did(accounts[:10], at + DAY)
    make.did(accounts[100:220], at + 2 * DAY)
    # Too early, too late: neither counts.
    make.did(accounts[10:20], at - DAY)
    make.did(accounts[20:30], at + 31 * DAY)

    found = results.readout(campaign, now=now)

    goal = found.whole.goal.effect
    assert (goal.held_out.n, goal.held_out.successes, goal.treated.n, goal.treated.successes) == (100, 10, 400, 120)
    assert goal.difference == pytest.approx(0.2)
    assert (goal.low, goal.high) == (pytest.approx(0.1142, abs=1e-4), pytest.approx(0.2655, abs=1e-3))
    assert (found.rule, found.verdict) == (ReadingRule.AT_THE_END, CampaignVerdict.BETTER)
    assert found.words == (
        "20.0 points more because of it (95 % sure of 11.4 to 26.5): 30.0 % (120 of 400) of the treated and 10.0 % (10 of 100) of those held out."
    )
    assert found.goal_words == "the customer does “report.shared”, within 30 days"
    assert (found.split.treated, found.split.held_out, found.split.broken) == (400, 100, False)
    assert [one.key for one in found.occurrences]
    assert found.occurrences[0].goal.effect == goal


def test_who_was_drawn_for_it_counts_as_treated_whatever_became_of_the_message(now):
    campaign = make.campaign_read(now=now)
    accounts = make.crowd(100)
    occurrence = make.went_out(campaign, accounts, at=now - 40 * DAY, held=20)
    rows = list(Recipient.objects.filter(occurrence=occurrence, state="handed").order_by("pk"))
    Recipient.objects.filter(pk__in=[row.pk for row in rows[:5]]).update(state="skipped", left="saving")
    Recipient.objects.filter(pk__in=[row.pk for row in rows[5:8]]).update(state="cancelled")
    # Left out before anything was drawn: on neither side.
    Recipient.objects.filter(pk__in=[row.pk for row in rows[8:10]]).update(state="excluded", left="no_consent")

    found = results.readout(campaign, now=now)

    assert (found.whole.assigned, found.whole.held_out) == (78, 20)
    assert (found.whole.reached.planned, found.whole.reached.left_out, found.whole.reached.handed) == (78, 2, 70)


def test_accounts_whose_window_is_open_are_not_read_yet(now):
    campaign = make.campaign_read(now=now)
    make.went_out(campaign, make.crowd(200), at=now - 29 * DAY, held=40)

    found = results.readout(campaign, now=now)

    assert (found.whole.running, found.whole.goal.effect.treated.n) == (200, 0)
    assert found.verdict == CampaignVerdict.WAITING
    assert found.words == "We cannot tell yet: the window of all 200 accounts is still open."


def test_a_small_difference_says_how_many_more_accounts_it_takes(now):
    campaign = make.campaign_read(now=now)
    accounts = make.crowd(200)
    at = now - 40 * DAY
    make.went_out(campaign, accounts, at=at, held=40)
    make.did(accounts[:8], at + DAY)
    make.did(accounts[40:80], at + DAY)

    found = results.readout(campaign, now=now)

    assert found.verdict == CampaignVerdict.WAITING
    assert found.whole.goal.effect.more == 3_207
    assert found.words.startswith("We cannot tell yet: about 3,207 more accounts are needed.")
    assert found.whole.goal.smallest == pytest.approx(0.2080, abs=1e-4)


def test_sides_of_other_sizes_than_drawn_block_the_verdict(now):
    campaign = make.campaign_read(now=now, state="done", holdout_percent=20)
    accounts = make.crowd(500)
    at = now - 40 * DAY
    make.went_out(campaign, accounts, at=at, held=50)
    make.did(accounts[50:350], at + DAY)

    found = results.readout(campaign, now=now)

    assert found.verdict == CampaignVerdict.MISMATCH
    assert found.split.p < 1e-6
    assert found.words.startswith("No verdict: 50 of 500 accounts are held out; 100 were to be: such a split comes by chance less than 1 in 1,000")


def test_nobody_held_out_gives_no_verdict(now):
    campaign = make.campaign_read(now=now, holdout_percent=0)
    make.went_out(campaign, make.crowd(50), at=now - 40 * DAY, held=0)

    found = results.readout(campaign, now=now)

    assert found.verdict == CampaignVerdict.NOBODY
    assert found.words == "Nobody was held out, so nothing says what would have happened anyway."


def test_retention_counts_who_left_within_the_window(now):
    campaign = make.campaign_read(now=now, goal="")
    accounts = make.crowd(300)
    at = now - 40 * DAY
    make.went_out(campaign, accounts, at=at, held=60)
    Account.objects.filter(pk__in=[one.pk for one in accounts[:12]]).update(stage="churned", churned_on=(at + 3 * DAY).date())
    Account.objects.filter(pk__in=[one.pk for one in accounts[60:72]]).update(stage="churned", churned_on=(at + 3 * DAY).date())
    Account.objects.filter(pk__in=[one.pk for one in accounts[80:90]]).update(stage="churned", churned_on=(at + 35 * DAY).date())

    stayed = results.readout(campaign, now=now).whole.stayed.effect

    assert (stayed.held_out.n, stayed.held_out.successes, stayed.treated.n, stayed.treated.successes) == (60, 48, 240, 228)
    assert stayed.difference == pytest.approx(0.15)


def test_revenue_is_the_change_per_account_with_what_was_known_before_taken_out(now):
    campaign = make.campaign_read(now=now)
    accounts = make.crowd(80)
    at = now - 40 * DAY
    make.went_out(campaign, accounts, at=at, held=40)
    for index, account in enumerate(accounts):
        money_moves(account, 1_000 * (1 + index % 4), (at - 100 * DAY).date())
        # What an account adds follows its size; the treated add 50 more, and everybody's luck is worth 5.
        money_moves(account, 100 * (1 + index % 4) + (50 if index >= 40 else 0) + (5 if index % 8 < 4 else 10), (at + 5 * DAY).date())
        # After the window.
        money_moves(account, 999, (at + 35 * DAY).date())

    money = results.readout(campaign, now=now).whole.revenue

    assert (money.treated, money.held_out, money.treated_mean, money.held_out_mean) == (40, 40, 307.5, 257.5)
    assert (money.adjusted, money.method, money.currency, money.without_rate) == (True, "t", "USD", 0)
    assert money.difference == pytest.approx(50, abs=0.5)
    # The plain interval is +-50 wide; what was known before explains nearly all of it.
    assert 0 < money.difference - money.low < 13
    assert money.sure
    assert money.total[0] == pytest.approx(40 * money.difference)


def test_a_few_large_accounts_make_the_interval_a_bootstrap_one(now):
    campaign = make.campaign_read(now=now)
    accounts = make.crowd(120)
    at = now - 40 * DAY
    make.went_out(campaign, accounts, at=at, held=60)
    for account in accounts[:3]:
        money_moves(account, 100, (at + DAY).date())
    money_moves(accounts[60], 50_000, (at + DAY).date())

    money = results.readout(campaign, now=now).whole.revenue

    assert money.method == "bootstrap"
    assert money.difference == pytest.approx(50_000 / 60 - 5)
    assert money.low < 0 < money.high
    assert not money.sure
    assert money.winsorised < money.difference
    assert money.words.startswith("We cannot tell yet what it does to revenue")


def test_a_currency_without_a_rate_is_counted_and_left_out(now):
    campaign = make.campaign_read(now=now)
    accounts = make.crowd(10)
    at = now - 40 * DAY
    make.went_out(campaign, accounts, at=at, held=5)
    money_moves(accounts[0], 100, (at + DAY).date())
    ArrMovement.objects.create(
        account=accounts[7], kind="expansion", amount=1_000, currency="XXX", effective_on=(at + DAY).date(), recorded_at=at, source="t", actor="t",
        idem_key="x",
    )  # fmt: skip
    money = results.readout(campaign, now=now).whole.revenue
    assert (money.without_rate, money.treated, money.held_out) == (1, 4, 5)


def test_an_account_in_several_times_counts_once_for_the_whole_and_each_time_for_itself(now):
    campaign = make.campaign_read(now=now)
    accounts = make.crowd(100)
    make.went_out(campaign, accounts[:60], at=now - 80 * DAY, held=12)
    make.went_out(campaign, accounts[:12] + accounts[60:68] + accounts[30:60] + accounts[68:], at=now - 40 * DAY, held=20)

    found = results.readout(campaign, now=now)

    assert (found.whole.assigned, found.whole.held_out) == (80, 20)
    assert [(one.assigned, one.held_out) for one in found.occurrences] == [(62, 20), (48, 12)]


def test_variants_are_compared_within_the_same_version_of_the_shares(now):
    variants = [{"name": "a", "template": "x", "weight": 1}, {"name": "b", "template": "y", "weight": 1}]
    campaign = make.campaign_read(now=now, variants=variants)
    accounts = make.crowd(1_000)
    # A good week with even shares, a bad one in which b got nine of ten: in both a and b are equal, yet b looks worse when all is thrown together.
    good, bad = now - 80 * DAY, now - 40 * DAY
    make.went_out(campaign, accounts[:500], at=good, held=100, variant=lambda n: "ab"[n % 2])
    WeightsVersion.objects.create(campaign=campaign, number=1, weights={"a": 0.1, "b": 0.9}, why="t", created_at=bad, created_by="t")
    make.went_out(campaign, accounts[500:], at=bad, held=100, variant=lambda n: "a" if n % 10 == 0 else "b", weights=1)
    make.did(accounts[100:300], good + DAY)
    rows = list(Recipient.objects.filter(weights=1, state="handed").order_by("pk").select_related("account"))
    for name in "ab":
        mine = [row.account for row in rows if row.variant == name]
        make.did(mine[: len(mine) // 10], bad + DAY)

    found = results.readout(campaign, now=now)

    a, b = found.variants
    assert (a.control, b.control, a.share, b.share) == (True, False, 0.1, 0.9)
    assert (a.goal.effect.treated.n, b.goal.effect.treated.n, a.goal.effect.held_out.n) == (240, 560, 200)
    # 104 of 240 against 136 of 560: thrown together, b would look 19 points worse.
    assert (a.goal.effect.treated.successes, b.goal.effect.treated.successes) == (104, 136)
    assert b.against_control.effect.difference == pytest.approx(0, abs=1e-9)
    assert not b.against_control.sure
    assert found.variant_split is not None
    assert not found.variant_split.broken


def test_a_person_sees_only_the_accounts_of_their_book(now):
    person, other = make.user(), make.user()
    campaign = make.campaign_read(now=now)
    mine = make.crowd(30, owner=person)
    theirs = Account.objects.bulk_create([Account(external_id=f"x{n}", name=f"X {n}", owner=other) for n in range(70)])
    make.went_out(campaign, theirs[:20] + mine[:6] + theirs[20:] + mine[6:], at=now - 40 * DAY, held=26)

    found = results.readout(campaign, now=now, user=person)

    assert (found.whole.assigned, found.whole.held_out, found.whole.reached.planned) == (24, 6, 24)
