"""Eight writers at once, retries and kill -9: nothing is paid twice, no budget is passed, nothing is sold twice."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from apps.core.errors import Refused
from apps.milestones import services
from apps.milestones.models import CatalogueItem, Redemption, RewardBudget, RewardClaim, RewardMovement
from apps.milestones.rewards import ledger
from apps.milestones.rewards.granting import settle
from cs_platform import invariants
from tests import make
from tests.milestones import rewarding
from tests.milestones.rewarding import has

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 8


def left(budget) -> Decimal:
    return ledger.balance("budget", unit="points", budget_id=budget.pk)


def test_eight_writers_with_the_same_causes_pay_each_once(now):
    accounts = [make.account() for _ in range(3)]
    budget, rule = rewarding.budget(now, 100_000), rewarding.rule(now, amount=Decimal(10))
    causes = [rewarding.cause(account, f"c{number}", now, 10) for account in accounts for number in range(8)]
    granted = []

    def work(number):
        mine = random.Random(number).sample(causes, len(causes))
        for cause in [*mine, *mine[:5]]:
            granted.append(settle(rule, cause, actor=make.ACTOR, now=now) is not None)
        connection.close()

    make.at_once(work, WRITERS)

    assert (len(granted), sum(granted)) == (WRITERS * 29, 24)
    # The multiplier is reckoned once an hour, so all of them are paid by the same.
    assert [has(account) for account in accounts] == [80, 80, 80]
    assert left(budget) == 100_000 - 240
    assert invariants.broken(now) == []


def test_eight_writers_never_pass_a_budget_that_is_nearly_empty(now):
    accounts = [make.account() for _ in range(WRITERS)]
    budget, rule = rewarding.budget(now, 105), rewarding.rule(now, amount=Decimal(10))

    def work(number):
        for turn in range(4):
            settle(rule, rewarding.cause(accounts[number], f"c{turn}", now, 10), actor=make.ACTOR, now=now)
        connection.close()

    make.at_once(work, WRITERS)

    total = sum(has(account) for account in accounts)
    assert (total, left(budget)) == (105, 0)
    assert RewardClaim.objects.filter(state="denied").exists()
    assert invariants.broken(now) == []


def test_eight_redeemers_never_oversell_a_stock_of_three(now):
    rewarding.budget(now, 100_000)
    rule = rewarding.rule(now)
    accounts = [make.account() for _ in range(WRITERS)]
    for account in accounts:
        settle(rule, rewarding.cause(account, "a", now), actor=make.ACTOR, now=now)
    item = services.write_item(key="mug", fields={"name": "A mug", "cost": Decimal(40), "stock": 3}, actor=make.ACTOR, now=now)
    answers = []

    def work(number):
        for _ in range(2):
            # The second is a retry of the first: it must not buy another.
            try:
                services.redeem(account=accounts[number], item=item, idem_key=f"r{number}", actor=make.ACTOR, now=now)
                answers.append((number, "yes"))
            except Refused as refusal:
                answers.append((number, refusal.code))
        connection.close()

    make.at_once(work, WRITERS)

    assert {code for _, code in answers} == {"yes", "none_left"}
    assert len({number for number, code in answers if code == "yes"}) == 3
    assert (CatalogueItem.objects.get().stock, Redemption.objects.count()) == (0, 3)
    assert sum(has(account, "reserved") for account in accounts) == 120
    assert invariants.broken(now) == []


def test_one_account_that_redeems_eight_times_at_once_spends_no_more_than_it_has(now):
    account = make.account()
    rewarding.budget(now, 100_000)
    settle(rewarding.rule(now), rewarding.cause(account, "a", now), actor=make.ACTOR, now=now)
    item = services.write_item(key="pen", fields={"name": "A pen", "cost": Decimal(30)}, actor=make.ACTOR, now=now)
    refused = []

    def work(number):
        try:
            services.redeem(account=account, item=item, idem_key=f"r{number}", actor=make.ACTOR, now=now)
        except Refused as refusal:
            refused.append(refusal.code)
        connection.close()

    make.at_once(work, WRITERS)

    assert refused == ["not_enough"] * 5
    assert (has(account), has(account, "reserved")) == (10, 90)
    assert invariants.broken(now) == []


def test_a_claim_is_decided_once_by_eight_people_at_once(now):
    account = make.account()
    rewarding.budget(now, 1_000)
    claim = settle(rewarding.rule(now, needs_proof=True), rewarding.cause(account, "a", now, proven=False), actor=make.ACTOR, now=now)
    done = []

    def work(number):
        try:
            if number % 2:
                services.approve(claim, actor=make.ACTOR, now=now)
            else:
                services.refuse(claim, note="no", actor=make.ACTOR, now=now)
            done.append(number)
        except Refused:
            pass
        connection.close()

    make.at_once(work, WRITERS)

    assert len(done) == 1
    assert (has(account), has(account, "held")) == ((100, 0) if done[0] % 2 else (0, 0))
    assert RewardMovement.objects.exclude(kind="fund").count() == 2
    assert invariants.broken(now) == []


_PROGRAM = """
import django; django.setup()
from datetime import datetime, timezone
from decimal import Decimal
import random, sys
from apps.core.actor import Actor
from apps.milestones.models import RewardRule
from apps.milestones.rewards.granting import Cause, settle
rule, accounts, draw = RewardRule.objects.get(), eval(sys.argv[1]), random.Random(int(sys.argv[2]))
now = datetime(2026, 3, 11, 12, tzinfo=timezone.utc)
print("ready", flush=True)
while True:
    account, number = draw.choice(accounts), draw.randrange(200)
    settle(rule, Cause(account, f"c{number}", now, Decimal(10)), actor=Actor.job("victim"), now=now)
"""


@pytest.mark.timeout(180)
def test_kill_9_in_the_middle_of_granting_leaves_every_sum_right(now, settings):
    """Four killed processes: about 15 s, most of it Python starting on a busy machine."""
    accounts = [make.account().pk for _ in range(3)]
    budget = rewarding.budget(now, 4_005, month=date(2026, 3, 1))
    rewarding.rule(now, amount=Decimal(10))
    database = os.environ["DATABASE_URL"].replace("/cs?", f"/{connection.settings_dict['NAME']}?")
    environment = {**os.environ, "DATABASE_URL": database, "LOG_LEVEL": "CRITICAL"}
    root = Path(__file__).resolve().parents[2]
    draw, killed = random.Random(3), 0
    for wave in range(1):
        crew = []
        try:
            for number in range(4):
                command = [sys.executable, "-c", _PROGRAM, repr(accounts), str(wave * 4 + number)]
                crew.append(subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL))
            for one in crew:
                assert one.stdout is not None
                assert one.stdout.readline() == b"ready\n"
            # Long enough for each to be in the midst of granting.
            time.sleep(1.0)
        finally:
            for one in crew:
                time.sleep(draw.uniform(0, 0.15))
                one.send_signal(signal.SIGKILL)
                one.wait(10)
                killed += 1
    time.sleep(0.3)

    # Many within an hour look like gaming, so most of them wait.
    claims = RewardClaim.objects.filter(state__in=["granted", "held"])
    assert killed == 4
    assert claims.count() > 20
    assert sum(claims.values_list("amount", flat=True)) + left(budget) == 4_005
    assert RewardBudget.objects.get().amount == 4_005
    assert [one for one in invariants.broken(now) if one["name"] != "event_waiting"] == []
