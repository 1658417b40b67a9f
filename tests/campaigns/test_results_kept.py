"""What stands beside the read-out: funnel, cohorts, the record of days, goals of state, budgets, suggestions, the API."""

from datetime import timedelta

import pytest

from apps.accounts.models import Account
from apps.campaigns.models import FrozenReadout, GoalReached, Recipient
from apps.campaigns.selectors import results
from apps.campaigns.services import results as services
from apps.campaigns.types import CampaignVerdict
from tests import make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_the_funnel_counts_people_by_what_is_known_and_sets_the_baseline_beside_it(now):
    campaign = make.campaign_read(now=now)
    accounts = make.crowd(20)
    at = now - 40 * DAY
    make.went_out(campaign, accounts[:10], at=at, held=4)
    for account in accounts[10:14]:
        make.reached_by(campaign, account, at)
    make.reached_by(campaign, accounts[14], at, state="sent", delivered_at=None)
    make.reached_by(campaign, accounts[15], at, state="returned")
    make.reached_by(campaign, accounts[16], at, channel="in_app", provider="in_app", read_at=at)
    person = Recipient.objects.filter(account=accounts[10]).get().contact
    make.outside_touch(accounts[10], at + DAY, kind="clicked", campaign=campaign, contact=person)
    make.outside_touch(accounts[11], at + DAY, kind="opened", campaign=campaign, contact=Recipient.objects.get(account=accounts[11]).contact)
    make.did([accounts[0], *accounts[10:12]], at + DAY)

    found = results.funnel(campaign, now=now)

    assert [(one.key, one.count) for one in found.stages] == [
        *(("planned", 13), ("handed", 13), ("sent", 7), ("delivered", 5), ("opened", 1), ("clicked", 1), ("goal", 2)),
    ]
    assert (found.machine_opens, found.stages[3].accounts) == (1, 5)
    assert (found.baseline.n, found.baseline.successes, found.goal.n) == (4, 1, 13)
    assert found.words == ("15.4 % of the treated accounts reached the goal (2 of 13); of those held out 25.0 % did (1 of 4), without a message.")


def test_cohorts_show_weeks_that_are_over(now):
    campaign = make.campaign_read(now=now)
    accounts = make.crowd(20)
    at = now - 16 * DAY
    make.went_out(campaign, accounts, at=at, held=10)
    make.did(accounts[:1], at + 3 * DAY)
    make.did(accounts[10:12], at + 3 * DAY)
    make.did(accounts[12:15], at + 10 * DAY)

    (one,) = results.cohorts(campaign, now=now)

    assert (one.treated, one.held_out, one.on) == (10, 10, at.date())
    assert one.treated_by_week == [0.2, 0.5, None, None, None]
    assert one.held_out_by_week == [0.1, 0.1, None, None, None]


def test_each_day_is_kept_once_and_stays_as_it_was(now):
    campaign = make.campaign_read(now=now, state="done")
    accounts = make.crowd(100)
    at = now - 35 * DAY
    make.went_out(campaign, accounts, at=at, held=20)
    make.did(accounts[20:60], at + DAY)

    assert (services.freeze_readouts(now=now), services.freeze_readouts(now=now)) == (1, 0)
    make.did(accounts[60:70], at + DAY)
    assert services.freeze_readouts(now=now + DAY) == 1

    newer, older = results.days(campaign)
    assert (older.on, older.figures["whole"]["goal"]["treated"]) == (now.date(), [40, 80])
    assert newer.figures["whole"]["goal"]["treated"] == [50, 80]
    assert older.verdict == CampaignVerdict.BETTER
    assert results.incrementals([campaign.pk])[campaign.pk] == newer
    # A week after its last window nothing more is kept.
    assert services.freeze_readouts(now=now + 8 * DAY) == 0
    assert FrozenReadout.objects.count() == 2


def test_goals_that_only_a_state_tells_are_noted_for_both_sides_alike(now):
    goal = {"reached": {"kind": "condition", "when": {"fact": "plan", "op": "is", "value": "Gold"}}}
    campaign = make.campaign_read(now=now, goal="")
    campaign.current.definition = {**campaign.current.definition, "goal": goal}
    campaign.current.save()
    accounts = make.crowd(10)
    make.went_out(campaign, accounts, at=now - 10 * DAY, held=5)
    Account.objects.filter(pk__in=[accounts[0].pk, accounts[5].pk, accounts[6].pk]).update(plan="Gold")

    assert (services.judge_goals(now=now), services.judge_goals(now=now)) == (3, 0)
    Account.objects.update(plan="")
    found = results.readout(campaign, now=now + 21 * DAY).whole.goal.effect
    assert (found.held_out.successes, found.treated.successes) == (1, 2)
    assert GoalReached.objects.count() == 3


def test_a_budget_moves_to_what_is_sure_and_stays_even_for_what_is_not(now):
    found = {}
    for name, share in (("strong", 0.9), ("weak", 0.4), ("unsure", 0.02)):
        campaign = make.campaign_read(now=now)
        accounts = Account.objects.bulk_create([Account(external_id=f"{name}{n}", name=name) for n in range(500)])
        make.went_out(campaign, accounts, at=now - 35 * DAY, held=100)
        make.did(accounts[100 : 100 + int(400 * share)], now - 30 * DAY)
        found[name] = campaign
    services.freeze_readouts(now=now)
    told = {one.campaign_id: one for one in results.budget_split(now=now)}
    strong, weak, unsure = (told[found[name].pk] for name in ("strong", "weak", "unsure"))
    assert sum(one.share for one in told.values()) == pytest.approx(1)
    assert unsure.share == pytest.approx(1 / 3)
    assert unsure.words == "We cannot tell yet, so its share stays."
    assert strong.share > weak.share > 0.1


def reasons(feature, words):
    return [
        {"feature": feature, "words": words, "value": 1, "contribution": 0.7},
        {"feature": "tenure", "words": "Old", "value": 1, "contribution": 0.1},
    ]


def at_risk(account, now, feature="active_people"):
    row = make.risk(account, now=now)
    row.reasons, row.band = reasons(feature, "Fewer people sign in"), "high"
    row.save()


def test_what_many_share_and_nothing_addresses_is_suggested_with_a_draft(now):
    accounts = [make.account(arr=10_000) for _ in range(7)]
    for account in accounts:
        at_risk(account, now)

    (one, *_) = results.suggestions(now=now)

    assert (one.key, one.kind, one.accounts, one.arr, one.currency) == ("driver:active_people", "driver", 7, 70_000.0, "USD")
    assert one.evidence[0] == "It raises the churn risk of 7 customers who are at medium or high risk, 62% on average."
    assert one.evidence[2] == "For one of them: Fewer people sign in."
    assert one.rule["all"][0] == {"kind": "driver", "feature": "active_people"}
    assert (one.definition["segment"], one.definition["holdout_percent"]) == ("driver-active-people", 20)
    # What cannot be changed by a campaign is none.
    assert all(other.key != "driver:tenure" for other in results.suggestions(now=now))
    # Fewer than five are no campaign.
    assert results.suggestions(now=now, least=8) == []


def test_accounts_in_a_running_play_or_a_live_campaign_are_not_counted(now):
    accounts = [make.account() for _ in range(9)]
    for account in accounts:
        at_risk(account, now)
    make.enrolment(accounts[0], now=now)
    make.went_out(make.campaign_read(now=now), accounts[1:4], at=now - 5 * DAY, held=1)
    (one,) = [found for found in results.suggestions(now=now) if found.kind == "driver"]
    # One in a play, two written to; the held-out one is addressed by nobody.
    assert one.accounts == 6
