import json

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import connection

from apps.events.models import Event
from apps.messaging import consumers, dispatch, selectors
from apps.messaging.models import Message, MessageAttempt
from tests import make

pytestmark = pytest.mark.django_db


def person(**fields):
    return make.contact(make.account(), **fields)


def arrived(contact, now, **fields) -> Message:
    return make.message(contact, now=now, **{"channel": "in_app", "state": "sent", "sent_at": now, "address": "", **fields})


def url(contact, path="", token=None) -> str:
    return f"/api/v1/inbox/{path}?token={token or selectors.inbox_token(contact)}"


def test_a_contact_sees_the_own_in_app_messages_newest_first_without_signing_in(client, now):
    sam = person()
    old = arrived(sam, now, read_at=now)
    new = arrived(sam, now, subject="New", body="Words")
    arrived(person(), now)
    for state in ("queued", "sending", "failed", "cancelled"):
        arrived(sam, now, state=state)
    arrived(sam, now, channel="email")

    answer = client.get(url(sam))

    assert answer.status_code == 200
    assert answer.json()["unread"] == 1
    assert [message["id"] for message in answer.json()["messages"]] == [new.pk, old.pk]
    assert answer.json()["messages"][0] == {
        "id": new.pk,
        "subject": "New",
        "body": "Words",
        "at": "2026-03-11T12:00:00Z",
        "read_at": None,
        "replied_at": None,
    }
    assert answer.cookies == {}


@pytest.mark.parametrize("token", ["", "1", "1:forged", "x"])
def test_without_a_valid_token_the_inbox_stays_shut(client, now, token):
    sam = person()
    message = arrived(sam, now)
    for answer in (
        client.get(f"/api/v1/inbox/?token={token}"),
        client.post(f"/api/v1/inbox/{message.pk}/read/?token={token}"),
        client.post(f"/api/v1/inbox/{message.pk}/reply/?token={token}", {"text": "x"}, content_type="application/json"),
    ):
        assert answer.status_code == 403
        assert answer.json() == {"code": "permission_denied", "message": "The inbox token is missing or not valid. Ask the server for a fresh one."}
    message.refresh_from_db()
    assert (message.read_at, message.reply) == (None, "")


def test_someone_who_left_has_no_inbox_any_more(client, now):
    assert client.get(url(person(departed_on=now.date()))).status_code == 403


def test_reading_counts_once(client, now):
    sam = person()
    message = arrived(sam, now)
    first = client.post(url(sam, f"{message.pk}/read/")).json()["read_at"]
    assert first is not None
    assert client.post(url(sam, f"{message.pk}/read/")).json()["read_at"] == first


def test_a_reply_is_recorded_and_announced_once(client, now):
    sam = person()
    message = arrived(sam, now)
    for _ in range(2):
        answer = client.post(url(sam, f"{message.pk}/reply/"), {"text": "Tuesday?"}, content_type="application/json")
        assert answer.status_code == 200
        assert answer.json()["replied_at"] is not None
    message.refresh_from_db()
    assert (message.state, message.reply) == ("replied", "Tuesday?")
    assert list(Event.objects.values_list("type", "actor")) == [("message.replied", f"contact:{sam.pk}")]


@pytest.mark.parametrize("given", [{}, {"text": ""}, {"text": "x" * 5001}, {"text": "a\x00b"}, {"text": ["a"]}])
def test_a_reply_without_words_or_with_too_many_is_refused(client, now, given):
    sam = person()
    message = arrived(sam, now)
    answer = client.post(url(sam, f"{message.pk}/reply/"), given, content_type="application/json")
    assert (answer.status_code, answer.json()["code"], list(answer.json()["fields"])) == (400, "invalid", ["text"])
    message.refresh_from_db()
    assert (message.state, message.reply) == ("sent", "")


def test_someone_elses_message_is_not_found(client, now):
    message = arrived(person(), now)
    assert client.post(url(person(), f"{message.pk}/read/")).status_code == 404
    message.refresh_from_db()
    assert message.read_at is None


def test_in_app_is_delivered_exactly_once_and_in_one_transaction(now, monkeypatch):
    message = make.message(person(), now=now, channel="in_app")
    provider = dispatch.providers.of("inbox")
    claimed = dispatch.claim("in_app", owner="w1", now=now).sending[0]
    monkeypatch.setattr(dispatch, "_settle_sent", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        dispatch.send(claimed, now=now)
    message.refresh_from_db()
    assert (provider.can.within_transaction, message.state, MessageAttempt.objects.count()) == (True, "sending", 0)

    monkeypatch.undo()
    dispatch.send(claimed, now=now)
    message.refresh_from_db()
    assert (message.state, message.provider_message_id) == ("sent", f"inbox:{message.pk}")
    assert Event.objects.filter(type="message.sent").count() == 1


async def opened(token: str) -> tuple[WebsocketCommunicator, bool]:
    line = WebsocketCommunicator(consumers.InboxConsumer.as_asgi(), f"/ws/inbox/?token={token}")
    connected, _ = await line.connect()
    return line, connected


@pytest.mark.django_db(transaction=True)
async def test_an_open_inbox_gets_a_hint_when_its_message_arrives_and_nobody_else_does(now):
    sam, kim = await sync_to_async(person)(), await sync_to_async(person)()
    line, connected = await opened(selectors.inbox_token(sam))
    other, _ = await opened(selectors.inbox_token(kim))
    assert connected
    message = await sync_to_async(make.message)(sam, now=now, channel="in_app")

    await sync_to_async(dispatch.one_round)("in_app", owner="w1", clock=lambda: now)

    assert json.loads(await line.receive_from(timeout=30)) == {"kind": "message", "id": message.pk}
    assert await other.receive_nothing(0.2)
    await line.send_json_to({"anything": 1})
    assert await line.receive_nothing(0.1)
    await line.disconnect()
    await other.disconnect()
    # The database work above ran in a thread of its own, whose connection would keep the test database from being dropped.
    await sync_to_async(lambda: connection.close())()


async def test_a_forged_token_opens_no_socket():
    _, connected = await opened("1:forged")
    assert not connected


def test_a_channel_layer_that_is_away_costs_a_hint_and_nothing_else(now, settings, django_capture_on_commit_callbacks):
    settings.CHANNEL_LAYERS = {
        "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": ["unix:///nowhere/valkey.sock"]}}
    }
    message = make.message(person(), now=now, channel="in_app")
    with django_capture_on_commit_callbacks(execute=True):
        dispatch.one_round("in_app", owner="w1", clock=lambda: now)
    message.refresh_from_db()
    assert message.state == "sent"
