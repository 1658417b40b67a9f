"""Two web processes, three hundred sockets, and what goes wrong in the night: real uvicorn, real Valkey, a client of its own."""

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import connection
from django.test import Client as Browser
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from apps.dashboards import live
from benchmarks.live_fanout import cost_of_ours, limit_of
from tests.live_house import House, house, people, updates
from tests.product import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 300


@pytest.fixture
def two() -> Iterator[House]:
    with TemporaryDirectory(prefix="cs-live-") as folder, house(Path(folder)) as made:
        made.start_web(2)
        yield made


def line(port: int, session: str, ticket: str) -> ClientConnection:
    headers = {"Cookie": f"sessionid={session}"}
    return connect(f"ws://127.0.0.1:{port}/ws/live/?ticket={ticket}", additional_headers=headers, origin=f"http://127.0.0.1:{port}", max_size=None)


def end_of(socket: ClientConnection) -> int:
    """With what code the server closes."""
    try:
        while True:
            socket.recv(timeout=60)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 0


def test_everybody_hears_everything_in_both_processes_and_who_signs_out_hears_no_more(two):
    known = people(MANY)
    crowd = two.gather(known)
    assert crowd.do("connect", count=MANY, ports=two.ports) | {"seconds": 0} == {"ready": MANY, "refused": 0, "seconds": 0}
    heard = crowd.begin("count", ticks=10, limit=30)
    updates(10, every=0.3)
    heard = heard()
    assert (heard["got"], heard["lost"], heard["gaps"], heard["closed"]) == (MANY * 10, 0, 0, 0)

    # One session's sockets, in both processes; everybody else stays.
    browser = Browser()
    browser.cookies["sessionid"] = known[0][1]
    crowd.do("closed", count=0, limit=0)
    mine = len([number for number in range(MANY) if number % len(known) == 0])
    assert browser.post("/admin/logout/").status_code == 200
    ended = crowd.do("closed", count=mine, limit=5)
    assert ended["codes"] == [4401] * mine
    assert ended["seconds"] < 2
    assert crowd.do("listen", seconds=0.5)["open"] == MANY - mine


def test_a_person_has_fifty_sockets_over_all_processes_and_nobody_is_disturbed_by_a_rude_page(two):
    [(user, session, ticket), (_, others, another)] = people(80)
    crowd = two.gather([(user, session, ticket)])
    assert crowd.do("connect", count=50, ports=two.ports)["ready"] == 50
    # The processes tell each other what they hold within a moment.
    assert wait_for(lambda: end_of_first(two.ports[0], session, ticket) == 4429, what="the fifty-first to be refused")

    calm = line(two.ports[0], others, another)
    calm.send(json.dumps({"topics": ["alert"], "since": ""}))
    rude = line(two.ports[0], others, another)
    rude.send("x" * 5_000_000)
    assert end_of(rude) == 1009
    rude = line(two.ports[0], others, another)
    began = time.monotonic()
    assert end_of_talking(rude) == 1008
    assert time.monotonic() - began < 2
    live.publish("alert.opened", "account:1")
    while json.loads(calm.recv(timeout=30))["type"] != "change":
        pass
    calm.close()


def end_of_talking(socket: ClientConnection) -> int:
    """With what code a page is closed that says a thousand things a second."""
    try:
        while True:
            socket.send("and another thing")
            time.sleep(0.001)
    except ConnectionClosed:
        return end_of(socket)


def end_of_first(port: int, session: str, ticket: str) -> int:
    """The code with which a socket is closed at once, or 0 for one that is let in."""
    socket = line(port, session, ticket)
    try:
        socket.recv(timeout=0.5)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 0
    except TimeoutError:
        pass
    socket.close()
    return 0


def test_a_valkey_that_is_killed_and_comes_back_empty_makes_every_page_fetch_anew(two):
    crowd = two.gather(people(MANY))
    crowd.do("connect", count=MANY, ports=two.ports)
    two.broker.kill()
    # Said into nothing: only the fetching anew can tell of it.
    assert live.publish("bench.1.1", "bench:all") is None
    two.broker.start()
    assert crowd.do("resynced", limit=30)["told"] == MANY
    heard = crowd.begin("count", ticks=3, limit=30)
    updates(3, every=0.3)
    heard = heard()
    assert (heard["lost"], heard["closed"], heard["gaps"]) == (0, 0, 0)


def test_readers_who_sleep_take_nothing_from_those_who_are_awake(two):
    """Loopback keeps some megabytes of each socket in the kernel, so only big frames show it."""
    sockets, stuck, ticks, size = 60, 3, 50, 100_000
    crowd = two.gather(people(sockets))
    crowd.do("connect", count=sockets, ports=two.ports, stuck=stuck)
    before = sum(map(resident, two.pids()))
    heard = crowd.begin("count", ticks=ticks, limit=60)
    updates(ticks, every=0.26, size=size)
    heard = heard()
    assert (heard["wanted"], heard["lost"], heard["gaps"]) == ((sockets - stuck) * ticks, 0, 0)
    # Five megabytes were meant for each sleeper.
    assert sum(map(resident, two.pids())) - before < stuck * ticks * size


def test_a_web_process_keeps_no_database_lines_of_requests_that_are_over(two):
    """Each request has its own thread, and the collector that used to close their lines seldom wakes now."""
    browser = people(1)[0][1]
    for _ in range(80):
        asked = urllib.request.Request(f"http://127.0.0.1:{two.ports[0]}/board/", headers={"Cookie": f"sessionid={browser}"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert answer.status == 200
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")
        assert cursor.fetchone()[0] <= 8


def resident(pid: int) -> int:
    """Bytes that only this process holds."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def test_a_delivery_costs_a_small_multiple_of_what_the_system_itself_takes_for_it():
    """The full size is `make bench ONLY=live_fanout`; with few sockets the hub's own life weighs more than there."""
    with TemporaryDirectory(prefix="cs-live-") as folder, house(Path(folder)) as made:
        limit = limit_of(made, MANY, every=0.3)
        ours = cost_of_ours(made, MANY, 1, every=0.3)
    assert (ours["lost"], ours["gaps"], ours["closed"]) == (0, 0, 0)
    assert ours["us_per_delivery"] / limit["us_per_delivery"] < 8
