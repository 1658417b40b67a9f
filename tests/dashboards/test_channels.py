"""Whether what should leave leaves, told in figures with their denominators."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.html import strip_tags

from apps.core import clock
from apps.core.actor import Actor
from apps.messaging import services as messaging
from apps.messaging.models import ProviderHealth
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def carriers(settings, now, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: now)
    settings.MESSAGE_PROVIDERS = {**settings.MESSAGE_PROVIDERS, "sms": ["twilio", "console"], "voice": []}
    make.open_channels()


def of(channel, now):
    return next(state for state in messaging.channels.states(now=now) if state.channel == channel)


def test_a_channel_tells_what_left_what_became_of_it_and_what_waits(now):
    sam = make.contact(make.account(), phone="+12025550100")

    def one(state, **fields):
        make.message(sam, now=now, **{"channel": "sms", "state": state, "claimed_at": now - timedelta(hours=2), **fields})

    one("sent", parts=2)
    one("delivered", delivered_at=now)
    one("replied", delivered_at=now, replied_at=now)
    one("returned")
    one("failed")
    one("sent", claimed_at=now - timedelta(days=2))
    one("unknown", claimed_at=now - timedelta(days=9))
    one("queued", claimed_at=None, due_at=now - timedelta(minutes=7))
    one("held", claimed_at=None, due_at=now + timedelta(hours=3))
    state = of("sms", now)
    assert (state.tried, state.sent, state.delivered, state.replied, state.returned, state.failed, state.parts) == (5, 3, 2, 1, 1, 1, 2)
    assert (state.unknown, state.queued, state.held, state.lag_seconds) == (1, 1, 1, 420.0)
    # What was claimed two hours ago stands in the third hour from the end.
    assert [(place, hour) for place, hour in enumerate(state.hours) if hour != (0, 0)] == [(21, (5, 2))]
    assert [carrier.name for carrier in state.carriers] == ["twilio", "console"]
    assert of("voice", now).carriers == ()


def test_the_page_puts_trouble_first_and_says_what_to_do(staff, now):
    ProviderHealth.objects.create(
        provider="smtp", failures=5, rests_until=now + timedelta(minutes=1), last_trouble="connect: gone", last_trouble_at=now
    )
    words = " ".join(strip_tags(staff.get("/channels/").content.decode()).split())
    assert "Email resting" in words
    assert re.search(r"smtp rests until \d\d:\d\d after 5 troubles: connect: gone", words)
    assert words.index("Email resting") < words.index("SMS carries") < words.index("Voice call not set up")
    assert "Name a provider in PROVIDERS_VOICE" in words
    assert "not told by smtp" in words


def test_a_late_queue_is_told(staff, now):
    make.message(make.contact(make.account()), now=now, due_at=now - timedelta(minutes=6))
    words = " ".join(strip_tags(staff.get("/channels/?part=list", headers={"HX-Request": "true"}).content.decode()).split())
    assert "Email late" in words
    assert "waits for 6" in words


def test_rates_show_their_denominators_and_what_to_do_next(staff, now):
    sam = make.contact(make.account(), phone="+12025550100")
    ProviderHealth.objects.create(provider="twilio", silent_since=now - timedelta(hours=1), refused_calls=5)

    def some(count, state, **fields):
        for _ in range(count):
            make.message(sam, now=now - timedelta(hours=1), **{"channel": "sms", "state": state, "claimed_at": now - timedelta(minutes=50), **fields})

    some(12, "sent")
    some(6, "delivered", delivered_at=now)
    some(3, "returned")
    some(2, "failed")
    some(2, "unknown")
    page = staff.get("/channels/").content.decode()
    words = " ".join(strip_tags(page.replace("<", " <")).split())
    sms = words[words.index("SMS silent") :]
    for part in ("72 % 18 of 25 tried", "33 % 6 of 18 sent", "12 % 3 of 25 tried", "8 % 2 of 25 tried", "usually 10 min or less"):
        assert part in sms, part
    assert "Busiest: 25 in the hour to" in sms
    steps = [
        "Find out whether 2 arrived",
        "See whether twilio reaches",
        "Compare BASE_URL",
        "See why 2 failed",
        "See which addresses 3 came back from",
    ]
    assert [sms.index(step) for step in steps] == sorted(sms.index(step) for step in steps)
    assert "/delivery/?channel=sms&amp;still=yes&amp;state=unknown" in page


def test_what_a_channel_costs_stands_beside_what_it_may_cost(staff, now):
    sam = make.contact(make.account(), phone="+12025550100")
    messaging.write_policy(prices={"sms": {"1": "0.01"}}, budgets={"sms": "2.00"}, currency="EUR", actor=Actor.job("test"), now=now)
    for told, fields in ((None, {}), ("0.75", {}), (None, {"claimed_at": now - timedelta(days=40)}), (None, {"state": "failed"})):
        paid = {"cost_estimate": Decimal("1.10"), "cost_actual": told and Decimal(told), "currency": "EUR"}
        make.message(sam, now=now, **{"channel": "sms", "state": "sent", "claimed_at": now - timedelta(hours=2), **paid, **fields})
    money = of("sms", now).money
    assert (money.spent, money.budget, money.currency, money.is_short) == (Decimal("1.85"), Decimal("2.00"), "EUR", True)
    assert of("email", now).money is None
    words = " ".join(strip_tags(staff.get("/channels/").content.decode()).split())
    assert "Cost this month1.85 EUR of 2.00" in words
    assert "Cost this monthno price set" in words
