import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from apps.accounts.models import Account, ActivityEvent, DailyRollup
from apps.churn.models import AccountRisk
from apps.churn.types import Band
from apps.integrations.models import Source
from apps.messaging.models import Message
from apps.messaging.types import Channel, MessageState
from cs_platform.demo import load, model, past
from cs_platform.demo.door import Deed, Door
from cs_platform.demo.live import Life
from cs_platform.demo.town import Town

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(settings, tmp_path, live_server) -> datetime:
    """Thirty customers up to now, and a live server that is the product's door."""
    settings.VAR_DIR, settings.BASE_URL = tmp_path, live_server.url
    now = timezone.now().replace(microsecond=0)
    made = model.imagine(accounts=30, seed=3, until=now)
    load.write(made, seed=3, as_known_on=past.begins(made).date())
    return now


def life(live_server, *, speed: float = 1.0, seed: int = 1) -> Life:
    return Life(Door(live_server.url), Event(), speed=speed, say=lambda words: None, dice=random.Random(seed))


def rollups_off() -> int:
    """How many daily rollups differ from the events."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from (select account_id, (at at time zone 'UTC')::date as day, name, count(*) as n, sum(value) as v "
            "from accounts_activityevent group by 1, 2, 3) e full join accounts_dailyrollup r using (account_id, day, name) "
            "where e.n is distinct from r.count or e.v is distinct from r.value"
        )
        return cursor.fetchone()[0]


def added():
    return ActivityEvent.objects.exclude(message_id__startswith="past-")


def test_a_few_seconds_bring_activity_through_the_door(company, live_server):
    before = ActivityEvent.objects.count()

    life(live_server, speed=60).run(until=timezone.now() + timedelta(seconds=3))

    assert added().filter(message_id__startswith="live-", source="demo").count() >= 10
    assert ActivityEvent.objects.count() == before + added().count()
    assert rollups_off() == 0
    assert Source.objects.get().name == "demo"
    assert not added().filter(account__in=Account.objects.exclude(churned_on=None)).exists()


def test_the_write_key_is_kept_and_a_refused_one_is_renewed(company, live_server, settings):
    deeds = [Deed(f"live-{number}", "hl-0001", "", "login", company) for number in (1, 2)]
    assert Door(live_server.url).post(deeds[:1], now=company)
    kept = Path(settings.VAR_DIR) / "demo_write_key"
    first = kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0
    assert Door(live_server.url).post(deeds[1:], now=company)
    assert kept.read_text() == first

    kept.write_text("csw_wrong")
    door = Door(live_server.url)
    assert not door.post(deeds, now=company)
    assert door.post(deeds, now=company)
    assert kept.read_text() not in (first, "csw_wrong")
    assert added().count() == 2


def test_a_closed_door_is_told_and_nothing_is_stored(company):
    said = []
    Life(Door("http://127.0.0.1:9"), Event(), speed=60, say=said.append).run(until=timezone.now() + timedelta(seconds=1.5))
    assert said == ["The door does not open yet; trying again."]
    assert not added().exists()


def test_nobody_does_more_than_two_ordinary_days_in_a_day(company, live_server):
    at_work = datetime(2026, 3, 11, 14, tzinfo=UTC)
    one_life = life(live_server, speed=3)
    one_life.town.read(company)
    done = 0
    while deeds := one_life.ordinary_use(at_work):
        done += len(deeds)
        assert done < 1_000
    there = one_life.town.neighbours.values()
    assert done == sum(one.day for one in there) > 50
    assert all(one.day <= max(3.0, 2 * one.per_week / 5) * one.vigour + 1 for one in there)
    assert all(one.week <= 1.3 * one.per_week * one.vigour + 3 for one in there)


def test_days_in_which_the_product_was_off_come_in_late_and_once(company, live_server):
    ActivityEvent.objects.filter(at__gt=company - timedelta(days=4)).delete()
    DailyRollup.objects.filter(day__gt=(company - timedelta(days=5)).date()).delete()
    ActivityEvent.objects.filter(at__date__gt=(company - timedelta(days=5)).date()).delete()
    last = ActivityEvent.objects.latest("at").at
    one_life = life(live_server)
    one_life.town.read(company)

    deeds = one_life.late_days(company)
    assert one_life.door.post(deeds, now=company)
    assert one_life.door.post(deeds, now=company)

    assert len({deed.key for deed in deeds}) == len(deeds) == added().count() > 30
    assert all(last < deed.at <= company for deed in deeds)
    assert {at.date() for at in added().values_list("at", flat=True)} >= {(company - timedelta(days=ago)).date() for ago in (1, 2)}
    assert rollups_off() == 0
    assert one_life.late_days(timezone.now()) == []


def test_trouble_is_limited_and_coming_back_helps_those_at_risk(company, live_server):
    one_life = life(live_server, seed=5)
    one_life.town.read(company)
    there = list(one_life.town.neighbours.values())

    one_life.get_worse(there, company)
    troubled = set(added().values_list("account_id", flat=True))
    assert len(troubled) == 1
    assert set(added().values_list("name", flat=True)) <= {"ticket.opened", "payment.failed", "cancel_page.viewed"}
    one_life.town.read(timezone.now())
    assert {one.pk for one in there if one.troubled_at} == troubled
    assert one_life.may_get_worse(there, timezone.now())
    for one in there[:5]:
        one.troubled_at = timezone.now()
    assert not one_life.may_get_worse(there, timezone.now())

    ill = there[7]
    AccountRisk.objects.create(account_id=ill.pk, band=Band.HIGH)
    one_life.town.read(timezone.now())
    seen = ActivityEvent.objects.filter(account=ill.pk).count()
    one_life.come_back(list(one_life.town.neighbours.values()), timezone.now())
    assert ActivityEvent.objects.filter(account=ill.pk).count() >= seen + 3
    assert set(added().exclude(account__in=troubled).values_list("account_id", flat=True)) == {ill.pk}
    assert rollups_off() == 0
    # It has come back: not again within three days.
    again = ActivityEvent.objects.count()
    one_life.town.read(timezone.now())
    one_life.come_back(list(one_life.town.neighbours.values()), timezone.now())
    assert ActivityEvent.objects.count() == again


def test_few_leave_and_not_two_at_once(company, live_server):
    one_life = life(live_server)
    one_life.dice.random = lambda: 0.0
    Account.objects.exclude(churned_on=None).delete()
    AccountRisk.objects.bulk_create([AccountRisk(account=account, band=Band.HIGH) for account in Account.objects.all()])
    present = Account.objects.count()
    one_life.town.read(company)
    # 3 % of so few is nobody.
    assert not one_life.somebody_leaves(list(one_life.town.neighbours.values()), company)
    town = one_life.town
    for number in range(60):
        town.neighbours[-number - 1] = next(iter(town.neighbours.values()))
    high = [one for pk, one in town.neighbours.items() if pk > 0]
    assert one_life.somebody_leaves(high, timezone.now())
    assert not one_life.somebody_leaves([one for one in high if one.pk in town.neighbours], timezone.now())
    assert Account.objects.at_risk().count() == present - 1


def test_in_app_messages_are_opened_and_some_are_answered(company, live_server):
    account = Account.objects.at_risk().first()
    person = account.contacts.filter(departed_on=None).first()
    for number in range(40):
        Message.objects.create(
            account=account,
            contact=person,
            channel=Channel.IN_APP,
            subject="Can we help?",
            body="Tell us.",
            idem_key=f"test:{number}",
            state=MessageState.SENT,
            due_at=company,
            expires_at=company + timedelta(days=1),
            sent_at=company - timedelta(minutes=10),
            reply_token=f"{number:032x}",
            created_at=company,
        )

    life(live_server).answer(timezone.now())

    read = Message.objects.exclude(read_at=None).count()
    replied = Message.objects.filter(state=MessageState.REPLIED)
    assert 18 <= read < 40
    assert 1 <= replied.count() <= 15
    assert set(replied.values_list("reply", flat=True)) <= set(past.WORDS)


def test_a_town_knows_who_is_present_only(company):
    town = Town()
    town.read(company)
    assert set(town.neighbours) == set(Account.objects.at_risk().values_list("pk", flat=True))
    assert all(one.people for one in town.neighbours.values())
    assert sum(one.per_week for one in town.neighbours.values()) > 100


def test_it_ends_in_peace_when_asked(company, live_server, settings):
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    env = {**os.environ, "DATABASE_URL": database, "BASE_URL": live_server.url, "CS_VAR": str(settings.VAR_DIR), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen([sys.executable, "manage.py", "demo_live", "--speed", "50"], env=env, stdout=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 120
        while not added().exists() and time.monotonic() < deadline:
            assert process.poll() is None
            Event().wait(0.1)
        assert added().exists()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
    assert process.stdout.read() == f"The demo's customers act at {live_server.url}.\n"


def test_without_a_company_or_with_a_silly_speed_it_says_so():
    with pytest.raises(CommandError, match="Load it first"):
        call_command("demo_live")
    with pytest.raises(CommandError, match="above 0"):
        call_command("demo_live", "--speed", "0")
