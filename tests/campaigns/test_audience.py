"""Who is in a segment, for tools that keep a copy; people only with their word for the channel and the topic."""

from datetime import timedelta

import pytest

from apps.core import clock
from apps.events import services as events
from apps.events.vocabulary import SegmentEntered, SegmentLeft
from apps.integrations.models import WebhookDelivery
from apps.integrations.webhooks import offers
from apps.messaging import services as messaging
from apps.messaging.models import Suppression
from tests import make
from tests.api.conftest import Caller, make_key

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def tool(now):
    return Caller(make_key("mailer", "audiences:read", "accounts:read", now=now))


def rows(answer):
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_the_whole_and_then_only_what_changed(tool, now):
    first = make.member(make.account(external_id="a"), now=now, key="vip")
    make.member(make.account(external_id="b"), now=now, key="vip", left_at=now + DAY)
    make.member(make.account(external_id="c"), now=now + 2 * DAY, key="vip")
    make.member(make.account(external_id="d"), now=now, key="other")
    assert [row["account_external_id"] for row in rows(tool.get("audience/?segment=vip&state=in"))] == ["a", "c"]
    since = (now + DAY).isoformat().replace("+00:00", "Z")
    changed = rows(tool.get(f"audience/?segment=vip&since={since}"))
    assert [(row["account_external_id"], row["left_at"] is None) for row in changed] == [("b", False), ("c", True)]
    assert rows(tool.get("audience/?segment=vip&account_external_id=a"))[0]["id"] == first.pk
    paged = tool.get("audience/?segment=vip&limit=1").json()
    assert paged["next"]
    assert tool.get("audience/?segmant=vip").status_code == 400


def test_people_come_only_with_their_yes_and_the_address_of_the_channel(tool, now):
    account = make.account()
    stay = make.member(account, now=now, key="vip")
    wants = make.contact(account, external_id="p1", name="Ana", email="ana@a.test", phone="+491")
    said_no = make.contact(account, email="no@a.test")
    messaging.record_consent(contact=said_no, channel="email", topic="success", allowed=False, source="page", now=now)
    barred = make.contact(account, email="bounced@a.test")
    Suppression.objects.create(channel="email", address=barred.email, reason="It bounced.", at=now)
    make.contact(account, email="gone@a.test", departed_on=clock.now().date())
    make.contact(account, email="")
    told = rows(tool.get("audience/?segment=vip&channel=email&topic=success"))[0]["contacts"]
    assert told == [{"id": wants.pk, "external_id": "p1", "name": "Ana", "locale": wants.locale, "email": "ana@a.test"}]
    assert rows(tool.get("audience/?segment=vip"))[0]["contacts"] == []
    assert tool.get(f"audience/{stay.pk}/?channel=sms&topic=success").json()["contacts"][0]["phone"] == "+491"
    stay.left_at = now
    stay.save()
    assert rows(tool.get("audience/?segment=vip&channel=email&topic=success"))[0]["contacts"] == []


def test_a_topic_that_nobody_could_say_no_to_is_refused(tool, now):
    make.member(make.account(), now=now, key="vip")
    for query in ("channel=email&topic=everything", "channel=email", "topic=success", "channel=pigeon&topic=success"):
        assert tool.get(f"audience/?segment=vip&{query}").status_code == 400, query


def test_a_key_without_the_right_to_people_is_told_of_accounts_only(now):
    make.contact(make.member(make.account(), now=now, key="vip").account, email="ana@a.test")
    own = Caller(make_key("small", "audiences:read", now=now))
    assert len(rows(own.get("audience/?segment=vip"))) == 1
    assert own.get("audience/?segment=vip&channel=email&topic=success").status_code == 403


@pytest.fixture
def heard(now):
    """Entering and leaving, offered to webhooks as the wiring does."""

    def tell(stay, kind=SegmentEntered):
        said = kind(account_id=stay.account_id, segment_id=stay.segment_id, segment=stay.segment.key, membership_id=stay.pk)
        offers.offer(said, events.publish(said, actor=make.ACTOR, now=now), now=now)

    return tell


def test_a_webhook_may_want_one_segment_and_is_told_ids_and_no_person(heard, now):
    account = make.account(external_id="acme", name="Acme")
    make.contact(account, email="ana@acme.test")
    wants = make.webhook(now=now, events=["segment.entered", "segment.left"], segments=["vip"])
    every = make.webhook(now=now, events=["segment.entered"])
    stay, other = make.member(account, now=now, key="vip"), make.member(account, now=now, key="other")
    heard(stay)
    heard(other)
    stay.left_at = now + DAY
    stay.save()
    heard(stay, SegmentLeft)
    found = list(WebhookDelivery.objects.order_by("id").values_list("webhook", "type", "data__segment"))
    assert found == [
        (wants.pk, "segment.entered", "vip"),
        (every.pk, "segment.entered", "vip"),
        (every.pk, "segment.entered", "other"),
        (wants.pk, "segment.left", "vip"),
    ]
    data = WebhookDelivery.objects.order_by("id").first().data
    assert data["account"] == {"id": account.pk, "external_id": "acme", "name": "Acme"}
    assert {name: data[name] for name in ("segment", "segment_name", "membership_id", "entered_at", "left_at")} == {
        "segment": "vip",
        "segment_name": "Vip",
        "membership_id": stay.pk,
        "entered_at": now.isoformat(),
        "left_at": None,
    }
    assert "ana@acme.test" not in str(data)
