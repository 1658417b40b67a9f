"""The socket carries hints: numbered, coalesced, and never data."""

import asyncio
import json
import os

import pytest
import redis
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import connections, transaction
from django.test import Client

from apps.accounts.models import User
from apps.core.actor import Actor
from apps.dashboards import consumers, live
from apps.dashboards.hub import Hub, Slot, hub
from apps.dashboards.wire import MOST_SUBJECTS
from apps.events.models import Delivery
from apps.events.services import deliver, publish
from apps.events.vocabulary import AlertOpened
from cs_platform.asgi import application
from tests import make


@pytest.fixture(autouse=True)
async def no_line_left_open():
    """Work that left the event loop has a thread of its own, and that thread's database line must not outlive the test."""
    yield
    await sync_to_async(connections.close_all)()


def hint(seq, kind="alert.opened", subject="account:1", epoch="e"):
    return {"type": "live.hint", "kind": kind, "subjects": [subject], "seq": seq, "epoch": epoch}


@pytest.fixture
def valkey():
    client = redis.Redis.from_url(settings.VALKEY_URL)
    client.delete(*live.keys())
    yield client
    client.close()


@pytest.fixture
async def quick():
    """A hub that beats ten times a second."""
    made = Hub(window=0.1, beat=0.1, echo=0.5)
    yield made
    line = made._task
    for slot in list(made.slots):
        made.leave(slot)
    await asyncio.wait([line], timeout=3)


def listening(made: Hub) -> Slot:
    """A socket's place in the fan-out, without a line to Valkey behind it."""
    slot = Slot()
    made.slots.add(slot)
    return slot


async def frame(slot, kind="change"):
    """The next frame of this kind."""
    async with asyncio.timeout(5):
        while (found := json.loads(await slot.take()))["type"] != kind:
            pass
    return found


def test_hints_are_numbered_one_by_one_and_a_flushed_valkey_begins_a_new_epoch(valkey):
    assert [live.publish("alert.opened", "account:1") for _ in range(3)] == [1, 2, 3]
    first = live.position()
    valkey.delete(*live.keys())
    assert live.publish("alert.opened", "account:1") == 1
    assert first.endswith(":3")
    assert live.position().endswith(":1")
    assert live.position().split(":")[0] != first.split(":")[0]


def test_a_valkey_that_is_down_costs_the_publisher_nothing(settings, caplog):
    settings.VALKEY_URL = "unix:///nowhere/valkey.sock"
    live._client.cache_clear()
    try:
        assert live.publish("alert.opened", "account:1") is None
        assert live.position() == ""
    finally:
        live._client.cache_clear()
    assert "no live hint for alert.opened account:1" in caplog.text


async def test_a_published_hint_reaches_the_group_as_the_layer_would_send_it(valkey):
    layer = live.fresh_layer()
    channel = await layer.new_channel()
    await layer.group_add("live", channel)
    await sync_to_async(live.publish)("alert.opened", "account:7")
    async with asyncio.timeout(5):
        message = await layer.receive(channel)
    await layer.flush()
    assert message == {"type": "live.hint", "kind": "alert.opened", "subjects": ["account:7"], "seq": 1, "epoch": live.position().split(":")[0]}


async def test_the_first_hint_leaves_at_once_and_the_rest_of_the_window_as_one_frame():
    made = Hub(window=0.05)
    slot = listening(made)
    loop = asyncio.get_running_loop()
    began = loop.time()
    made.receive(hint(1))
    first = await frame(slot)
    waited = loop.time() - began
    for seq, kind in ((2, "risk.raised"), (3, "alert.opened"), (4, "risk.raised")):
        made.receive(hint(seq, kind, f"account:{seq}"))
    second = await frame(slot)
    assert (first["first"], first["last"], first["kinds"]) == (1, 1, ["alert.opened"])
    assert waited < 0.05
    assert second == {
        "type": "change",
        "epoch": "e",
        "first": 2,
        "last": 4,
        "kinds": ["alert.opened", "risk.raised"],
        "subjects": ["account:2", "account:3", "account:4"],
    }


async def test_too_many_subjects_are_told_as_many():
    made = Hub(window=0)
    slot = listening(made)
    for seq in range(1, MOST_SUBJECTS + 2):
        made.receive(hint(seq, subject=f"account:{seq}"))
    assert (await frame(slot))["subjects"] is None


async def test_hints_of_two_epochs_never_share_a_frame():
    made = Hub(window=0)
    slot = listening(made)
    made.receive(hint(9, epoch="old"))
    made.receive(hint(1, epoch="new"))
    frames = [await frame(slot), await frame(slot)]
    assert [(one["epoch"], one["first"], one["last"]) for one in frames] == [("old", 9, 9), ("new", 1, 1)]


async def test_a_slow_socket_keeps_only_the_newest_frame_and_holds_nobody_up():
    made = Hub(window=0)
    slow, quick = listening(made), listening(made)
    got = []
    for seq in range(1, 6):
        made.receive(hint(seq))
        got.append((await frame(quick))["last"])
    skipped = await frame(slow)
    assert got == [1, 2, 3, 4, 5]
    # 5 follows nothing that this socket has seen, so its page finds the gap.
    assert (skipped["first"], skipped["last"]) == (5, 5)


async def test_a_thousand_sockets_share_one_subscription(valkey, quick):
    slots = [quick.join() for _ in range(1000)]
    await asyncio.gather(*(frame(slot, "beat") for slot in slots))
    await sync_to_async(live.publish)("alert.opened", "account:1")
    frames = await asyncio.gather(*(frame(slot) for slot in slots))
    assert {one["last"] for one in frames} == {1}
    assert quick.subscriptions == 1


async def test_beats_tell_where_the_counter_is_even_when_the_hint_itself_was_lost(valkey, quick):
    slot = quick.join()
    await frame(slot, "beat")
    valkey.incr(live.keys()[1])
    while (beat := await frame(slot, "beat"))["last"] == 0:
        pass
    assert (beat["first"], beat["last"]) == (2, 1)


async def test_a_reader_whose_line_was_cut_subscribes_again(valkey, quick, settings):
    # Its lines have a name, for other tests use the same server at the same time.
    layer = settings.CHANNEL_LAYERS["default"]
    named = f"{settings.VALKEY_URL}?client_name=cut-{os.getpid()}"
    settings.CHANNEL_LAYERS = {"default": layer | {"CONFIG": layer["CONFIG"] | {"hosts": [named]}}}
    slot = quick.join()
    await frame(slot, "beat")
    lines = [line["id"] for line in valkey.client_list() if line["name"] == f"cut-{os.getpid()}"]
    assert lines
    for line in lines:
        valkey.client_kill_filter(_id=line)

    async def heard():
        await sync_to_async(live.publish)("alert.opened", "account:1")
        try:
            return await asyncio.wait_for(frame(slot), 0.3)
        except TimeoutError:
            return None

    async with asyncio.timeout(10):
        while (found := await heard()) is None:
            pass
    assert found["kinds"] == ["alert.opened"]


def _cookie(client: Client) -> list[tuple[bytes, bytes]]:
    return [(b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode()), (b"origin", b"http://testserver")]


def _signed_in() -> tuple[Client, list[tuple[bytes, bytes]]]:
    client = Client()
    client.force_login(make.user())
    return client, _cookie(client)


@pytest.mark.django_db(transaction=True)
async def test_a_stranger_is_told_to_sign_in():
    socket = WebsocketCommunicator(application, "/ws/live/", headers=[(b"origin", b"http://testserver")])
    assert (await socket.connect())[0]
    assert await socket.receive_output(5) == {"type": "websocket.close", "code": 4401}


@pytest.mark.django_db(transaction=True)
async def test_another_sites_page_gets_no_socket():
    _, headers = await sync_to_async(_signed_in)()
    socket = WebsocketCommunicator(application, "/ws/live/", headers=[headers[0], (b"origin", b"https://evil.example")])
    assert (await socket.connect())[0] is False


@pytest.mark.django_db(transaction=True)
async def test_staff_hear_that_something_changed_and_nothing_of_what(valkey):
    _, headers = await sync_to_async(_signed_in)()
    socket = WebsocketCommunicator(application, "/ws/live/", headers=headers)
    assert (await socket.connect())[0]
    assert json.loads(await socket.receive_from(5))["type"] == "beat"
    await sync_to_async(live.publish)("alert.opened", "account:7")
    heard = json.loads(await socket.receive_from(5))
    await socket.send_to(text_data="anything a page may say is ignored")
    await socket.disconnect()
    assert heard == {
        "type": "change",
        "epoch": live.position().split(":")[0],
        "first": 1,
        "last": 1,
        "kinds": ["alert.opened"],
        "subjects": ["account:7"],
    }
    assert hub().slots == set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["signed out", "no longer staff"])
async def test_the_socket_ends_with_the_session_or_the_right(monkeypatch, how):
    monkeypatch.setattr(consumers.LiveConsumer, "check_every", 0.05)
    client, headers = await sync_to_async(_signed_in)()
    socket = WebsocketCommunicator(application, "/ws/live/", headers=headers)
    assert (await socket.connect())[0]

    def end():
        client.logout() if how == "signed out" else User.objects.update(is_staff=False)

    await sync_to_async(end)()
    async with asyncio.timeout(5):
        while (said := await socket.receive_output(5))["type"] != "websocket.close":
            pass
    await socket.disconnect()
    assert said["code"] == 4401


@pytest.mark.django_db(transaction=True)
def test_a_domain_event_becomes_a_hint_after_commit_and_not_before(valkey, now):
    account = make.account()
    with transaction.atomic():
        publish(AlertOpened(account_id=account.pk, alert_id=1, severity="urgent"), actor=Actor.job("test"), now=now)
    delivery = Delivery.objects.get(handler="dashboards.hint")
    with transaction.atomic():
        deliver(delivery.pk, now=now)
        assert live.position().endswith(":0")
    assert live.position().endswith(":1")
