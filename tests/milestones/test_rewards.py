"""From a milestone to a reward and back: rules, doubts, tiers, badges, expiry and the catalogue."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.accounts.types import ContactRole
from apps.core.errors import Refused
from apps.events import services as events
from apps.events.models import Delivery, Event
from apps.events.vocabulary import MilestoneAchieved
from apps.experiments import services as experiments
from apps.messaging import services as messaging
from apps.messaging.models import Message
from apps.milestones import selectors, services
from apps.milestones.models import BadgeAward, CatalogueItem, Redemption, RewardClaim, RewardMovement, Streak, TierStanding
from apps.milestones.rewards.granting import settle
from cs_platform import invariants
from tests import make
from tests.milestones import rewarding
from tests.milestones.rewarding import has

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make.account()


def announce(progress, now) -> None:
    """The whole chain of handlers, as the sweep runs it."""
    said = MilestoneAchieved(
        account_id=progress.account_id,
        milestone_id=progress.milestone_id,
        key=progress.milestone.key,
        progress_id=progress.pk,
        variant="standard",
        achieved_at=progress.achieved_at.isoformat(),
        via="rule",
    )
    events.publish(said, actor=make.ACTOR, now=now)
    for pk in Delivery.objects.filter(handler__startswith="milestones.", state="pending").values_list("pk", flat=True):
        assert events.deliver(pk, now=now)


def test_a_milestone_pays_what_its_rules_say_and_congratulates_who_did_it(account, now, monkeypatch):
    monkeypatch.setattr("apps.core.clock.now", lambda: now)
    messaging.ensure_templates(now)
    make.contact(account, role=ContactRole.CHAMPION)
    who = make.contact(account, locale="de")
    make.activity_of(who, now - timedelta(minutes=5))
    one, other = rewarding.milestone(), rewarding.milestone()
    rewarding.budget(now)
    rewarding.budget(now, 500, unit="credits", currency="EUR")
    rewarding.rule(now, milestone=one)
    rewarding.rule(now, amount=Decimal("12.50"), unit="credits", currency="EUR")
    rewarding.rule(now, milestone=other, amount=Decimal(7))
    rewarding.rule(now, state="paused")
    progress = rewarding.reached(account, one, at=now - timedelta(minutes=5))

    announce(progress, now)
    announce(progress, now)

    assert (has(account), has(account, unit="credits", currency="EUR")) == (100, Decimal("12.50"))
    assert list(RewardClaim.objects.values_list("contact", flat=True)) == [who.pk, who.pk]
    message = Message.objects.get()
    assert (message.contact, message.channel, message.lane, message.locale, message.state) == (who, "in_app", "nurture", "de", "queued")
    assert message.subject == f"„Ergebnis {one.key.rsplit('-')[-1]}“ ist erreicht"
    assert "Das bringt 100 Punkte." in message.body
    assert invariants.broken(now) == []


def test_old_news_a_hidden_milestone_and_an_account_without_people_are_not_congratulated(account, now):
    messaging.ensure_templates(now)
    old = rewarding.reached(account, rewarding.milestone(), at=now - timedelta(days=3))
    assert services.celebrate(progress_id=old.pk, actor=make.ACTOR, now=now) is None
    fresh = rewarding.reached(account, rewarding.milestone(), at=now)
    assert services.celebrate(progress_id=fresh.pk, actor=make.ACTOR, now=now) is None
    make.contact(account)
    hidden = rewarding.reached(account, rewarding.milestone(visible=False), at=now)
    assert services.celebrate(progress_id=hidden.pk, actor=make.ACTOR, now=now) is None
    assert services.celebrate(progress_id=fresh.pk, actor=make.ACTOR, now=now) is not None


def test_what_is_taken_back_is_reversed_by_an_entry_and_reached_again_is_paid_again(account, now):
    one = rewarding.milestone()
    rewarding.budget(now, 1_000)
    rewarding.rule(now, milestone=one)
    progress = rewarding.reached(account, one, at=now)
    services.for_milestone(progress_id=progress.pk, actor=make.ACTOR, now=now)
    said = {"account_id": account.pk, "milestone_id": one.pk, "reason": "Corrected", "actor": make.ACTOR}

    assert services.take_back_rewards(**said, now=now) == 0, "it is reached still: a late word changes nothing"
    type(progress).objects.filter(pk=progress.pk).update(state="open", achieved_at=None, noticed_at=None, via="")
    assert services.take_back_rewards(**said, now=now) == 1
    assert services.take_back_rewards(**said, now=now) == 0
    assert has(account) == 0
    assert list(RewardMovement.objects.order_by("pk").values_list("kind", flat=True)) == ["fund", "grant", "reverse"]
    assert RewardMovement.objects.get(kind="reverse").reverses == RewardMovement.objects.get(kind="grant")
    assert services.for_milestone(progress_id=progress.pk, actor=make.ACTOR, now=now) == []

    progress = rewarding.reached(account, one, at=now)
    assert len(services.for_milestone(progress_id=progress.pk, actor=make.ACTOR, now=now)) == 1
    assert services.for_milestone(progress_id=progress.pk, actor=make.ACTOR, now=now) == []
    assert has(account) == 100
    assert invariants.broken(now) == []


def test_only_what_is_still_there_can_be_taken_back(account, now):
    rewarding.budget(now)
    claim = settle(rewarding.rule(now), rewarding.cause(account, "a", now), actor=make.ACTOR, now=now)
    item = services.write_item(key="mug", fields={"name": "A mug", "cost": Decimal(80)}, actor=make.ACTOR, now=now)
    services.redeem(account=account, item=item, idem_key="r1", actor=make.ACTOR, now=now)

    services.reverse(claim, reason="It was not theirs", actor=make.ACTOR, now=now)

    assert has(account) == 0
    reverse = RewardMovement.objects.get(kind="reverse")
    assert (reverse.amount, reverse.reason) == (20, "It was not theirs (80.00 of it had been used and stay)")
    with pytest.raises(Refused, match="taken back"):
        services.reverse(claim, reason="again", actor=make.ACTOR, now=now)
    assert invariants.broken(now) == []


def test_what_lacks_proof_or_is_above_the_limit_waits_and_is_decided_once(account, now):
    budget = rewarding.budget(now, 100_000)
    unproven = settle(rewarding.rule(now, needs_proof=True), rewarding.cause(account, "a", now, proven=False), actor=make.ACTOR, now=now)
    large = settle(rewarding.rule(now, approve_above=Decimal(50)), rewarding.cause(account, "a", now), actor=make.ACTOR, now=now)
    assert [claim.state for claim in (unproven, large)] == ["held", "held"]
    assert [claim.reasons[0]["words"] for claim in (unproven, large)] == [
        "Nothing shows yet that it happened.",
        "100 is above 50, which a person approves.",
    ]
    assert (has(account), has(account, "held"), selectors.left_of(budget)) == (0, 200, 99_800)
    assert Event.objects.filter(type="reward.held").count() == 2

    services.approve(large, actor=make.ACTOR, now=now)
    services.refuse(unproven, note="No screenshot", actor=make.ACTOR, now=now)
    for decide in (lambda: services.approve(large, actor=make.ACTOR, now=now), lambda: services.refuse(large, note="x", actor=make.ACTOR, now=now)):
        with pytest.raises(Refused, match="is granted"):
            decide()
    assert (has(account), has(account, "held"), selectors.left_of(budget)) == (100, 0, 99_900)
    assert invariants.broken(now) == []


def test_a_budget_is_paced_anew_when_many_reach_something_at_once(now):
    budget, rule = rewarding.budget(now, 2_000), rewarding.rule(now)
    claims = [settle(rule, rewarding.cause(make.account(), "a", now), actor=make.ACTOR, now=now) for _ in range(20)]
    paid = [int(claim.amount) for claim in claims]
    assert (paid[0], paid[-1]) == (100, 50)
    assert paid == sorted(paid, reverse=True)
    assert selectors.left_of(budget) == 2_000 - sum(paid) > 700
    assert {claim.state for claim in claims} == {"granted"}


def test_a_refusal_needs_its_reason(account, now):
    rewarding.budget(now)
    claim = settle(rewarding.rule(now, needs_proof=True), rewarding.cause(account, "a", now, proven=False), actor=make.ACTOR, now=now)
    with pytest.raises(Refused, match="Say why"):
        services.refuse(claim, note=" ", actor=make.ACTOR, now=now)
    assert has(account, "held") == 100


def test_a_burst_is_held_and_once_let_through_is_not_asked_again(account, now):
    rewarding.budget(now, 100_000)
    rule = rewarding.rule(now, amount=Decimal(1))
    claims = [settle(rule, rewarding.cause(account, f"c{number}", now, 1), actor=make.ACTOR, now=now) for number in range(14)]
    assert [claim.state for claim in claims] == ["granted"] * 12 + ["held"] * 2
    assert claims[12].reasons == [{"signal": "velocity", "words": "12 claims within an hour; a team at work makes fewer than 12."}]
    services.approve(claims[12], actor=make.ACTOR, now=now)
    assert settle(rule, rewarding.cause(account, "c15", now, 1), actor=make.ACTOR, now=now).state == "granted"


def test_a_held_out_account_gets_nothing_and_the_rest_can_be_compared(now):
    accounts = [make.account() for _ in range(4)]
    experiments.draw_holdout(key="rewards", share_percent=50, actor=make.ACTOR, now=now - timedelta(days=10))
    rewarding.budget(now)
    rule = rewarding.rule(now)
    states = [settle(rule, rewarding.cause(one, "a", now), actor=make.ACTOR, now=now).state for one in accounts]
    assert sorted(states) == ["granted", "granted", "held_out", "held_out"]
    told = selectors.worth_of_rewards(now=now)
    assert told is not None
    assert (told.treated, told.held_out, told.per_incremental, told.words) == (
        2,
        2,
        None,
        "Cannot tell yet: 2 accounts are held out, it takes 30 at least.",
    )


def test_the_cost_of_a_milestone_more_is_what_was_spent_over_the_difference(now):
    accounts = [make.account() for _ in range(80)]
    experiments.draw_holdout(key="rewards", share_percent=50, actor=make.ACTOR, now=now - timedelta(days=10))
    rewarding.budget(now, 1_000_000, unit_worth=Decimal("0.02"))
    one, rule = rewarding.milestone(), rewarding.rule(now)
    out = {pk for pk in experiments_held(accounts, now)}
    for number, account in enumerate(accounts):
        # Of those who may be rewarded all but two reach it, of those held out every fourth.
        if (account.pk not in out and number > 3) or number % 4 == 0:
            rewarding.reached(account, one, at=now - timedelta(days=1))
        settle(rule, rewarding.cause(account, "a", now), actor=make.ACTOR, now=now)
    told = selectors.worth_of_rewards(now=now)
    assert told is not None
    assert (told.treated, told.held_out, told.spent) == (40, 40, Decimal("80.00"))
    assert (told.low or 0) > 0
    assert told.per_incremental == (Decimal(80) / Decimal(repr(told.difference * 40))).quantize(Decimal("0.01"))


def experiments_held(accounts, now):
    from apps.experiments import selectors as asked

    return asked.held_out("rewards", [one.pk for one in accounts], now)


def test_without_a_budget_or_with_an_empty_one_nothing_is_granted_and_the_last_grant_takes_what_is_left(now):
    account, rule = make.account(), rewarding.rule(now, unit="credits", currency="EUR")
    assert settle(rule, rewarding.cause(account, "a", now), actor=make.ACTOR, now=now).state == "denied"
    budget = rewarding.budget(now, 130, unit="credits", currency="EUR")
    claims = [settle(rule, rewarding.cause(account, key, now), actor=make.ACTOR, now=now) for key in "bcd"]
    assert [(claim.state, claim.amount) for claim in claims] == [("granted", 100), ("granted", 30), ("denied", 0)]
    assert selectors.left_of(budget) == 0
    assert selectors.denied_share(budget) == (2, 4)
    assert invariants.broken(now) == []


def test_acts_of_a_day_are_paid_once_decay_and_stop_at_the_cap_in_any_order_of_telling(account, now):
    rewarding.budget(now, 100_000)
    rule = rewarding.rule(now, on="activity", activity="report", amount=Decimal(10), usual_acts=2, daily_cap=Decimal(35))
    pay = lambda: services.for_activity([account.pk], actor=make.ACTOR, now=now)  # noqa: E731
    make.activity(account, now - timedelta(hours=3), name="report")
    assert (pay(), pay(), has(account)) == (1, 0, 10)
    make.activity(account, *[now - timedelta(hours=2, minutes=7 * number) for number in range(2)], name="report")
    assert (pay(), has(account)) == (1, 29), "10 + 10 + 8.5, to whole points"
    make.activity(account, *[now - timedelta(minutes=11 * number) for number in range(5)], name="report")
    pay()
    assert has(account) == 35
    make.activity(account, now - timedelta(days=1), name="report")
    make.activity(account, now - timedelta(days=9), name="report")
    pay()
    assert (has(account), pay()) == (45, 0)
    assert RewardClaim.objects.filter(rule=rule, day=now.date()).count() == 3
    assert [one for one in invariants.broken(now) if one["name"] != "event_waiting"] == []


def test_usual_acts_are_learned_from_customers_who_were_not_caught(account, now):
    caught, rule = make.account(), rewarding.rule(now, on="activity", activity="report", usual_acts=9)
    for day in range(10):
        make.activity(account, *[now - timedelta(days=day, minutes=number) for number in range(2)], name="report")
        make.activity(caught, *[now - timedelta(days=day, minutes=number) for number in range(30)], name="report")
    RewardClaim.objects.create(account=caught, rule=rule, cause="x", day=now.date(), at=now, asked=1, state="refused", created_at=now)
    assert services.learn_usual(now=now) == 1
    rule.refresh_from_db()
    assert rule.usual_acts == 2


def test_tiers_follow_the_points_of_a_year_pay_once_and_badges_stay(account, now):
    services.write_tier(key="silver", fields={"name": "Silver", "threshold": Decimal(100)}, actor=make.ACTOR, now=now)
    services.write_badge(key="first", fields={"name": "First result", "given_for": "count"}, actor=make.ACTOR, now=now)
    services.write_badge(key="shine", fields={"name": "Silver", "given_for": "tier", "tier": "silver"}, actor=make.ACTOR, now=now)
    rewarding.budget(now)
    one = rewarding.milestone()
    rewarding.rule(now, milestone=one)
    rewarding.rule(now, on="tier", amount=Decimal(5))
    progress = rewarding.reached(account, one, at=now)
    services.for_milestone(progress_id=progress.pk, actor=make.ACTOR, now=now)

    assert has(account) == 105
    assert TierStanding.objects.get().tier == "silver"
    assert set(BadgeAward.objects.values_list("badge__key", flat=True)) == {"first", "shine"}
    assert Event.objects.filter(type="tier.reached").count() == 1

    later = now + timedelta(days=400)
    assert services.judge_tiers(actor=make.ACTOR, now=later) == 1
    assert (TierStanding.objects.get().tier, BadgeAward.objects.count()) == ("", 2)
    assert Event.objects.filter(type="tier.reached").last().payload == {"account_id": account.pk, "tier": "", "was": "silver"}


def test_streaks_are_counted_from_activity_paused_and_paid_once(account, now):
    rewarding.budget(now)
    services.write_badge(key="steady", fields={"name": "Steady", "given_for": "streak", "at_least": 3}, actor=make.ACTOR, now=now)
    rewarding.rule(now, on="streak", weeks=3, amount=Decimal(30))
    make.weeks_of_use(account, until=now, weeks=3, per_week=6)
    for _ in range(2):
        services.count_all_streaks(actor=make.ACTOR, now=now)
    row = Streak.objects.get(step="week")
    assert (row.length, row.best, has(account), BadgeAward.objects.count()) == (row.best, row.length, 30, 1)
    assert row.length >= 3
    services.pause_streak(starts_on=now.date(), ends_on=now.date() + timedelta(days=27), reason="Plant holidays", actor=make.ACTOR, now=now)
    services.count_all_streaks(actor=make.ACTOR, now=now + timedelta(days=28))
    assert Streak.objects.get(step="week").length == row.length
    services.count_all_streaks(actor=make.ACTOR, now=now + timedelta(days=70))
    assert (Streak.objects.get(step="week").length, Streak.objects.get(step="week").best) == (0, row.length)
    assert has(account) == 30


def test_what_is_not_used_in_time_expires_the_oldest_first(account, now):
    rewarding.budget(now)
    short, long = rewarding.rule(now, expires_days=30), rewarding.rule(now)
    for rule in (short, long):
        settle(rule, rewarding.cause(account, "a", now), actor=make.ACTOR, now=now)
    item = services.write_item(key="pen", fields={"name": "A pen", "cost": Decimal(60)}, actor=make.ACTOR, now=now)
    services.redeem(account=account, item=item, idem_key="p1", actor=make.ACTOR, now=now)

    assert services.expire_due(actor=make.ACTOR, now=now + timedelta(days=29)) == 0
    due = now + timedelta(days=31)
    assert (services.expire_due(actor=make.ACTOR, now=due), services.expire_due(actor=make.ACTOR, now=due)) == (1, 0)
    assert services.expire_due(actor=make.ACTOR, now=due + timedelta(days=1)) == 0
    assert (has(account), has(account, "expired")) == (100, 40)
    assert invariants.broken(now) == []


def test_redeeming_sets_aside_hands_over_or_gives_back_and_counts_the_stock(account, now):
    rewarding.budget(now)
    settle(rewarding.rule(now), rewarding.cause(account, "a", now), actor=make.ACTOR, now=now)
    item = services.write_item(key="mug", fields={"name": "A mug", "cost": Decimal(40), "stock": 2}, actor=make.ACTOR, now=now)
    ask = lambda key: services.redeem(account=account, item=item, idem_key=key, actor=make.ACTOR, now=now)  # noqa: E731
    first = ask("a")
    assert ask("a") == first
    second = ask("b")
    with pytest.raises(Refused, match="not there any more"):
        ask("c")
    assert (has(account), has(account, "reserved")) == (20, 80)

    services.hand_over(first, actor=make.ACTOR, now=now)
    services.refuse_redemption(second, note="Not for resellers", actor=make.ACTOR, now=now)
    with pytest.raises(Refused, match="cannot be called off"):
        services.call_off(first, actor=make.ACTOR, now=now)
    assert (has(account), has(account, "reserved"), has(account, "redeemed")) == (60, 0, 40)
    assert CatalogueItem.objects.get().stock == 1
    assert list(Redemption.objects.order_by("pk").values_list("state", flat=True)) == ["handed_over", "refused"]
    assert [event.payload["state"] for event in Event.objects.filter(type="reward.redeemed").order_by("pk")] == [
        *("asked", "asked", "handed_over", "refused")
    ]
    assert invariants.broken(now) == []


def test_what_costs_too_much_is_of_a_higher_tier_or_withdrawn_is_refused_and_nothing_changes(account, now):
    services.write_tier(key="gold", fields={"name": "Gold", "threshold": Decimal(5000)}, actor=make.ACTOR, now=now)
    for key, fields, words in (
        ("dear", {"cost": Decimal(1)}, "costs 1.00 points; 0 are there"),
        ("high", {"cost": Decimal(1), "tier": "gold"}, "for Gold and above"),
        ("gone", {"cost": Decimal(1), "state": "withdrawn"}, "not offered"),
    ):
        item = services.write_item(key=key, fields={"name": key, "stock": 3, **fields}, actor=make.ACTOR, now=now)
        with pytest.raises(Refused, match=words):
            services.redeem(account=account, item=item, idem_key=key, actor=make.ACTOR, now=now)
    assert set(CatalogueItem.objects.values_list("stock", flat=True)) == {3}
    assert not Redemption.objects.exists()
    assert not RewardMovement.objects.exists()


def test_the_sweep_finds_milestones_whose_reward_was_lost(account, now):
    one = rewarding.milestone()
    rewarding.budget(now)
    rewarding.rule(now)
    rewarding.reached(account, one, at=now - timedelta(hours=1))
    assert (services.sweep_rewards(actor=make.ACTOR, now=now), services.sweep_rewards(actor=make.ACTOR, now=now)) == (1, 0)
    assert has(account) == 100
