import pytest

from apps.coaching import services as coaching
from apps.messaging import services as messaging
from tests import make


@pytest.fixture
def house(db, now):
    """Strategies and templates as `prepare` creates them."""
    coaching.ensure_strategies()
    messaging.ensure_templates(now=now)
    make.open_channels()


@pytest.fixture
def coach(db):
    return make.user()


@pytest.fixture
def account(coach):
    return make.account(owner=coach, name="Riverside Dental")


@pytest.fixture
def person(account):
    return make.contact(account, name="Dana Reed", email="dana@customer.test", time_zone="Europe/Berlin", locale="de")
