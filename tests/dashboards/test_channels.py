"""Whether what should leave leaves, told in figures with their denominators."""

import re
from datetime import timedelta

import pytest
from django.utils.html import strip_tags

from apps.core import clock
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
