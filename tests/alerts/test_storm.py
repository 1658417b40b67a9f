"""A storm of the same matter is one alert with a count, and costs next to nothing."""

import threading
import time

import pytest
from django.db import connection

from apps.alerts import services
from apps.alerts.matters import Matter
from apps.alerts.models import Alert, Incident
from apps.core.actor import Actor
from apps.events.models import Event
from tests import make

SIGNALS, THREADS = 10_000, 4
ACTOR = Actor.job("test")


@pytest.mark.django_db(transaction=True)
def test_ten_thousand_identical_signals_in_parallel_are_one_alert_with_their_count(now, capsys):
    account = make.account()
    matter = Matter("usage_fell", "1", None, "Usage fell by half", ["40 instead of 80 a day"], account)

    def signal():
        for _ in range(SIGNALS // THREADS):
            services.open_alert(matter, actor=ACTOR, now=now)
        connection.close()

    threads = [threading.Thread(target=signal) for _ in range(THREADS)]
    cpu, wall = time.process_time(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    with capsys.disabled():
        print(f"\n{SIGNALS} signals by {THREADS} threads: {1e6 * cpu / SIGNALS:.0f} us of our CPU and {1e6 * wall / SIGNALS:.0f} us of wall each")
    assert Alert.objects.get().seen == SIGNALS
    assert Incident.objects.count() == 1
    assert Event.objects.filter(type="alert.opened").count() == 1


@pytest.mark.django_db
def test_a_signal_of_a_known_matter_is_one_statement(now, django_assert_num_queries):
    account = make.account()
    matter = Matter("usage_fell", "1", None, "Usage fell by half", ["40 instead of 80 a day"], account)
    services.open_alert(matter, actor=ACTOR, now=now)
    with django_assert_num_queries(1):
        services.open_alert(matter, actor=ACTOR, now=now)
