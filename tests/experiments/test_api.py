"""Experiments through the API: read, start, stop, override."""

from datetime import timedelta

import pytest
import time_machine

from apps.experiments import services
from apps.experiments.models import Experiment, Override
from tests import make
from tests.api.conftest import Caller, make_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller(now):
    with time_machine.travel(now, tick=False):
        yield Caller(make_key("program", "work:read", "work:write", now=now))


def test_an_experiment_is_started_read_and_stopped(caller, now):
    one = make.experiment(now=now)
    assert caller("POST", f"experiments/{one.pk}/start/", {}).json()["state"] == "running"
    again = caller("POST", f"experiments/{one.pk}/start/", {})
    assert (again.status_code, again.json()["code"]) == (409, "cannot_be_running")
    told = caller("GET", f"experiments/{one.pk}/readout/").json()
    assert (told["verdict"], told["rule"], told["size"], told["planned_size"], told["more"]) == ("waiting", "obrien_fleming", 0, 400, 400)
    assert [variant["key"] for variant in told["variants"]] == ["control", "short"]
    assert caller("POST", f"experiments/{one.pk}/stop/", {"reason": "enough"}).json()["stop_reason"] == "enough"
    assert Experiment.objects.get().stopped_by == "key:program"


def test_an_override_names_an_account_of_the_experiment(caller, now):
    one = services.start(make.experiment(now=now), actor=make.ACTOR, now=now)
    account = make.account()
    services.assign(one, account_ids=[account.pk], now=now, actor=make.ACTOR)
    address = f"experiments/{one.pk}/override/"
    assert caller("POST", address, {"account": account.pk + 99, "variant": "short", "reason": "x"}).status_code == 400
    assert caller("POST", address, {"account": account.pk, "variant": "huge", "reason": "x"}).json()["code"] == "no_such_variant"
    assert not Override.objects.exists()
    assert caller("POST", address, {"account": account.pk, "variant": "short", "reason": "CEO asked"}).status_code == 200
    assert Override.objects.get().actor == "key:program"


def test_assignments_holdouts_and_decisions_are_listed(caller, now):
    account = make.account()
    one = make.assigned(account, make.contact(account), now=now)
    assert [row["experiment_key"] for row in caller("GET", f"assignments/?experiment={one.key}").json()["results"]] == [one.key]
    assert [row["share_percent"] for row in caller("GET", "holdouts/?state=running").json()["results"]] == [10]
    (told,) = caller("GET", f"decisions/?account={account.pk}&since={(now - timedelta(1)).isoformat().replace('+', '%2B')}").json()["results"]
    assert {"policy", "chosen", "propensity", "candidates", "reason"} <= set(told)
    assert sum(candidate["propensity"] for candidate in told["candidates"]) == pytest.approx(1, abs=1e-5)
