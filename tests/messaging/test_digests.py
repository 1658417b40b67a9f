"""Messages of one kind gather and leave as one: exactly one, with all of them, whoever closes the window how often."""

from datetime import timedelta

import pytest

from apps.core.actor import Actor
from apps.messaging import dispatch, services
from apps.messaging.models import Digest, Message, Template
from tests import make
from tests.messaging.crowd import at_once

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ME = Actor.job("test")


def news(person, number: int, *, now, **given) -> Message:
    Template.objects.get_or_create(key="news", channel=given.get("channel", "email"), defaults={"subject": "News {{ n }}", "body": "Text {{ n }}."})
    fields = {"channel": "email", "template_key": "news", "lane": "nurture", "idem_key": f"news:{number}", "context": {"n": number}, "due_at": now}
    return services.compose(contact=person, actor=ME, now=now, **{**fields, "expires_at": now + 7 * DAY, "digest": "weekly", **given})


def seen(message: Message) -> Message:
    message.refresh_from_db()
    return message


@pytest.fixture
def sam(db):
    return make.contact(make.account())


def test_what_gathers_is_not_sent_until_its_window_closes_and_then_as_one(sam, now, peer):
    rows = [news(sam, number, now=now + number * HOUR) for number in range(3)]
    assert {(row.state, row.due_at) for row in rows} == {("gathered", now + DAY)}
    assert rows[0].reason == "Leaves in a digest at 12 Mar 12:00 UTC."
    assert dispatch.one_round("email", owner="w", clock=lambda: now + 23 * HOUR) == 0
    assert services.close_digests(now=now + 23 * HOUR) == 0
    assert services.close_digests(now=now + DAY) == 1
    whole = Message.objects.get(idem_key=f"digest:{Digest.objects.get().pk}")
    assert (whole.subject, whole.lane, whole.lane_rank, whole.topic) == ("3 messages for you: News 0", "nurture", 2, "success")
    assert [whole.body.count(f"Text {number}.") for number in range(3)] == [1, 1, 1]
    assert {(seen(row).state, row.reason) for row in rows} == {
        ("merged", f"It leaves in the digest “3 messages for you: News 0” (message {whole.pk}).")
    }
    assert dispatch.one_round("email", owner="w", clock=lambda: now + DAY) == 1
    assert len(peer.mails) == 1


def test_the_same_cause_joins_once(sam, now):
    assert news(sam, 1, now=now) == news(sam, 1, now=now + HOUR)
    assert Message.objects.count() == 1


def test_a_single_message_leaves_as_itself(sam, now):
    row = news(sam, 1, now=now)
    assert services.close_digests(now=now + DAY) == 1
    assert (seen(row).state, row.subject, row.digest, row.due_at) == ("queued", "News 1", None, now + DAY)
    assert Message.objects.count() == 1


def test_who_says_no_gets_no_digest_and_a_recalled_message_is_not_in_it(sam, now):
    rows = [news(sam, number, now=now) for number in range(4)]
    services.recall(message=rows[0], reason="Old.", actor=ME, now=now)
    assert services.close_digests(now=now + DAY) == 1
    assert "Text 0." not in Message.objects.get(idem_key__startswith="digest:").body
    again = [news(sam, number, now=now + 2 * DAY) for number in (5, 6)]
    services.record_consent(contact=sam, channel="email", topic="success", allowed=False, source="test", now=now + 2 * DAY)
    assert {seen(row).state for row in again} == {"cancelled"}
    assert services.close_digests(now=now + 3 * DAY) == 1
    assert Message.objects.filter(idem_key__startswith="digest:").count() == 1


@pytest.mark.parametrize("given", [{"lane": "save"}, {"lane": "transactional"}, {"channel": "sms"}])
def test_what_cannot_wait_or_has_no_room_goes_alone(sam, now, given):
    assert news(sam, 1, now=now, **given).state == "queued"


def test_topics_channels_and_keys_have_windows_of_their_own_and_a_short_life_closes_early(sam, now):
    news(sam, 1, now=now)
    news(sam, 2, now=now, digest="monthly")
    news(sam, 3, now=now, channel="in_app")
    Template.objects.create(key="offers", channel="email", subject="s", body="b", topic="offers")
    news(sam, 4, now=now, template_key="offers")
    assert Digest.objects.count() == 4
    news(sam, 5, now=now, expires_at=now + 5 * HOUR)
    assert Digest.objects.get(key="success/weekly", channel="email").closes_at == now + 4 * HOUR


def test_the_policy_may_gather_a_lane_by_itself(sam, now):
    assert news(sam, 1, now=now, lane="broadcast", digest="").state == "queued"
    services.write_policy(actor=ME, now=now, digest_lanes=["broadcast"], digest_minutes=30)
    assert news(sam, 2, now=now, digest="").state == "queued"
    row = news(sam, 3, now=now, lane="broadcast", digest="")
    assert (row.state, row.due_at, row.digest.key) == ("gathered", now + timedelta(minutes=30), "success/all")


@pytest.mark.django_db(transaction=True)
def test_a_hundred_parallel_adds_and_three_closers_make_one_message_of_a_hundred(now):
    person = make.contact(make.account())
    Template.objects.create(key="news", channel="email", subject="News {{ n }}", body="Text {{ n }}.")

    def add(number: int) -> None:
        for place in range(10):
            news(person, 10 * number + place, now=now)

    def close(number: int) -> None:
        services.close_digests(now=now + DAY)

    assert at_once(10, add) == []
    assert Digest.objects.count() == 1
    assert at_once(3, close) == []
    [whole] = Message.objects.filter(idem_key__startswith="digest:")
    assert whole.subject.startswith("100 messages for you")
    assert sum(f"Text {number}." in whole.body for number in range(100)) == 100
    assert Message.objects.filter(state="merged").count() == 100


@pytest.mark.django_db(transaction=True)
def test_closing_while_others_add_loses_nothing_and_doubles_nothing(now):
    person = make.contact(make.account())
    Template.objects.create(key="news", channel="email", subject="News {{ n }}", body="Text {{ n }}.")
    late = now + DAY

    def work(number: int) -> None:
        if number < 2:
            for _ in range(40):
                services.close_digests(now=late + DAY)
            return
        for place in range(20):
            news(person, 20 * number + place, now=late)

    assert at_once(6, work) == []
    services.close_digests(now=late + DAY)
    assert not Message.objects.filter(state="gathered").exists()
    bodies = " ".join(Message.objects.filter(state="queued").values_list("body", flat=True))
    assert [bodies.count(f"Text {20 * number + place}.") for number in range(2, 6) for place in range(20)] == [1] * 80
    assert Digest.objects.filter(closed_at=None).count() == 0
