"""Who gets the credit: exact shares of each model, what counts as a touch, and what those held out did without any."""

from datetime import timedelta

import pytest

from apps.accounts.models import Account, ArrMovement, Renewal
from apps.campaigns.models import Recipient
from apps.campaigns.selectors import results
from apps.campaigns.types import AttributedOutcome, AttributionModel
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def expands(account, amount, on):
    ArrMovement.objects.create(
        account=account, kind="expansion", amount=amount, currency="USD", effective_on=on, recorded_at=f"{on}T00:00Z", source="t", actor="t",
        idem_key=f"{account.pk}:{on}",
    )  # fmt: skip


def credited(found):
    return {one.key: {model.value: round(one.outcomes[model], 4) for model in AttributionModel} for one in found.credits}


def test_each_model_shares_an_outcome_among_the_touches_before_it(now):
    account = make.account()
    first, second = make.campaign_read(now=now), make.campaign_read(now=now)
    end = (now - 2 * DAY).replace(hour=0)
    make.reached_by(first, account, end - 21 * DAY)
    make.outside_touch(account, end - 14 * DAY, name="Spring")
    make.outside_touch(account, end - 7 * DAY, name="Autumn")
    make.reached_by(second, account, end - 1 * DAY)
    expands(account, 1_000, (end - DAY).date())

    found = results.attribution(outcome=AttributedOutcome.EXPANSION, now=now)

    assert (found.outcomes, found.arr, found.untouched, found.currency) == (1, 1_000.0, 0, "USD")
    halves = [2.0 ** -(days / 7) for days in (21, 14, 7, 1)]
    decay = [round(one / sum(halves), 4) for one in halves]
    assert credited(found) == {
        f"campaign:{first.pk}": {"first": 1, "last": 0, "linear": 0.25, "position": 0.4, "decay": decay[0]},
        "outside:ads: Spring": {"first": 0, "last": 0, "linear": 0.25, "position": 0.1, "decay": decay[1]},
        "outside:ads: Autumn": {"first": 0, "last": 0, "linear": 0.25, "position": 0.1, "decay": decay[2]},
        f"campaign:{second.pk}": {"first": 0, "last": 1, "linear": 0.25, "position": 0.4, "decay": decay[3]},
    }
    by_key = {one.key: one for one in found.credits}
    assert by_key[f"campaign:{second.pk}"].arr[AttributionModel.LAST] == 1_000.0
    assert by_key["outside:ads: Spring"].arr[AttributionModel.LINEAR] == 250.0
    assert by_key["outside:ads: Spring"].why_not == "Nobody is held out from it here."


def test_one_touch_has_all_and_two_share_by_halves(now):
    one, two = make.account(), make.account()
    end = (now - 2 * DAY).replace(hour=0)
    make.outside_touch(one, end - 3 * DAY, name="Spring")
    make.outside_touch(two, end - 4 * DAY, name="Spring")
    make.outside_touch(two, end - 3 * DAY, name="Autumn")
    for account in (one, two):
        expands(account, 100, (end - DAY).date())

    told = credited(results.attribution(outcome=AttributedOutcome.EXPANSION, now=now))

    assert told["outside:ads: Spring"] | {"decay": 0} == {"first": 2, "last": 1, "linear": 1.5, "position": 1.5, "decay": 0}
    assert told["outside:ads: Autumn"] | {"decay": 0} == {"first": 0, "last": 1, "linear": 0.5, "position": 0.5, "decay": 0}


def test_only_what_arrived_before_and_within_the_window_is_a_touch(now):
    account = make.account()
    campaign = make.campaign_read(now=now)
    end = (now - 2 * DAY).replace(hour=0)
    make.reached_by(campaign, account, end - 40 * DAY)
    make.reached_by(campaign, account, end + DAY)
    # Sent by a service that tells what arrives, and did not tell; returned; failed.
    make.reached_by(campaign, account, end - 5 * DAY, state="sent", delivered_at=None)
    make.reached_by(campaign, account, end - 5 * DAY, state="returned")
    make.reached_by(campaign, account, end - 5 * DAY, state="failed", sent_at=None, delivered_at=None)
    make.outside_touch(account, end - 4 * DAY, kind="opened", name="Machine")
    make.outside_touch(account, end - 4 * DAY, kind="sent", name="Sent")
    expands(account, 100, (end - DAY).date())

    found = results.attribution(outcome=AttributedOutcome.EXPANSION, now=now)

    assert found.untouched == 1
    assert all(sum(one.outcomes.values()) == 0 for one in found.credits)

    # A carrier that never tells: what left and did not come back is the most that can be known.
    make.reached_by(campaign, account, end - 5 * DAY, state="sent", delivered_at=None, provider="email")
    found = results.attribution(outcome=AttributedOutcome.EXPANSION, now=now)
    assert found.untouched == 0
    assert found.credits[0].outcomes[AttributionModel.LAST] == 1


def test_a_click_on_a_link_of_ours_is_a_touch_of_that_campaign(now):
    account = make.account()
    campaign = make.campaign_read(now=now)
    end = (now - 2 * DAY).replace(hour=0)
    make.outside_touch(account, end - 4 * DAY, kind="clicked", campaign=campaign)
    expands(account, 100, (end - DAY).date())
    found = results.attribution(outcome=AttributedOutcome.EXPANSION, now=now)
    assert [(one.key, one.name) for one in found.credits] == [(f"campaign:{campaign.pk}", campaign.name)]


def test_messages_of_plays_count_for_their_play(now):
    account = make.account()
    run = make.enrolment(account, now=now - 10 * DAY)
    end = (now - 2 * DAY).replace(hour=0)
    told = make.message(make.contact(account), now=end, state="delivered", sent_at=end - 3 * DAY, delivered_at=end - 3 * DAY)
    run.records.create(position=9, step="say", kind="message", at=end, what="Said", message=told)
    Renewal.objects.create(
        account=account, due_on=end.date(), arr=500, currency="USD", state="renewed", outcome_arr=600, decided_on=(end - DAY).date()
    )

    found = results.attribution(outcome=AttributedOutcome.RENEWAL, now=now)

    assert (found.outcomes, found.arr) == (1, 600.0)
    assert {one.key: one.outcomes[AttributionModel.LAST] for one in found.credits} == {f"play:{run.play_id}": 1.0}


def test_milestones_and_conversions_are_outcomes_too(now):
    account = make.account()
    at = now - 3 * DAY
    make.claimed(account, now=at)
    row = account.milestones.first()
    row.state, row.achieved_at, row.noticed_at, row.via = "achieved", at, at, "criteria"
    row.save()
    make.outside_touch(account, at - DAY)
    found = results.attribution(outcome=AttributedOutcome.MILESTONE, now=now)
    assert (found.outcomes, found.arr, found.credits[0].outcomes[AttributionModel.LAST]) == (1, 0.0, 1.0)
    ArrMovement.objects.create(
        account=account, kind="new", amount=5_000, currency="USD", effective_on=at.date(), recorded_at=at, source="t", actor="t", idem_key="n"
    )
    assert results.attribution(outcome=AttributedOutcome.CONVERSION, now=now).arr == 5_000.0


def test_last_touch_stands_beside_what_the_held_out_did_without_a_message(now):
    campaign = make.campaign_read(now=now, holdout_percent=50)
    accounts = Account.objects.bulk_create([Account(external_id=f"q{n}", name=f"Q {n}") for n in range(400)])
    at = now - 40 * DAY
    make.went_out(campaign, accounts, at=at, held=200)
    for index, row in enumerate(Recipient.objects.filter(state="handed").order_by("pk").select_related("account")):
        person = make.contact(row.account)
        row.message = make.message(person, now=at, state="delivered", sent_at=at + DAY, delivered_at=at + DAY)
        row.save()
        if index < 80:
            expands(row.account, 100, (at + 5 * DAY).date())
    for account in accounts[:60]:
        expands(account, 100, (at + 5 * DAY).date())
    for account in accounts[60:70]:
        expands(account, 100, (at + 35 * DAY).date())

    found = results.attribution(outcome=AttributedOutcome.EXPANSION, now=now)

    (one,) = found.credits
    assert (one.touches, one.accounts, one.outcomes[AttributionModel.LAST], one.arr[AttributionModel.LAST]) == (200, 200, 80.0, 8_000.0)
    assert (one.incremental.treated, one.incremental.held_out, one.incremental.outcomes) == (200, 200, pytest.approx(20))
    assert one.incremental.arr == pytest.approx(2_000)
    assert one.incremental.low < 20 < one.incremental.high
    assert found.untouched == 70
    assert found.words.startswith("Last touch gives an outcome to whoever spoke last.")


def test_the_same_touches_in_another_book_are_not_seen(now):
    person = make.user()
    account, other = make.account(owner=person), make.account()
    end = (now - 2 * DAY).replace(hour=0)
    for one in (account, other):
        make.outside_touch(one, end - 4 * DAY)
        expands(one, 100, (end - DAY).date())
    found = results.attribution(outcome=AttributedOutcome.EXPANSION, now=now, user=person)
    assert (found.outcomes, found.credits[0].touches) == (1, 1)
