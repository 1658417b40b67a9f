"""A small company whose accounts work in two ways: some daily and broad, some now and then and narrow."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.accounts.models import Account
from apps.coaching import services
from apps.coaching.models import Tip
from apps.coaching.types import TipState
from apps.messaging import services as messaging
from tests import make


def says(**fields: Any) -> dict[str, Any]:
    """A tip as plain data."""
    words = {"title": "Open the report", "text": "It shows where the money comes from.", "steps": ["Open Reports."]}
    target = {"activity": ["report.viewed"], "at_least": 2, "rise_percent": 25.0}
    return {"words": {"en": words}, "target": target, "effort_minutes": 10, "helps": ["breadth"], "expects": 0.3} | fields


def tip(key: str, *, now: datetime, **fields: Any) -> Tip:
    made = services.create_tip(key=key, name=key.replace("-", " ").capitalize(), says=says(**fields), actor=make.ACTOR, now=now)
    services.turn_tip(made, TipState.LIVE, actor=make.ACTOR, now=now)
    return made


def days(now: datetime, *ago: float) -> list[datetime]:
    return [now - timedelta(days=one) for one in ago]


@pytest.fixture
def company(db: None, now: datetime) -> list[Account]:
    """Six accounts that use four things on most days, six that use one thing every other week."""
    make.meanings(**{"appointment.booked": "core", "report.viewed": "engagement", "login": "engagement", "ticket.opened": "support"})
    accounts = [make.account(started_on=now.date() - timedelta(days=400)) for _ in range(12)]
    for number, account in enumerate(accounts[:6]):
        for name in ("login", "appointment.booked", "report.viewed", "export.run"):
            make.activity(account, *days(now, *range(1, 40 + number, 2)), name=name)
    for number, account in enumerate(accounts[6:]):
        make.activity(account, *days(now, 2 + number, 16 + number, 35 + number), name="login")
    return accounts


@pytest.fixture
def house(db, now):
    """Strategies and templates as `prepare` creates them."""
    services.ensure_strategies()
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
