import pytest

from apps.messaging.models import Message
from cs_platform.demo import telephone
from tests import make

pytestmark = pytest.mark.django_db


def test_the_largest_customers_are_reached_by_text_whatsapp_and_call(now, settings):
    settings.MESSAGE_PROVIDERS = {**settings.MESSAGE_PROVIDERS, **dict.fromkeys(("sms", "whatsapp", "voice"), ["console"])}
    for arr in (100, 300, 200, 50):
        make.contact(make.account(arr=arr))
    assert telephone.write(now=now) == 3
    sent = Message.objects.order_by("-account__arr")
    assert [(message.channel, message.state, message.address) for message in sent] == [
        ("sms", "sent", "+12025550100"),
        ("whatsapp", "sent", "+12025550101"),
        ("voice", "sent", "+12025550102"),
    ]


def test_nobody_is_reached_where_real_carriers_would_carry(now, settings):
    make.contact(make.account())
    settings.MESSAGE_PROVIDERS = {**settings.MESSAGE_PROVIDERS, "sms": ["twilio"]}
    assert telephone.write(now=now) == 0
    assert not Message.objects.exists()
