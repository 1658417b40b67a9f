"""K, cycle time and their intervals with exact values, and the words where nothing can be told."""

import math
from datetime import timedelta

import pytest

from apps.community import selectors, services
from apps.community.models import Advocate, Invite, Referral
from apps.community.referrals.analytics.estimates import after_waves, cycle, rate_interval, virality
from apps.core.actor import Actor
from apps.experiments.models import Holdout, HoldoutMember
from tests import make

ACTOR = Actor.job("test")
DAY = timedelta(days=1)
referrals = services.referrals


def test_k_is_invites_per_exposed_times_approved_per_invite_and_links_beside():
    found = virality([1] * 10 + [0] * 30, invites=80, by_invite=8)
    assert (found.exposed, found.invites_per_exposed, found.per_invite, found.by_link, found.k) == (40, 2.0, 0.1, 2, 0.25)
    assert found.k == found.invites_per_exposed * found.per_invite + found.by_link / found.exposed
    # Ten events of a Poisson number: 4.7954 to 18.3904 (Garwood 1936); nobody brought more than one, so nothing widens it.
    assert (round(found.low, 4), round(found.high, 4)) == (0.1199, 0.4598)
    assert found.words == "K 0.25 (95 % sure of 0.12 to 0.46): 10 approved of 40 who saw the offer."


def test_where_a_few_bring_most_the_interval_is_wider():
    one_each, one_brings_ten = [1] * 10 + [0] * 30, [10] + [0] * 39
    narrow, wide = rate_interval(one_each), rate_interval(one_brings_ten)
    assert wide[0] < narrow[0] < 0.25 < narrow[1] < wide[1]
    # A spread of 10 leaves one independent event: 0.0253 to 5.5716.
    assert (round(wide[0], 4), round(wide[1], 4)) == (0.0063, 1.3929)


def test_with_nobody_or_few_it_cannot_tell():
    assert virality([], invites=0, by_invite=0).words == "The offer was shown to nobody yet."
    few = virality([0] * 10, invites=3, by_invite=0)
    assert (few.k, few.can_tell, few.words) == (0.0, False, "We cannot tell yet: 0 approved of 10 who saw the offer.")
    # No event in ten: the rule of three, exactly 3.6889 events.
    assert (few.low, round(few.high, 4)) == (0.0, 0.3689)
    assert rate_interval([]) == (0.0, math.inf)


def test_the_cycle_time_is_a_median_between_two_of_the_values():
    found = cycle([timedelta(days=number) for number in range(1, 21)])
    # Of twenty the 6th and the 15th hold the median with 95.9 %.
    assert (found.count, found.days, found.low, found.high) == (20, 10.5, 6.0, 15.0)
    six = cycle([timedelta(days=number) for number in (1, 2, 3, 4, 5, 9)])
    assert (six.days, six.low, six.high) == (3.5, 1.0, 9.0)
    five = cycle([timedelta(days=number) for number in range(5)])
    assert (five.days, five.low, five.words) == (2.0, None, "We cannot tell yet: 5 went round.")
    assert cycle([]).words == "Nobody has gone round yet."


@pytest.mark.parametrize(("seeds", "k", "waves", "total"), [(100, 0.5, 0, 100), (100, 0.5, 2, 175), (10, 1, 3, 40), (10, 2, 2, 70)])
def test_who_is_there_after_so_many_rounds(seeds, k, waves, total):
    assert after_waves(seeds, k, waves) == total


def approved(advocate: Advocate, *, at, after: timedelta) -> tuple[Referral, object]:
    friend = make.friend(now=at)
    row = make.referral(advocate, now=at + after, of=friend)
    make.activity(friend, at + after, name="report.shared")
    referrals.look([row.pk], actor=ACTOR, now=at + after)
    row.refresh_from_db()
    assert row.state == "approved"
    return row, friend


@pytest.mark.django_db
def test_cohorts_and_generations_are_read_from_approved_referrals_only(now, mailless):
    program = make.program(now=now)
    ann, bo = make.advocate(program, now=now - 40 * DAY), make.advocate(program, now=now - 5 * DAY)
    invite = referrals.invite(ann, address="noor@firm.test", actor=ACTOR, now=now - 39 * DAY)
    _, first = approved(ann, at=now - 30 * DAY, after=timedelta(0))
    second = referrals.join(program, contact=make.contact(first), actor=ACTOR, now=now - 20 * DAY)
    approved(second, at=now - 18 * DAY, after=timedelta(0))
    make.referral(bo, now=now - DAY, email="x@mailinator.com")
    make.referral(bo, now=now - DAY)

    found = selectors.referrals.analytics(program, now=now)
    assert [(one.name, one.figures.exposed, one.figures.approved) for one in found.cohorts] == [
        ("2026-01", 1, 1),
        ("2026-02", 1, 1),
        ("2026-03", 1, 0),
    ]
    assert [(one.name, one.figures.exposed, one.figures.approved) for one in found.generations] == [("0", 2, 1), ("1", 1, 1)]
    assert (found.whole.exposed, found.whole.invites, found.whole.by_invite, found.whole.approved) == (3, 1, 0, 2)
    assert (found.cycle.count, found.cycle.days) == (2, 6.0)
    funnel = found.funnel
    assert (funnel.exposed, funnel.invited, funnel.delivered, funnel.signed_up, funnel.activated, funnel.approved) == (3, 1, 0, 3, 2, 2)
    assert Invite.objects.get() == invite


@pytest.mark.django_db
def test_what_the_offer_brings_is_told_against_accounts_that_it_is_hidden_from(now):
    program = make.program(now=now)
    drawn = Holdout.objects.create(key="referrals", share_percent=25, salt="s", starts_at=now, ends_at=now + 91 * DAY, actor="test")
    accounts = [make.account(created_at=now - 700 * DAY) for _ in range(8)]
    for number, account in enumerate(accounts):
        HoldoutMember.objects.create(holdout=drawn, account=account, held_out=number < 2, since=now)
    assert selectors.referrals.analytics(program, now=now).incremental.treated.n == 6
    approved(referrals.join(program, contact=make.contact(accounts[5]), actor=ACTOR, now=now), at=now, after=DAY)
    # Somebody who came by themselves says who had recommended us, at an account that the offer is hidden from.
    make.friend(now=now + DAY, traits={"recommended_by": accounts[0].external_id})
    found = selectors.referrals.analytics(program, now=now + 2 * DAY).incremental
    assert ((found.treated.n, found.treated.successes), (found.held_out.n, found.held_out.successes)) == ((6, 1), (2, 1))
    assert found.words.startswith("We cannot tell yet")


@pytest.mark.django_db
def test_cost_and_payback_are_of_what_was_given(now):
    program = make.program(now=now)
    _, friend = approved(make.advocate(program, now=now), at=now, after=DAY)
    friend.arr = 2400
    friend.save()
    found = selectors.referrals.analytics(program, now=now + 2 * DAY).worth
    # Points cost nothing until a budget says what one costs; 20 of credit against 200 a month.
    assert (found.approved, found.cost, found.arr, found.months) == (1, 20, 2400, 0.1)
    assert found.words == "20 for 1 approved, which pay 2,400 a year: back after 0.1 months."


@pytest.mark.django_db
def test_those_who_were_recommended_to_are_compared_with_who_came_by_themselves_in_the_same_month(now):
    program = make.program(now=now)
    _, friend = approved(make.advocate(program, now=now), at=now, after=DAY)
    make.account(created_at=now, stage="churned", churned_on=(now + 30 * DAY).date())
    make.account(created_at=now)
    make.account(created_at=now - 60 * DAY, stage="churned", churned_on=now.date())
    found = selectors.referrals.analytics(program, now=now + 100 * DAY).retention
    assert ((found.treated.n, found.treated.successes), (found.held_out.n, found.held_out.successes)) == ((1, 1), (2, 1))
    assert friend.pk
