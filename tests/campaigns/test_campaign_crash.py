"""Real processes freeze and hand over and are killed (-9), with a pause, an edit and a resume in between: everybody once, or listed with a reason.

CAMPAIGN_RECIPIENTS says how many; `make faults` asks for 100,000.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from apps.campaigns.models import Occurrence, Recipient
from apps.campaigns.services import campaigns
from apps.events.models import Event
from apps.messaging.models import Decision, Message
from tests import make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]
MANY = int(os.environ.get("CAMPAIGN_RECIPIENTS", "1500"))
WORKERS = 3
_PROGRAM = """
import django; django.setup()
import sys, time
from datetime import datetime, timezone
from apps.campaigns.services import campaigns
from apps.campaigns.models import Occurrence
now, batch, size = datetime(2026, 3, 11, 12, tzinfo=timezone.utc), int(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
while True:
    campaigns.plan_due(now=now)
    for row in Occurrence.objects.filter(state__in=["planned", "freezing"]):
        campaigns.freeze(row, now=now, batch=batch, most=2)
    campaigns.hand_over(now=now, rounds=2, size=size)
    campaigns.finish(now=now)
    # So that there is something left to do when the next of them dies.
    time.sleep(0.1)
"""
_PEOPLE = """
with a as (
    insert into accounts_account (external_id, name, plan, domain, stage, time_zone, currency, arr, traits, synthetic, version)
    select 'crash-' || n, 'Customer ' || n, '', '', case when n %% 50 = 0 then 'churned' else 'active' end, 'UTC', 'USD', 0, '{}', true, 1
    from generate_series(1, %(many)s) n returning id
), c as (
    insert into accounts_contact (account_id, external_id, name, email, role, time_zone, locale, traits, version)
    select id, '', 'Person ' || id, case when id %% 10 = 0 then '' else 'p' || id || '@customer.test' end, 'champion', '', '', '{}', 1 from a
    where id %% 25 <> 1 returning id, account_id
), k as (
    insert into messaging_consent (contact_id, channel, topic, allowed, source, wording, actor, at)
    select id, 'email', 'success', false, 'test', '', '', %(now)s from c where account_id %% 7 = 0
)
insert into campaigns_membership (segment_id, account_id, version_id, entered_at) select %(segment)s, id, %(version)s, %(now)s from a
"""


class Crew:
    """Worker processes that are killed and replaced."""

    def __init__(self, batch, size):
        database = os.environ["DATABASE_URL"].replace("/cs?", f"/{connection.settings_dict['NAME']}?")
        self.environment = {**os.environ, "DATABASE_URL": database, "LOG_LEVEL": "CRITICAL"}
        self.command = [sys.executable, "-c", _PROGRAM, str(batch), str(size)]
        self.kills, self.hands = 0, []

    def hire(self):
        root = Path(__file__).resolve().parents[2]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        one = subprocess.Popen(self.command, cwd=root, env=self.environment, **pipes)
        self.hands.append(one)
        return one

    def fill(self):
        """Whoever is left stands still until the others have started, however long this machine takes for it."""
        stayed = list(self.hands)
        for one in stayed:
            one.send_signal(signal.SIGSTOP)
        fresh = [self.hire() for _ in range(WORKERS - len(self.hands))]
        for one in fresh:
            assert one.stdout.readline() == b"ready\n"
        for one in fresh:
            one.stdin.write(b"go\n")
            one.stdin.flush()
        for one in stayed:
            one.send_signal(signal.SIGCONT)

    def kill(self, number):
        for one in self.hands[:number]:
            one.send_signal(signal.SIGKILL)
            one.wait(10)
            self.kills += 1
        self.hands = self.hands[number:]


def handed():
    return Recipient.objects.exclude(state="planned").count()


def waited_for(whole, seconds=200):
    ends = time.monotonic() + seconds + MANY / 100
    while time.monotonic() < ends:
        if whole():
            return
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {Counter(Recipient.objects.values_list('state', flat=True))}")


def test_everybody_once_or_listed_with_a_reason_whoever_is_killed(now):
    make.news("old")
    make.news("new")
    segment = make.segment_of(now=now)
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, {"many": MANY, "now": now, "segment": segment.pk, "version": segment.current_id})
    says = {
        "when": {"kind": "once", "at": "2026-03-11T12:00", "local": False},
        "segment": segment.key,
        "holdout_percent": 10,
        "variants": [{"name": "a", "template": "old"}, {"name": "b", "template": "old"}],
    }
    campaign = make.campaign(says=says, live_at=now)
    draw, crew = random.Random(8), Crew(max(30, MANY // 50), max(10, MANY // 300))
    try:
        for share in (0.15, 0.4, 0.7):
            crew.fill()
            waited_for(lambda share=share: Recipient.objects.count() >= share * MANY)
            time.sleep(draw.uniform(0, 0.1))
            crew.kill(draw.choice((1, 2, 3)))
        crew.fill()
        waited_for(lambda: Message.objects.count() > MANY * 0.1)
        crew.kill(2)
        campaigns.pause(campaign, why="A question.", actor=make.ACTOR, now=now)
        stood = (handed(), Message.objects.count())
        crew.fill()
        time.sleep(0.5)
        assert (handed(), Message.objects.count()) == stood
        campaigns.save_version(campaign, says={**says, "variants": [{"name": "a", "template": "new"}]}, actor=make.ACTOR, now=now)
        crew.kill(1)
        campaigns.resume(campaign, actor=make.ACTOR, now=now)
        crew.fill()
        waited_for(lambda: Message.objects.count() > MANY * 0.4)
        crew.kill(3)
        crew.fill()
        waited_for(lambda: Occurrence.objects.filter(state="done").exists())
    finally:
        crew.kill(len(crew.hands))
    assert crew.kills >= 9
    assert Recipient.objects.count() == MANY
    assert Recipient.objects.values("account").distinct().count() == MANY
    found = Counter(Recipient.objects.values_list("state", "left"))
    assert sorted(found) == [
        *(("excluded", "gone"), ("excluded", "no_address"), ("excluded", "no_consent"), ("excluded", "nobody"), ("handed", ""), ("held_out", "")),
    ]
    messages = Message.objects.filter(series=campaign.series)
    assert messages.count() == found["handed", ""]
    assert messages.values("contact").distinct().count() == found["handed", ""]
    assert messages.filter(campaign_recipient__isnull=False).count() == found["handed", ""]
    assert set(messages.values_list("template__key", flat=True)) == {"old"}
    assert Decision.objects.filter(message__in=messages).count() == found["handed", ""]
    assert Event.objects.filter(type="campaign.frozen").count() == 1
    assert Occurrence.objects.count() == 1
