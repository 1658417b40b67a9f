"""Many at once and in any order: one invitation per person, one referral per friend, one reward per side."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.community import services
from apps.community.models import Invite, Referral, ReferralReward
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.messaging import services as messaging
from apps.messaging.models import Message
from apps.milestones.models import RewardBalance, RewardMovement
from tests import make
from tests.messaging.crowd import at_once

ACTOR = Actor.job("test")
DAY = timedelta(days=1)
referrals = services.referrals


@pytest.mark.django_db(transaction=True)
def test_of_eight_advocates_who_invite_the_same_person_at_once_one_is_heard(now):
    messaging.ensure_templates(now)
    program = make.program(now=now)
    advocates = [make.advocate(program, now=now) for _ in range(8)]
    refused: list[str] = []

    def work(number: int) -> None:
        try:
            referrals.invite(advocates[number], address=f"Noor+{number}@firm.test", actor=ACTOR, now=now)
        except Refused as refusal:
            refused.append(refusal.code)

    assert at_once(8, work) == []
    assert (Invite.objects.count(), Message.objects.count(), refused) == (1, 1, ["not_this_person"] * 7)


@pytest.mark.django_db(transaction=True)
def test_of_eight_tellings_of_one_sign_up_and_eight_looks_one_counts(now):
    program = make.program(now=now)
    advocate, friend = make.advocate(program, now=now), make.friend(now=now)
    make.activity(friend, now, name="report.shared")

    def work(number: int) -> None:
        said = referrals.SignUp(key="same" if number % 2 else f"other-{number}", at=now, code=advocate.code, external_id=friend.external_id)
        row = referrals.sign_up(program, said, actor=ACTOR, now=now)
        referrals.look([row.pk], actor=ACTOR, now=now)
        referrals.mature_due(actor=ACTOR, now=now)

    assert at_once(8, work) == []
    assert Referral.objects.get().state == "approved"
    assert RewardMovement.objects.filter(kind="grant").count() == 2
    assert ReferralReward.objects.filter(state="issued").count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_refund_that_crosses_the_reward_leaves_nothing_given(now):
    program = make.program(now=now)
    rows = []
    for _ in range(4):
        friend = make.friend(now=now)
        make.activity(friend, now, name="report.shared")
        rows.append(make.referral(make.advocate(program, now=now), now=now, of=friend))

    def work(number: int) -> None:
        if number % 2:
            referrals.void(rows[number // 2], reason="Refunded", at=now, actor=ACTOR, now=now)
        else:
            referrals.look([rows[number // 2].pk], actor=ACTOR, now=now)

    assert at_once(8, work) == []
    assert set(Referral.objects.values_list("state", flat=True)) == {"voided"}
    assert not RewardBalance.objects.filter(book="account", amount__gt=0).exists()


@pytest.mark.django_db(transaction=True)
def test_caps_are_kept_by_eight_looks_at_once(now):
    advocate = make.advocate(make.program(now=now, per_advocate=3), now=now)
    rows = []
    for number in range(8):
        friend = make.friend(now=now + number * DAY / 4)
        make.activity(friend, now + 2 * DAY, name="report.shared")
        rows.append(make.referral(advocate, now=now + number * DAY / 4, of=friend))

    assert at_once(8, lambda number: referrals.look([rows[number].pk], actor=ACTOR, now=now + 3 * DAY)) == []
    mine = ReferralReward.objects.filter(side="advocate")
    assert (mine.filter(state="issued").count(), mine.filter(state="capped").count()) == (3, 5)
    assert RewardBalance.objects.get(book="account", account=advocate.account).amount == 1500


ACTS = ("sign_up", "again", "account", "value", "look", "mature", "refund", "leave")


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.lists(st.sampled_from(ACTS), min_size=4, max_size=14))
def test_whatever_is_told_in_whatever_order_a_reward_is_given_at_most_once_and_never_for_what_is_void(now, order):
    with transaction.atomic():
        before = RewardMovement.objects.count()
        program = make.program(now=now)
        advocate = make.advocate(program, now=now)
        key = f"{program.pk}-later"
        said = referrals.SignUp(key="one", at=now, code=advocate.code, external_id=key)
        account = None

        def rows():
            return Referral.objects.filter(program=program)

        for number, act in enumerate(order):
            at = now + timedelta(hours=number)
            account = account or (make.friend(now=now, external_id=key) if act in ("account", "value", "leave") else None)
            if act in ("sign_up", "again"):
                referrals.sign_up(program, said, actor=ACTOR, now=at)
            elif act == "value":
                make.activity(account, at, name="report.shared")
            elif act == "look" and account:
                referrals.look_at_accounts([account.pk], actor=ACTOR, now=at)
            elif act == "mature":
                referrals.mature_due(actor=ACTOR, now=at)
            elif act == "refund":
                for row in rows():
                    referrals.void(row, reason="Refunded", at=at, actor=ACTOR, now=at)
            elif act == "leave" and account:
                referrals.void_for_leaver(account.pk, actor=ACTOR, now=at)

        assert rows().count() == (1 if {"sign_up", "again"} & set(order) else 0)
        given_rows = list(RewardMovement.objects.order_by("pk")[before:].values_list("kind", "account_id", "amount"))
        grants = [row for row in given_rows if row[0] == "grant"]
        assert len(grants) in (0, 2)
        balances = [
            int(row.amount) for row in RewardBalance.objects.filter(book="account", account__in=[advocate.account_id, account.pk if account else 0])
        ]
        row = rows().first()
        if row is not None and row.state == "approved":
            assert sorted(balances) == [20, 500]
        else:
            assert not any(balances)
        # Each example begins with an empty company.
        transaction.set_rollback(True)
