from datetime import timedelta

import pytest

from apps.campaigns.models import Campaign, Recipient
from apps.messaging.models import Message
from cs_platform.demo import campaigned, segments
from cs_platform.demo.postbox import open_postbox
from tests import make

pytestmark = pytest.mark.django_db


def test_the_demo_has_a_campaign_that_is_done_one_that_recurs_one_that_waits_and_a_draft(now):
    make.open_channels()
    for _ in range(20):
        make.contact(make.account())
    segments.write(now=now)
    with open_postbox():
        assert campaigned.write(now=now) == 4
    assert dict(Campaign.objects.values_list("key", "state")) == {"season": "done", "monthly-news": "live", "next-step": "live", "win-seats": "draft"}
    states = dict(Recipient.objects.values_list("account_id", "state"))
    assert set(states.values()) == {"handed", "held_out"}
    messages = Message.objects.filter(series__startswith="campaign:")
    assert set(messages.values_list("state", flat=True)) == {"sent"}
    assert messages.count() == list(states.values()).count("handed")
    assert all(sent < now - timedelta(days=19) for sent in messages.values_list("sent_at", flat=True))
