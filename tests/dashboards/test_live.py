"""The socket carries hints: numbered, coalesced, heard by whoever asked for them, and never data."""

import asyncio
import json
import os

import pytest
import redis
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections, transaction

from apps.core.actor import Actor
from apps.dashboards import live
from apps.dashboards.audiences import Memory
from apps.dashboards.hub import Hub
from apps.dashboards.lines import Line
from apps.dashboards.tickets import Pass
from apps.dashboards.wire import MOST_SUBJECTS
from apps.events.models import Delivery
from apps.events.services import deliver, publish
from apps.events.vocabulary import AlertOpened
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


class Browser:
    """The far end of a socket: takes frames, or stops taking them."""

    def __init__(self):
        self.frames = asyncio.Queue()
        self.reads = asyncio.Event()
        self.reads.set()
        self.line = Line(self.send, Pass(1, "s", "a"))
        # Far away, so that nobody looks this socket's session up.
        self.line.due = float("inf")

    async def send(self, event):
        await self.reads.wait()
        self.frames.put_nowait(json.loads(event["text"]) if event["type"] == "websocket.send" else event)

    async def hears(self, *kinds):
        """The next frame of one of these kinds."""
        async with asyncio.timeout(30):
            while (found := await self.frames.get())["type"] not in kinds:
                pass
        return found

    def heard(self):
        return [self.frames.get_nowait() for _ in range(self.frames.qsize())]


def seated(made: Hub, *topics: str) -> Browser:
    """A socket's place in the fan-out, without a line to Valkey behind it: the hub stands at number 0 of the epoch e."""
    browser = Browser()
    made.lines[browser.line] = None
    made._audiences.seat(browser.line, frozenset(topics), told=0)
    if not made.link.is_up:
        made.stand_at("e", 0)
    browser.heard()
    return browser


@pytest.fixture
async def quick():
    """A hub that beats ten times a second."""
    made = Hub(window=0.1, beat=0.1, echo=0.5)
    yield made
    tasks = made._tasks
    for line in list(made.lines):
        made.leave(line)
    if tasks:
        await asyncio.wait(tasks, timeout=3)


def joined(made: Hub) -> Browser:
    browser = Browser()
    assert made.join(browser.line)
    return browser


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


async def test_what_could_not_be_published_is_told_as_lost_once_valkey_answers(valkey, settings, monkeypatch, quick):
    monkeypatch.setattr(live, "AGAIN", 0.1)
    browser = joined(quick)
    await browser.hears("beat")
    url, settings.VALKEY_URL = settings.VALKEY_URL, "unix:///nowhere/valkey.sock"
    live._client.cache_clear()
    assert await sync_to_async(live.publish)("alert.opened", "account:1") is None
    settings.VALKEY_URL = url
    live._client.cache_clear()
    assert (await browser.hears("resync"))["type"] == "resync"


async def test_a_published_hint_reaches_the_group_as_the_layer_would_send_it(valkey):
    layer = live.fresh_layer()
    channel = await layer.new_channel()
    await layer.group_add("live", channel)
    await sync_to_async(live.publish)("alert.opened", "account:7")
    async with asyncio.timeout(30):
        message = await layer.receive(channel)
    await layer.flush()
    assert message == {"type": "live.hint", "kind": "alert.opened", "subjects": ["account:7"], "seq": 1, "epoch": live.position().split(":")[0]}


async def test_the_first_hint_leaves_at_once_and_the_rest_of_the_window_as_one_frame():
    made = Hub(window=0.05)
    browser = seated(made, "alert", "risk", "account:2", "account:4")
    made.receive(hint(1))
    assert [(one["first"], one["last"], one["kinds"]) for one in browser.heard()] == [(1, 1, ["alert.opened"])]
    for seq, kind in ((2, "risk.raised"), (3, "alert.opened"), (4, "risk.raised")):
        made.receive(hint(seq, kind, f"account:{seq}"))
    assert browser.heard() == []
    assert await browser.hears("change") == {
        "type": "change",
        "epoch": "e",
        "after": 1,
        "first": 2,
        "last": 4,
        "kinds": ["alert.opened", "risk.raised"],
        # Account 3 is somebody's business, but this page did not ask for it.
        "subjects": ["account:2", "account:4"],
    }


async def test_a_busy_topic_does_not_hold_up_another():
    made = Hub(window=60)
    busy, calm = seated(made, "activity"), seated(made, "alert")
    for seq in (1, 2, 3):
        made.receive(hint(seq, "activity.received"))
    made.receive(hint(4))
    assert [one["last"] for one in busy.heard()] == [1]
    assert [one["last"] for one in calm.heard()] == [4]


async def test_a_page_hears_only_of_its_topics_and_knows_from_the_numbers_that_it_missed_nothing():
    made = Hub(window=0)
    kinds, subject, everything = seated(made, "alert"), seated(made, "account:7"), seated(made, "*")
    for seq, kind, of in (
        (1, "risk.raised", "account:1"),
        (2, "alert.opened", "account:1"),
        (3, "risk.raised", "account:7"),
        (4, "alert.changed", "x:1"),
    ):
        made.receive(hint(seq, kind, of))
        await asyncio.sleep(0.005)
    assert [(one["after"], one["last"]) for one in kinds.heard()] == [(0, 2), (2, 4)]
    assert [(one["after"], one["last"], one["subjects"]) for one in subject.heard()] == [(0, 3, ["account:7"])]
    assert [(one["after"], one["last"], one["subjects"]) for one in everything.heard()] == [(0, 1, None), (1, 2, None), (2, 3, None), (3, 4, None)]


async def test_too_many_subjects_are_told_as_many_to_all_who_listen_to_any():
    made = Hub(window=0)
    browser, other = seated(made, "account:999"), seated(made, "alert")
    made.receive(hint(1, "risk.raised") | {"subjects": [f"account:{number}" for number in range(MOST_SUBJECTS + 1)]})
    assert [one["subjects"] for one in browser.heard()] == [None]
    assert other.heard() == []


async def test_a_hint_lost_before_the_hub_makes_every_page_fetch_anew():
    made = Hub(window=0)
    alerts, accounts = seated(made, "alert"), seated(made, "account:7")
    made.receive(hint(1))
    made.receive(hint(3, "risk.raised", "account:9"))
    assert [(one["type"], one["last"]) for one in alerts.heard()] == [("change", 1), ("resync", 3)]
    assert [(one["type"], one["last"]) for one in accounts.heard()] == [("resync", 3)]


async def test_a_new_epoch_makes_every_page_fetch_anew_whatever_its_number():
    made = Hub(window=0)
    browser = seated(made, "alert")
    made.receive(hint(1, epoch="new"))
    made.receive(hint(2, epoch="new"))
    assert [(one["type"], one["epoch"], one["last"]) for one in browser.heard()] == [("resync", "new", 1), ("change", "new", 2)]


async def test_a_slow_socket_keeps_only_the_newest_frame_and_holds_nobody_up():
    made = Hub(window=0)
    slow, quick, before = seated(made, "alert"), seated(made, "alert"), Line.skipped
    slow.reads.clear()
    for seq in range(1, 6):
        made.receive(hint(seq))
        await asyncio.sleep(0.005)
    assert [one["last"] for one in quick.heard()] == [1, 2, 3, 4, 5]
    assert slow.line.is_parked
    slow.reads.set()
    first, skipped = await slow.hears("change"), await slow.hears("change")
    # 5 comes after 4, which this socket has not seen, so its page finds the gap.
    assert (first["last"], skipped["after"], skipped["last"]) == (1, 4, 5)
    # 2, 3 and 4 were each put out of their place by the next.
    assert Line.skipped - before == 3
    assert not slow.line.is_parked


async def test_a_socket_that_stays_stuck_is_cut(monkeypatch):
    monkeypatch.setattr("apps.dashboards.hub.PARKED_AT_MOST", 0)
    made = Hub(window=0)
    stuck = seated(made, "alert")
    stuck.reads.clear()
    made.receive(hint(1))
    stop = asyncio.Event()
    rounds = asyncio.create_task(made._rounds(stop))
    await asyncio.sleep(0.05)
    stop.set()
    await rounds
    assert stuck.line.gone


async def test_a_thousand_sockets_share_one_subscription_and_one_text(valkey, quick):
    browsers = [joined(quick) for _ in range(1)]
    for _ in range(999):
        browser = Browser()
        browser.line.who = Pass(1000 + len(browsers), "s", "a")
        assert quick.join(browser.line)
        browsers.append(browser)
    await asyncio.gather(*(browser.hears("beat") for browser in browsers))
    await sync_to_async(live.publish)("alert.opened", "account:1")
    frames = await asyncio.gather(*(browser.hears("change") for browser in browsers))
    assert {one["last"] for one in frames} == {1}
    assert quick.link.subscriptions == 1
    assert len(list(quick._audiences)) == 1


@pytest.mark.parametrize(
    ("topics", "position", "missed"),
    [
        ("alert", "e:10", False),
        ("alert", "e:9", True),
        ("account:1", "e:9", True),
        ("risk", "e:9", False),
        ("account:2", "e:9", False),
        # Older than what the hub remembers, of another counter, or of a page made while Valkey was away.
        ("risk", "e:4", True),
        ("risk", "other:10", True),
        ("risk", "", True),
    ],
)
def test_a_page_is_told_whether_it_missed_something_between_its_figures_and_its_socket(topics, position, missed):
    memory = Memory()
    memory.begin("e", 5)
    memory.note(hint(10))
    assert memory.missed(frozenset(topics.split()), position) is missed


def test_what_the_hub_forgets_counts_as_missed(monkeypatch):
    monkeypatch.setattr("apps.dashboards.audiences.MOST_REMEMBERED", 3)
    memory = Memory()
    memory.begin("e", 0)
    for seq, account in ((1, 1), (2, 2), (3, 3)):
        memory.note(hint(seq, subject=f"account:{account}"))
    assert memory.missed(frozenset({"account:1"}), "e:0") is True
    assert memory.missed(frozenset({"account:1"}), "e:2") is False


async def test_a_page_made_while_hints_go_on_hears_all_of_them_or_is_told_to_fetch(valkey, quick):
    browser = joined(quick)
    await browser.hears("beat")
    await sync_to_async(live.publish)("alert.opened", "account:1")
    since = await sync_to_async(live.position)()
    await browser.hears("change")
    await quick.subscribe(browser.line, ["alert"], since)
    ready = await browser.hears("ready")
    ready.pop("vitals", None)
    assert ready == {"type": "ready", "epoch": since.split(":")[0], "last": 1, "missed": False, "refused": []}
    await sync_to_async(live.publish)("alert.opened", "account:1")
    await browser.hears("change")
    await quick.subscribe(browser.line, ["alert", "risk"], since)
    assert (await browser.hears("ready"))["missed"] is True
    await quick.subscribe(browser.line, ["risk"], since)
    assert (await browser.hears("ready"))["missed"] is False


async def test_beats_tell_where_the_counter_is_even_when_the_hint_itself_was_lost(valkey, quick):
    browser = joined(quick)
    assert (await browser.hears("beat"))["last"] == 0
    valkey.incr(live.keys()[1])
    assert (await browser.hears("resync"))["last"] == 1
    beat = await browser.hears("beat")
    assert (beat["after"], beat["last"]) == (1, 1)


async def test_an_older_copy_of_valkeys_data_begins_a_new_epoch(valkey, quick):
    browser = joined(quick)
    await browser.hears("beat")
    for _ in range(5):
        await sync_to_async(live.publish)("alert.opened", "account:1")
    epoch = (await browser.hears("change"))["epoch"]
    await asyncio.sleep(0.3)
    valkey.set(live.keys()[1], 2)
    again = await browser.hears("resync")
    assert again["epoch"] != epoch


async def test_a_reader_whose_line_was_cut_subscribes_again_and_tells_pages_to_fetch(valkey, quick, settings):
    # Its lines have a name, for other tests use the same server at the same time.
    layer = settings.CHANNEL_LAYERS["default"]
    named = f"{settings.VALKEY_URL}?client_name=cut-{os.getpid()}"
    settings.CHANNEL_LAYERS = {"default": layer | {"CONFIG": layer["CONFIG"] | {"hosts": [named]}}}
    browser = joined(quick)
    await browser.hears("beat")
    lines = [line["id"] for line in valkey.client_list() if line["name"] == f"cut-{os.getpid()}"]
    assert lines
    for line in lines:
        valkey.client_kill_filter(_id=line)
    await browser.hears("resync")
    await sync_to_async(live.publish)("alert.opened", "account:1")
    assert (await browser.hears("change"))["kinds"] == ["alert.opened"]
    assert quick.link.subscriptions > 1
    assert 0 < quick.link.lag < 5


async def test_how_the_system_is_stands_in_the_beats_and_a_change_is_told_at_once(quick, valkey, monkeypatch):
    said = ["ok"]
    monkeypatch.setattr("apps.dashboards.vitals.state", lambda now: said[0])
    monkeypatch.setattr("apps.dashboards.hub.FEEL_EVERY", 0.1)
    monkeypatch.setattr("apps.dashboards.hub.ROUND", 0.1)
    browser = joined(quick)
    assert (await browser.hears("vitals"))["vitals"] == "ok"
    said[0] = "worker stopped"
    assert (await browser.hears("vitals"))["vitals"] == "worker stopped"
    assert (await browser.hears("beat"))["vitals"] == "worker stopped"


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
